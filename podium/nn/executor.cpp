#include "podium/nn/executor.h"

#include <algorithm>
#include <cassert>

#include "podium/nn/nodes.h"

namespace podium::nn {
Executor::Executor(const graph::Graph& graph, const GemmKernel& kernel, const std::vector<graph::ValueId>& seeds)
    : graph_(graph),
      kernel_(kernel),
      seeds_(seeds),
      plan_(make_plan(graph, seeds, kernel.least_formed())),
      packed_(graph::parameters(graph).size()) {}

void Executor::prepare(const Weights& weights) {
  for (std::size_t index = 0; index < packed_.size(); ++index) prepare(weights, index);
}

void Executor::prepare(const Weights& weights, std::size_t index) {
  const auto is_kernel = [&](const Plan::Value& value) { return value.kernel == index; };
  if (std::ranges::none_of(plan_.values, is_kernel)) return;
  const Tensor& tensor = weights.tensors[index];
  kernel_.pack(tensor.values.data(), tensor.shape[0], tensor.shape[1], packed_[index]);
}

void Executor::forward(const Weights& weights, const Tile& tile, const TrainingPass* training) const {
  for (graph::ValueId id = 0; id < graph_.nodes.size(); ++id) forward_node(weights, tile, training, id);
}

void Executor::forward_node(const Weights& weights, const Tile& tile, const TrainingPass* training,
                            graph::ValueId id) const {
  const NodePass pass{id, weights, packed_, kernel_, tile, training};
  std::visit([&](const auto& node) { nn::forward(node, pass); }, graph_.nodes[id]);
}

void Executor::backward(const Weights& weights, const Tile& tile, const TrainingPass& training,
                        const GradientSinks& sinks) const {
  std::vector<bool>& written = tile.workspace().written;
  std::fill(written.begin(), written.end(), false);
  for (const graph::ValueId seed : seeds_) written[seed] = true;
  for (auto id = static_cast<graph::ValueId>(graph_.nodes.size()); id-- > 0;) {
    if (!plan_.values[id].trains) continue;
    const NodePass pass{id, weights, packed_, kernel_, tile, &training, &sinks, &written};
    if (written[id]) {
      std::visit([&](const auto& node) { nn::backward(node, pass); }, graph_.nodes[id]);
    } else if (std::holds_alternative<graph::Lookup>(graph_.nodes[id])) {
      // No loss depends on it, but its rows are summed with the batch's.
      const MatrixView gradient = tile.gradient(id, sinks);
      for (std::size_t r = 0; r < gradient.rows; ++r) std::ranges::fill(gradient.row(r), 0.0F);
    }
  }
}
}  // namespace podium::nn
