#include "podium/nn/shared_prefix.h"

#include <algorithm>
#include <cstring>

#include "podium/nn/activation.h"

namespace podium::nn {
namespace {
using graph::ValueId;

/// The Lookups of the feature that stand first in a Concat, if they live inside it.
std::vector<ValueId> leading_lookups(const graph::Graph& graph, const Plan& plan, ValueId concat,
                                     graph::FeatureId feature) {
  std::vector<ValueId> found;
  for (const ValueId input : std::get<graph::Concat>(graph.nodes[concat]).inputs) {
    const auto* lookup = std::get_if<graph::Lookup>(&graph.nodes[input]);
    if (lookup == nullptr || lookup->feature != feature || plan.values[input].home != concat) break;
    found.push_back(input);
  }
  return found;
}
}  // namespace

std::optional<SharedPrefix> SharedPrefix::find(const graph::Graph& graph, const Executor& executor,
                                               const GemmKernel& kernel, const Weights& weights,
                                               graph::FeatureId feature) {
  const Plan& plan = executor.plan();
  for (ValueId id = 0; id < graph.nodes.size(); ++id) {
    const auto* dense = std::get_if<graph::Dense>(&graph.nodes[id]);
    if (dense == nullptr || !std::holds_alternative<graph::Concat>(graph.nodes[dense->input])) continue;
    if (plan.values[dense->input].home != dense->input || !is_read_by_alone(graph, dense->input, id)) continue;
    if (!kernel.may_be_cut(dense->units)) continue;
    SharedPrefix prefix(graph, executor, kernel, weights);
    prefix.dense_ = id;
    prefix.lookups_ = leading_lookups(graph, plan, dense->input, feature);
    std::size_t width = 0;
    for (const ValueId lookup : prefix.lookups_) width += plan.values[lookup].width;
    const std::size_t in = plan.values[dense->input].width;
    if (width == 0 || width == in) continue;
    const float* matrix = weights.tensors[plan.values[id].kernel].values.data();
    kernel.pack(matrix, width, dense->units, prefix.lead_);
    kernel.pack(matrix + width * dense->units, in - width, dense->units, prefix.rest_);
    return prefix;
  }
  return std::nullopt;
}

void SharedPrefix::start(std::uint32_t id, Sums& sums, GemmScratch& scratch) const {
  float* to = sums.vectors.data();
  for (const ValueId value : lookups_) {
    const std::size_t width = executor_->plan().values[value].width;
    const Tensor& table = weights_->tensors[std::get<graph::Lookup>(graph_->nodes[value]).table];
    std::memcpy(to, table.values.data() + std::size_t{id} * width, width * sizeof(float));
    to += width;
  }
  const std::size_t bias = executor_->plan().values[dense_].bias;
  kernel_->forward({sums.vectors.data(), 1, lead_.in}, lead_,
                   bias == Plan::kNone ? nullptr : weights_->tensors[bias].values.data(), /*with_relu=*/false,
                   {sums.sums.data(), 1, lead_.out}, scratch);
}

void SharedPrefix::forward(const Tile& tile, const Sums& sums) const {
  for (ValueId id = 0; id < graph_->nodes.size(); ++id) {
    if (id == dense_) {
      const auto& dense = std::get<graph::Dense>(graph_->nodes[id]);
      const MatrixView x = tile.value(dense.input), y = tile.value(id);
      const bool relu = dense.activation == graph::Activation::relu;
      kernel_->forward({x.data + lead_.in, x.rows, rest_.in, x.stride}, rest_, sums.sums.data(), relu, y,
                       tile.workspace().gemm, {.result = tile.form(id)});
      if (!relu) activate(dense.activation, y);
    } else if (std::ranges::find(lookups_, id) == lookups_.end()) {
      executor_->forward_node(*weights_, tile, nullptr, id);
    }
  }
}
}  // namespace podium::nn
