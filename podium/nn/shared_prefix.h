#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "podium/core/gemm.h"
#include "podium/nn/executor.h"

namespace podium::nn {
/// What a forward pass can spare where all rows have one id of a feature, as the candidates of one user have: a dense
/// layer over [the feature's vectors | others] computes its sums over the first part once, and every row goes on from
/// them. The same bits as Executor::forward.
class SharedPrefix {
 public:
  /// Nothing if the graph has no such layer, or if the kernel's order of sums does not allow it. All outlive the
  /// result, whose weights are packed when it is made.
  static std::optional<SharedPrefix> find(const graph::Graph& graph, const Executor& executor, const GemmKernel& kernel,
                                          const Weights& weights, graph::FeatureId feature);

  /// One thread's memory.
  struct Sums {
    AlignedFloats vectors, sums;  // [width], [units]
  };
  Sums memory() const { return {AlignedFloats(lead_.in), AlignedFloats(lead_.out)}; }

  /// Computes the layer's sums for an id of the feature.
  void start(std::uint32_t id, Sums& sums, GemmScratch& scratch) const;
  /// Computes every value of the tile but the feature's vectors, which are not looked up.
  void forward(const Tile& tile, const Sums& sums) const;

 private:
  SharedPrefix(const graph::Graph& graph, const Executor& executor, const GemmKernel& kernel, const Weights& weights)
      : graph_(&graph), executor_(&executor), kernel_(&kernel), weights_(&weights) {}

  const graph::Graph* graph_;
  const Executor* executor_;
  const GemmKernel* kernel_;
  const Weights* weights_;
  graph::ValueId dense_ = 0;
  std::vector<graph::ValueId> lookups_;  // the first inputs of the layer's Concat
  PackedWeights lead_, rest_;            // the kernel's rows of the lookups, and the others
};
}  // namespace podium::nn
