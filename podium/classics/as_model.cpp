#include "podium/classics/as_model.h"

#include <array>
#include <utility>

#include "podium/core/error.h"

namespace podium::classics {
Model as_model(const Factors& factors, Features features, const std::string& label, const ModelOptions& options) {
  if (features.features.size() != 2 || features.encoders.size() != 2) {
    throw Error("factors as a model: " + std::to_string(features.features.size()) +
                " features; give the user's and the item's");
  }
  struct Part {
    std::string table;
    const std::vector<float>& values;
  };
  const std::array names = {graph::column_of(features.features[0]), graph::column_of(features.features[1])};
  const std::array biases = {Part{names[0] + "_bias", factors.user_bias}, Part{names[1] + "_bias", factors.item_bias}};
  const std::array vectors = {Part{names[0], factors.user_vectors}, Part{names[1], factors.item_vectors}};

  GraphBuilder builder;
  const auto embed = [&](std::size_t side, const std::string& table, std::size_t dim) {
    return builder.embed(features.features[side], {.name = table, .dim = dim, .initializer = graph::Zeros{}});
  };
  // Both sides always have a table, of zeros where the factors know nothing, so that both features are of the graph.
  std::vector<graph::ValueId> terms = {embed(0, biases[0].table, 1), embed(1, biases[1].table, 1)};
  if (factors.dim > 0) {
    const auto user = embed(0, vectors[0].table, factors.dim), item = embed(1, vectors[1].table, factors.dim);
    terms.push_back(builder.dot(user, item));
  }
  builder.output(label, builder.bias(builder.add(terms), graph::Constant{factors.mean}));

  Model model(builder, std::move(features), options);
  for (const Part& part : {biases[0], biases[1], vectors[0], vectors[1]}) {
    if (part.values.empty()) continue;
    auto& weight = model.weights().tensor("embedding/" + part.table + "/weight").values;
    if (weight.size() != part.values.size()) {
      throw Error("factors as a model: " + std::to_string(part.values.size()) + " numbers for table \"" + part.table +
                  "\" of " + std::to_string(weight.size()) + "; fit the factors on ids of these features");
    }
    weight.assign(part.values.begin(), part.values.end());
  }
  return model;
}
}  // namespace podium::classics
