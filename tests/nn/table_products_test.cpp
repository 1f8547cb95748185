#include "podium/nn/table_products.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "tests/nn/tiny.h"

namespace podium::nn {
namespace {
using graph::Activation;
using graph::ValueId;
constexpr std::size_t kRows = 150, kUsers = 300, kItems = 40;

Weights random_weights(const graph::Graph& graph) {
  Weights weights = initialize(graph, 5);
  for (std::size_t t = 0; t < weights.tensors.size(); ++t) {
    Tensor& tensor = weights.tensors[t];  // biases too, which start as zeros
    const auto numbers = normal_numbers(tensor.values.size(), t);
    std::ranges::transform(numbers, tensor.values.begin(), [](float number) { return 0.3F * number; });
  }
  return weights;
}

/// Tables of users have kUsers rows, the others kItems.
graph::Graph sized(const GraphBuilder& builder) {
  graph::Graph graph = builder.graph();
  for (auto& table : graph.tables) table.rows = table.name.starts_with("user") ? kUsers : kItems;
  return graph;
}

struct Case {
  std::string name;
  graph::Graph graph;
};

/// Feature 0 is the user and feature 1 the item; 2, where there is one, a number.
std::vector<Case> cases() {
  std::vector<Case> cases;
  const auto add = [&cases](const std::string& name, const auto& build) {
    GraphBuilder g;
    const ValueId user = g.embed("user", 8), item = g.embed("item", 12);
    g.output("y", build(g, user, item));
    cases.push_back({name, sized(g)});
  };
  const auto layer = [](GraphBuilder& g, std::vector<ValueId> inputs, std::size_t units, Activation activation,
                        bool use_bias = true) {
    return g.dense({.input = g.concat(std::move(inputs)),
                    .units = units,
                    .activation = activation,
                    .name = "",
                    .use_bias = use_bias});
  };
  add("user and item", [&](auto& g, auto user, auto item) { return g.dense(layer(g, {user, item}, 33, relu), 1); });
  add("item and user", [&](auto& g, auto user, auto item) { return g.dense(layer(g, {item, user}, 33, relu), 1); });
  add("few units", [&](auto& g, auto user, auto item) { return g.dense(layer(g, {user, item}, 4, relu), 1); });
  add("one unit", [&](auto& g, auto user, auto item) { return layer(g, {user, item}, 1, linear); });
  add("gelu", [&](auto& g, auto user, auto item) { return g.dense(layer(g, {user, item}, 32, Activation::gelu), 1); });
  add("no bias", [&](auto& g, auto user, auto item) { return g.dense(layer(g, {user, item}, 32, relu, false), 1); });
  add("two tables of the user", [&](auto& g, auto user, auto item) {
    return g.dense(layer(g, {user, g.embed("user", 5, "user again"), item}, 32, Activation::tanh), 1);
  });
  add("the user on both sides", [&](auto& g, auto user, auto item) {
    return g.dense(layer(g, {user, item, g.embed("user", 5, "user again")}, 32, relu), 1);
  });
  add("a number between", [&](auto& g, auto user, auto item) {
    return g.dense(layer(g, {user, g.number("age"), item}, 32, relu), 1);
  });
  add("a layer beside", [&](auto& g, auto user, auto item) {
    return g.dense(layer(g, {item, g.dense(user, 20, relu)}, 32, relu), 1);
  });
  add("twice the same", [&](auto& g, auto user, auto item) {
    return g.dense(layer(g, {user, user, item}, 32, relu), 1);
  });
  add("vectors read elsewhere", [&](auto& g, auto, auto item) {
    const auto other = g.embed("user", 12, "user again");
    return g.add({g.dense(layer(g, {other, item}, 32, relu), 1), g.dot(other, item)});
  });
  add("two layers on one concat", [&](auto& g, auto user, auto item) {
    const auto both = g.concat({user, item});
    return g.add({g.dense(both, 1), g.dense(g.dense(both, 32, relu), 1)});
  });
  add("a layer inside another concat", [&](auto& g, auto user, auto item) {
    return g.dense(g.concat({g.embed("item", 3, "item again"), layer(g, {user, item}, 32, relu)}), 1);
  });
  return cases;
}

Batch random_batch(std::uint32_t users) {
  Batch batch{kRows, {}};
  batch.features.emplace_back(random_ids(kRows, users, 1));
  batch.features.emplace_back(random_ids(kRows, kItems, 2));
  batch.features.emplace_back(normal_numbers(kRows, 3));
  return batch;
}

constexpr std::size_t kForItems = kItems * 33 * sizeof(float) * 2, kForAll = std::size_t{1} << 30;

class TableProductsTest : public testing::TestWithParam<std::string> {
 protected:
  const GemmKernel& kernel() const { return gemm_kernel(GetParam()); }

  /// Scores of the rows; by the products where there are some, in tiles of so many rows.
  std::vector<float> scores(const graph::Graph& graph, const Weights& weights, const Batch& batch,
                            std::size_t most_bytes, std::size_t tile_rows, const std::uint32_t* user = nullptr) const {
    Executor executor(graph, kernel(), {graph.outputs.front().value});
    executor.prepare(weights);
    const auto products = TableProducts::find(graph, executor, kernel(), weights, most_bytes);
    Workspace workspace(executor.plan());
    TableProducts::Shared shared;
    if (products) shared = products->memory();
    if (products && user != nullptr) products->start(0, *user, shared, workspace.gemm);
    // Backwards, so that a row's number and its place differ.
    auto rows = numbers_to(batch.rows);
    std::ranges::reverse(rows);
    std::vector<float> scores(batch.rows);
    for (std::size_t first = 0; first < rows.size(); first += tile_rows) {
      const std::span some = std::span(rows).subspan(first, std::min(tile_rows, rows.size() - first));
      const Tile tile(executor.plan(), batch, some, first, workspace);
      for (auto& value : workspace.values) std::ranges::fill(value, NAN);  // nothing that was not computed is read
      if (products) {
        products->forward(tile, user != nullptr ? &shared : nullptr);
      } else {
        executor.forward(weights, tile, nullptr);
      }
      for (std::size_t r = 0; r < some.size(); ++r) {
        scores[some[r]] = tile.value(graph.outputs.front().value).row(r)[0];
      }
    }
    return scores;
  }
};

TEST_P(TableProductsTest, GiveTheLayerUpToRounding) {
  for (const auto& [name, graph] : cases()) {
    const Weights weights = random_weights(graph);
    const Batch batch = random_batch(kUsers);
    const auto wanted = scores(graph, weights, batch, 0, 64), found = scores(graph, weights, batch, kForAll, 64);
    for (std::size_t r = 0; r < kRows; ++r) {
      const float rounding = is_bf16(GetParam()) ? 0.0F : 2e-6F * std::max(1.0F, std::fabs(wanted[r]));
      EXPECT_NEAR(found[r], wanted[r], rounding) << name << ", row " << r;
    }
  }
}

TEST_P(TableProductsTest, GiveARowTheSameBitsInAnyTileAndWithFewerProducts) {
  for (const auto& [name, graph] : cases()) {
    const Weights weights = random_weights(graph);
    const Batch batch = random_batch(kUsers);
    const auto found = scores(graph, weights, batch, kForAll, kTileRows);
    EXPECT_EQ(found, scores(graph, weights, batch, kForAll, 1)) << name;
    EXPECT_EQ(found, scores(graph, weights, batch, kForItems, 7)) << name;
  }
}

TEST_P(TableProductsTest, GiveTheSameBitsToRowsThatShareAnId) {
  for (const auto& [name, graph] : cases()) {
    const Weights weights = random_weights(graph);
    for (const std::size_t most_bytes : {kForAll, kForItems}) {
      const std::uint32_t user = 123;
      Batch batch = random_batch(kUsers);
      std::ranges::fill(std::get<Ids>(batch.features[0]).ids, user);
      EXPECT_EQ(scores(graph, weights, batch, most_bytes, kTileRows, &user),
                scores(graph, weights, batch, most_bytes, kTileRows))
          << name << ", " << most_bytes;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kernels, TableProductsTest, testing::ValuesIn(gemm_kernels()),
                         [](const auto& tested) { return tested.param; });

bool are_found(const graph::Graph& graph, std::size_t most_bytes, const std::string& kernel = "scalar") {
  const Executor executor(graph, gemm_kernel(kernel), {graph.outputs.front().value});
  return TableProducts::find(graph, executor, gemm_kernel(kernel), initialize(graph, 1), most_bytes).has_value();
}

TEST(TableProducts, AreThereWhereTheyFit) {
  const graph::Graph graph = cases().front().graph;
  EXPECT_TRUE(are_found(graph, kItems * 33 * sizeof(float)));
  EXPECT_FALSE(are_found(graph, kItems * 33 * sizeof(float) - 1));
  for (const auto& name : gemm_kernels()) EXPECT_EQ(are_found(graph, kForAll, name), !is_bf16(name)) << name;
}

TEST(TableProducts, NeedALayerOverSeveralParts) {
  GraphBuilder dot, alone;
  dot.output("y", dot.dot(dot.embed("user", 8), dot.embed("item", 8)));
  EXPECT_FALSE(are_found(with_rows(dot, kItems), kForAll));
  alone.output("y", alone.dense(alone.concat({alone.embed("user", 8), alone.embed("user", 8, "again")}), 1));
  EXPECT_FALSE(are_found(with_rows(alone, kItems), kForAll));
}
}  // namespace
}  // namespace podium::nn
