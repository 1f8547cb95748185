#pragma once
#include <optional>

#include "podium/interop/graph_importer.h"
#include "podium/interop/savedmodel/bundle_reader.h"

namespace podium::interop {
/// Adagrad's accumulators and step out of a checkpoint that has them, found through its graph of objects; nothing if
/// there is no such optimizer. The importer is told what is left out. Throws Error if what stands there is damaged.
std::optional<AdagradState> read_adagrad(const Bundle& checkpoint, GraphImporter& importer);
}  // namespace podium::interop
