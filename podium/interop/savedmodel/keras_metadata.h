#pragma once
#include <string_view>

#include "podium/interop/graph_importer.h"

namespace podium::interop {
/// The regularizers and constraints of the layers that keras_metadata.pb describes, which tf-keras' model.save() writes
/// beside saved_model.pb: a training that goes on would not keep them. Throws Error if the file is damaged.
void note_keras_metadata(std::string_view bytes, GraphImporter& importer);
}  // namespace podium::interop
