#include "podium/model/view.h"

#include <algorithm>

#include "podium/core/error.h"

namespace podium {
ModelView::ModelView(const LoadedModel& model)
    : graph(model.model.graph()),
      features(model.model.features()),
      options(model.model.options()),
      record(model.record),
      directory(model.directory) {
  for (const nn::Tensor& tensor : model.model.weights().tensors) {
    weights.push_back(view_of(tensor.name, tensor.shape, tensor.values));
  }
}

ModelView::ModelView(const StoredModel& model)
    : graph(model.graph),
      features(model.features),
      options(model.options),
      record(model.record),
      directory(model.directory) {
  for (const graph::Parameter& parameter : graph::parameters(graph)) {
    weights.push_back(model.weights.tensor(parameter.name));
  }
}

const TensorView& ModelView::weight(std::string_view name) const {
  const auto found = std::ranges::find(weights, name, &TensorView::name);
  if (found == weights.end()) throw Error(directory + ": there are no weights \"" + std::string(name) + "\"");
  return *found;
}
}  // namespace podium
