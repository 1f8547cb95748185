#pragma once
#include <cstddef>
#include <cstdint>

#include "podium/graph/graph.h"
#include "podium/nn/optimizer_options.h"

namespace podium::nn {
/// Bytes that training a graph (tables sized) holds at once.
struct TrainingMemory {
  std::uint64_t weights = 0, slots = 0;
  /// About: the lanes' dense gradients, packed kernels, the batch's gradients and ids, each thread's tile.
  std::uint64_t step = 0;
};
TrainingMemory training_memory(const graph::Graph& graph, const Optimizer& optimizer, std::size_t batch_rows,
                               std::size_t threads);
}  // namespace podium::nn
