#include "podium/nn/regularization.h"

#include <numeric>
#include <span>

#include "podium/nn/plan.h"

namespace podium::nn {
namespace {
double squares(std::span<const float> values) {
  return std::transform_reduce(values.begin(), values.end(), values.begin(), 0.0, std::plus<>(),
                               [](float a, float b) { return double{a} * b; });
}
}  // namespace

double regularization(const graph::Graph& graph, const Weights& weights, const Batch& rows) {
  if (rows.rows == 0) return 0.0;
  const Plan plan = make_plan(graph, {graph.outputs.front().value});
  double sum = 0.0;
  for (std::size_t id = 0; id < graph.nodes.size(); ++id) {
    const auto* dense = std::get_if<graph::Dense>(&graph.nodes[id]);
    if (dense != nullptr && dense->l2 != 0.0F) {
      sum += double{dense->l2} * squares(weights.tensors[plan.values[id].kernel].values);
    }
  }
  for (std::size_t table = 0; table < graph.tables.size(); ++table) {
    const float l2 = graph.tables[table].l2;
    if (l2 == 0.0F) continue;
    const std::size_t dim = graph.tables[table].dim;
    std::vector<std::size_t> counts(graph.tables[table].rows);
    for (const graph::ValueId lookup : plan.lookups[table]) {
      const auto feature = std::get<graph::Lookup>(graph.nodes[lookup]).feature;
      for (const std::uint32_t id : std::get<Ids>(rows.features[feature]).ids) ++counts[id];
    }
    double vectors = 0.0;
    for (std::size_t row = 0; row < counts.size(); ++row) {
      if (counts[row] == 0) continue;
      const auto vector = std::span(weights.tensors[table].values).subspan(row * dim, dim);
      vectors += static_cast<double>(counts[row]) * squares(vector);
    }
    sum += double{l2} * vectors / static_cast<double>(rows.rows);
  }
  return sum;
}
}  // namespace podium::nn
