#include "podium/interop/weights/write.h"

#include "podium/interop/export.h"
#include "podium/interop/weights/npz.h"
#include "podium/interop/weights/tensors.h"

namespace podium::interop {
void write_weights_safetensors(const ModelView& model, const std::string& to) {
  const ModelTensors tensors(model);
  const NewFile file = safetensors_file("weights.safetensors", tensors.views());
  write_export(to, {&file, 1});
}

void write_weights_npz(const ModelView& model, const std::string& to) {
  const ModelTensors tensors(model);
  const NpzFile npz("weights.npz", tensors.views());
  write_export(to, {&npz.file(), 1});
}
}  // namespace podium::interop
