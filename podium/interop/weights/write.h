#pragma once
#include <string>

#include "podium/model/load.h"

namespace podium::interop {
/// Writes the weights and vocabularies alone, as `to`/weights.safetensors or `to`/weights.npz and a MANIFEST. Throws
/// Error if they can't be written.
void write_weights_safetensors(const LoadedModel& model, const std::string& to);
void write_weights_npz(const LoadedModel& model, const std::string& to);
}  // namespace podium::interop
