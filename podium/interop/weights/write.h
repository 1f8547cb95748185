#pragma once
#include <string>

#include "podium/model/view.h"

namespace podium::interop {
/// Writes the weights and vocabularies alone, as `to`/weights.safetensors or `to`/weights.npz (for numpy.load) and a
/// MANIFEST; both hold the arrays that weights/tensors.h names. Throws Error if they can't be written, and the npz if
/// it would be 4 GB or more.
void write_weights_safetensors(const ModelView& model, const std::string& to);
void write_weights_npz(const ModelView& model, const std::string& to);
}  // namespace podium::interop
