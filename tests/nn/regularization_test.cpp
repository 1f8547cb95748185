#include "podium/nn/regularization.h"

#include <gtest/gtest.h>

#include "podium/nn/training_step.h"
#include "tests/nn/tiny.h"

namespace podium::nn {
namespace {
constexpr std::size_t kRows = 700, kIds = 40;

graph::Graph network(float table_l2, float kernel_l2) {
  GraphBuilder builder;
  const auto user = builder.embed("user", 8), item = builder.embed("item", 8);
  const auto hidden = builder.dense({.input = builder.concat({user, item}), .units = 6, .name = "", .l2 = kernel_l2});
  builder.output("y", builder.add({builder.dense(hidden, 1), builder.dot(user, item)}));
  graph::Graph graph = with_rows(builder, kIds);
  graph.tables[0].l2 = table_l2;
  return graph;
}

TEST(Regularization, EqualsWhatATrainingStepAddsToItsLoss) {
  Batch batch{kRows, {random_ids(kRows, kIds - 3, 1), Ids{}}};
  auto& lists = std::get<Ids>(batch.features[1]);  // two ids a row, and one row of none
  lists.offsets.push_back(0);
  for (std::size_t row = 0; row < kRows; ++row) {
    if (row > 0) lists.ids.insert(lists.ids.end(), {static_cast<std::uint32_t>(row % kIds), 3U});
    lists.offsets.push_back(lists.ids.size());
  }
  const auto rows = numbers_to(kRows);
  const auto labels = normal_numbers(kRows, 3);
  for (const auto& [tables, kernels] : {std::pair(0.0F, 0.0F), {0.3F, 0.0F}, {0.0F, 0.2F}, {0.3F, 0.2F}}) {
    graph::Graph graph = network(tables, kernels);
    graph.tables[1].l2 = tables;
    Weights weights = initialize(graph, 7);
    const double found = regularization(graph, weights, batch);
    ThreadPool pool(1);
    const Optimizer optimizer = Sgd{};
    TrainingStep step(graph, weights, optimizer, gemm_kernel(""), pool, 5);
    std::vector<float> predictions(kRows);
    const double wanted = step.run({&batch, rows}, labels, mean_squared_error, predictions).regularization;
    EXPECT_NEAR(found, wanted, 1e-6 * wanted);
    EXPECT_EQ(found > 0.0, tables + kernels > 0.0F);
  }
}

TEST(Regularization, ByHand) {  // a table's rows 1 and 2 of three looked up 3 times and once, vectors (1, 1) and (2, 0)
  GraphBuilder builder;
  builder.output("y", builder.dense({.input = builder.embed("user", 2), .units = 1, .name = "", .l2 = 0.5F}));
  graph::Graph graph = with_rows(builder, 3);
  graph.tables[0].l2 = 2.0F;
  Weights weights = initialize(graph, 1);
  weights.tensors[0].values = {9, 9, 1, 1, 2, 0};
  weights.tensors[1].values = {3, 4};
  const Batch batch{4, {Ids{{1, 2, 1, 1}, {}}}};
  // 2 * (3 * 2 + 1 * 4) / 4 + 0.5 * (9 + 16)
  EXPECT_DOUBLE_EQ(regularization(graph, weights, batch), 5.0 + 12.5);
  EXPECT_EQ(regularization(graph, weights, Batch{0, {Ids{}}}), 0.0);
}
}  // namespace
}  // namespace podium::nn
