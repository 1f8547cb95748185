#include "podium/interop/savedmodel/write.h"

#include "podium/core/error.h"

namespace podium::interop {
void write_saved_model(const LoadedModel&, const std::string& to, const SavedModelOptions&) {
  throw Error(to + ": this build can't write a SavedModel");
}
}  // namespace podium::interop
