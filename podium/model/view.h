#pragma once
#include <string>
#include <vector>

#include "podium/model/load.h"

namespace podium {
/// A model and its record, wherever the weights are. Looks into what it is made of, which must outlive it.
struct ModelView {
  ModelView(const LoadedModel& model);  // NOLINT(google-explicit-constructor): a view, as a span is
  ModelView(const StoredModel& model);  // NOLINT(google-explicit-constructor)

  /// Throws Error if there is none of that name.
  const TensorView& weight(std::string_view name) const;

  const graph::Graph& graph;
  const Features& features;
  const ModelOptions& options;
  const ModelRecord& record;
  const std::string& directory;
  std::vector<TensorView> weights;  // in the order of graph::parameters()
};
}  // namespace podium
