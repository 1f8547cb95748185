#include "tests/interop/kinds.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <optional>
#include <set>
#include <variant>

#include "podium/model/load.h"
#include "podium/model/save.h"

namespace podium::tests {
namespace {
TEST(Kinds, AreAllThereAre) {
  std::set<std::size_t> features, nodes;
  std::set<Activation> seen;
  for (const std::string& name : names_of_kinds()) {
    const Model model = model_of_kind(name);
    for (const auto& feature : model.graph().features) features.insert(feature.index());
    for (const auto& node : model.graph().nodes) {
      nodes.insert(node.index());
      if (const auto* dense = std::get_if<graph::Dense>(&node)) seen.insert(dense->activation);
    }
  }
  EXPECT_EQ(features.size(), std::variant_size_v<graph::Feature>);
  EXPECT_EQ(nodes.size(), std::variant_size_v<graph::Node>);
  EXPECT_EQ(seen.size(), activations().size());
}

// Conformance tests export what this leaves in the folder that PODIUM_KINDS names.
TEST(Kinds, AreSavedAndLoaded) {
  std::optional<TemporaryDirectory> temporary;
  const char* kept = std::getenv("PODIUM_KINDS");
  if (kept == nullptr) temporary.emplace();
  const std::string folder = kept != nullptr ? kept : temporary->path();
  const Table rows = rows_of_kinds();
  for (const std::string& name : names_of_saved_model_kinds()) {
    const Model model = model_of_kind(name);
    EXPECT_EQ(load(save(model, folder + "/" + name)).predict(rows), model.predict(rows)) << name;
  }
}
}  // namespace
}  // namespace podium::tests
