#include "podium/nn/tile.h"

#include <algorithm>

namespace podium::nn {
namespace {
MatrixView columns_of(float* home, std::size_t rows, std::size_t home_width, const Plan::Value& value) {
  return {home + value.column, rows, value.width, home_width};
}
}  // namespace

Workspace::Workspace(const Plan& plan, std::size_t rows)
    : values(plan.values.size()),
      preactivations(plan.values.size()),
      gradients(plan.values.size()),
      forms(plan.values.size()),
      written(plan.values.size()) {
  std::size_t widest = 0;
  for (std::size_t v = 0; v < plan.values.size(); ++v) {
    const Plan::Value& planned = plan.values[v];
    widest = std::max(widest, planned.width);
    if (planned.preactivation) preactivations[v].resize(rows * planned.width);
    if (planned.home != v) continue;
    values[v].resize(rows * planned.width);
    if (planned.gradient == GradientHome::tile) gradients[v].resize(rows * planned.width);
  }
  spare.resize(rows * widest);
}

MatrixView Tile::value(graph::ValueId value) const {
  const Plan::Value& planned = plan_.values[value];
  return columns_of(workspace_.values[planned.home].data(), rows_.size(), plan_.values[planned.home].width, planned);
}

MatrixView Tile::preactivation(graph::ValueId value) const {
  auto& kept = workspace_.preactivations[value];
  return kept.empty() ? MatrixView() : MatrixView(kept.data(), rows_.size(), plan_.values[value].width);
}

MatrixView Tile::gradient(graph::ValueId value, const GradientSinks& sinks) const {
  const Plan::Value& planned = plan_.values[value];
  const std::size_t width = plan_.values[planned.home].width;
  float* home = nullptr;
  switch (plan_.values[planned.home].gradient) {
    case GradientHome::over_value:
      home = workspace_.values[planned.home].data();
      break;
    case GradientHome::tile:
      home = workspace_.gradients[planned.home].data();
      break;
    case GradientHome::batch:
      home = (*sinks.batch)[planned.home].data() + first_ * width;
      break;
  }
  return columns_of(home, rows_.size(), width, planned);
}
}  // namespace podium::nn
