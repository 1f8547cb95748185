#include "podium/interop/onnx/write.h"

#include "podium/core/error.h"

namespace podium::interop {
void write_onnx(const LoadedModel&, const std::string& to, const OnnxOptions&) {
  throw Error(to + ": this build can't write ONNX");
}
}  // namespace podium::interop
