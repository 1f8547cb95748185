#pragma once
#include <vector>

#include "podium/core/gemm.h"
#include "podium/nn/plan.h"
#include "podium/nn/tile.h"
#include "podium/nn/weights.h"

namespace podium::nn {
/// Runs a graph on tiles of rows, forward and backward. After prepare() any number of threads may run tiles, each with
/// a workspace of its own. A row's values have the same bits in any tile.
class Executor {
 public:
  /// The graph and the kernel outlive the executor. `seeds`: the values whose gradients a loss will set.
  Executor(const graph::Graph& graph, const GemmKernel& kernel, const std::vector<graph::ValueId>& seeds);

  const Plan& plan() const { return plan_; }

  /// Packs the dense weights for the kernel; call it again when they changed.
  void prepare(const Weights& weights);
  /// Packs dense tensor `index` alone, as far as it is a kernel. Different tensors may be packed at once.
  void prepare(const Weights& weights, std::size_t index);

  /// Computes every value of the tile. training: null when predicting (dropout passes its input through).
  void forward(const Weights& weights, const Tile& tile, const TrainingPass* training) const;

  /// Computes one value, whose inputs are computed.
  void forward_node(const Weights& weights, const Tile& tile, const TrainingPass* training, graph::ValueId id) const;

  /// From the gradients of the seeds, which the caller has set, to the sinks. The tile's values must be those that
  /// forward left; some are overwritten.
  void backward(const Weights& weights, const Tile& tile, const TrainingPass& training,
                const GradientSinks& sinks) const;

 private:
  const graph::Graph& graph_;
  const GemmKernel& kernel_;
  std::vector<graph::ValueId> seeds_;
  Plan plan_;
  std::vector<PackedWeights> packed_;  // [tensors]; empty where it is no kernel
};
}  // namespace podium::nn
