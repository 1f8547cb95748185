#pragma once
#include <span>
#include <string>
#include <vector>

#include "podium/core/publish.h"
#include "podium/core/safetensors.h"

namespace podium::interop::savedmodel {
/// The key of the object graph in a checkpoint.
inline constexpr const char* kObjectGraphKey = "_CHECKPOINTABLE_OBJECT_GRAPH";

/// The two files of a TensorFlow checkpoint (a tensor bundle of one shard), PREFIX.index and
/// PREFIX.data-00000-of-00001: `object_graph` (a serialized TrackableObjectGraph) and the tensors by name. The second
/// looks into the tensors' bytes, which are read here once, for their checksums.
///   tensors  F32 or I64, of different names; in any order
std::vector<NewFile> bundle_files(const std::string& prefix, const std::string& object_graph,
                                  std::span<const TensorView> tensors);
}  // namespace podium::interop::savedmodel
