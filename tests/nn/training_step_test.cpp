#include "podium/nn/training_step.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "podium/core/error.h"
#include "podium/nn/predict.h"
#include "tests/nn/tiny.h"

namespace podium::nn {
namespace {
constexpr std::size_t kRows = 2500, kIds = 40;

graph::Graph network() {
  GraphBuilder builder;
  const auto user = builder.embed("user", 8), item = builder.embed("item", 8);
  const auto hidden = builder.dropout(builder.dense(builder.concat({user, item}), 24, relu), 0.1F);
  builder.output("y", builder.add({builder.dense(hidden, 1), builder.dot(user, item)}));
  graph::Graph graph = with_rows(builder, kIds);
  graph.tables[0].l2 = 0.01F;
  return graph;
}

const Batch& rows_of_data() {
  static const Batch batch{kRows,
                           {random_ids(kRows, kIds - 3, 1), random_ids(kRows, kIds - 3, 2)}};  // 3 rows never looked up
  return batch;
}

Weights trained(const Optimizer& optimizer, std::size_t threads, std::size_t steps = 4) {
  const graph::Graph graph = network();
  const auto rows = numbers_to(kRows);
  const auto labels = normal_numbers(kRows, 3);
  Weights weights = initialize(graph, 7);
  ThreadPool pool(threads);
  TrainingStep step(graph, weights, optimizer, gemm_kernel(""), pool, 5);
  std::vector<float> predictions(kRows);
  for (std::size_t s = 0; s < steps; ++s) step.run({&rows_of_data(), rows}, labels, mean_squared_error, predictions);
  return weights;
}

std::vector<Optimizer> every_optimizer() {
  return {Sgd{.learning_rate = 0.1},
          Sgd{.learning_rate = 0.1, .momentum = 0.9, .nesterov = true},
          Adagrad{.learning_rate = 0.1},
          Adagrad{.learning_rate = 0.1, .row_wise = true},
          Adagrad{.learning_rate = 0.1, .update = {.duplicates = Duplicates::sum_of_squares}},
          Adagrad{.learning_rate = 0.1, .update = {.global_clipnorm = 0.1}},
          Adam{.learning_rate = 0.01},
          Adam{.learning_rate = 0.01, .update = {.weight_decay = 0.1, .lazy = true}},
          RmsProp{.learning_rate = 0.01, .momentum = 0.5, .centered = true},
          Ftrl{.learning_rate = 0.1}};
}

void expect_equal(const Weights& left, const Weights& right) {
  for (std::size_t t = 0; t < left.tensors.size(); ++t) EXPECT_EQ(left.tensors[t].values, right.tensors[t].values);
}

TEST(TrainingStep, GivesTheSameBitsOnAnyNumberOfThreads) {
  for (const auto& optimizer : every_optimizer()) {
    SCOPED_TRACE(optimizer.index());
    const Weights one = trained(optimizer, 1);
    expect_equal(one, trained(optimizer, 2));
    expect_equal(one, trained(optimizer, 7));
  }
}

/// How far a few steps move the weights of three layers, so wide that kernels keep forms between them.
std::vector<AlignedFloats> moves(const std::string& kernel) {
  GraphBuilder builder;
  auto x = builder.concat({builder.embed("user", 8), builder.embed("item", 8)});
  for (const std::size_t units : {48, 40, 24}) x = builder.dense(x, units, relu);
  builder.output("y", builder.dense(x, 1));
  const graph::Graph graph = with_rows(builder, kIds);
  const Weights start = initialize(graph, 7);
  Weights weights = start;
  const auto rows = numbers_to(kRows);
  const auto labels = normal_numbers(kRows, 3);
  const Optimizer sgd = Sgd{.learning_rate = 0.05};
  ThreadPool pool(2);
  TrainingStep step(graph, weights, sgd, gemm_kernel(kernel), pool, 5);
  std::vector<float> predictions(kRows);
  for (int s = 0; s < 3; ++s) step.run({&rows_of_data(), rows}, labels, mean_squared_error, predictions);
  std::vector<AlignedFloats> moved;
  for (std::size_t t = 0; t < weights.tensors.size(); ++t) {
    auto& values = moved.emplace_back(weights.tensors[t].values);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] -= start.tensors[t].values[i];
  }
  return moved;
}

TEST(TrainingStep, MovesTheWeightsWithEveryKernelAsWithTheScalarOne) {
  const auto want = moves("scalar");
  for (const auto& kernel : gemm_kernels()) {
    const auto got = moves(kernel);
    const double allowed = kernel.ends_with("bf16") ? 0.1 : 1e-4;  // of the whole tensor's length
    for (std::size_t t = 0; t < want.size(); ++t) {
      double difference = 0.0, length = 0.0;
      for (std::size_t i = 0; i < want[t].size(); ++i) {
        difference += std::pow(static_cast<double>(got[t][i]) - want[t][i], 2);
        length += std::pow(static_cast<double>(want[t][i]), 2);
      }
      EXPECT_GT(length, 0.0);
      EXPECT_LT(std::sqrt(difference / length), allowed) << kernel << ", tensor " << t;
    }
  }
}

TEST(TrainingStep, LowersTheLossWithEveryOptimizer) {
  const graph::Graph graph = network();
  const auto labels = normal_numbers(kRows, 3);
  const auto error = [&](const Weights& weights) {
    ThreadPool pool(1);
    std::vector<float> predictions(kRows);
    predict(graph, weights, gemm_kernel(""), rows_of_data(), pool, predictions);
    double sum = 0.0;
    for (std::size_t r = 0; r < kRows; ++r) sum += (predictions[r] - labels[r]) * (predictions[r] - labels[r]);
    return sum / kRows;
  };
  for (const auto& optimizer : every_optimizer()) {
    EXPECT_LT(error(trained(optimizer, 2, 30)), error(initialize(graph, 7))) << optimizer.index();
  }
}

TEST(TrainingStep, LeavesAbsentRowsAloneUnlessTheOptimizerMovesThem) {
  const Weights before = initialize(network(), 7);
  for (const auto& optimizer : every_optimizer()) {
    const Weights after = trained(optimizer, 2);
    const auto tail = [](const Weights& weights) {
      const auto& values = weights.tensors[0].values;
      return std::vector<float>(values.end() - 3 * 8, values.end());
    };
    // Of rows that no batch has ever had, FTRL alone makes something new: it derives all weights from its slots.
    if (!std::holds_alternative<Ftrl>(optimizer)) {
      EXPECT_EQ(tail(before), tail(after)) << optimizer.index();
    }
  }
  Adam decays{.learning_rate = 0.01, .update = {.weight_decay = 0.1}};
  EXPECT_NE(trained(decays, 2).tensors[0].values.back(), before.tensors[0].values.back());
}

TEST(TrainingStep, MovesNothingWhileAScheduleIsAtZero) {
  const Weights before = initialize(network(), 7);
  for (Optimizer optimizer : every_optimizer()) {
    std::visit([](auto& options) { options.update.schedule.warmup_steps = 100; }, optimizer);
    expect_equal(before, trained(optimizer, 2, 1));
  }
}

TEST(TrainingStep, PredictsARowTheSameAloneAndInACrowd) {
  const graph::Graph graph = network();
  const Weights weights = trained(Adagrad{.learning_rate = 0.1}, 1);
  ThreadPool one(1), many(5);
  std::vector<float> all(kRows), again(kRows);
  predict(graph, weights, gemm_kernel(""), rows_of_data(), one, all);
  predict(graph, weights, gemm_kernel(""), rows_of_data(), many, again);
  EXPECT_EQ(all, again);
  for (const std::size_t row : {std::size_t{0}, std::size_t{255}, std::size_t{256}, kRows - 1}) {
    Batch single{1, {}};
    for (const auto& feature : rows_of_data().features)
      single.features.emplace_back(Ids{{std::get<Ids>(feature).ids[row]}, {}});
    float alone = 0.0F;
    predict(graph, weights, gemm_kernel(""), single, one, {&alone, 1});
    EXPECT_EQ(alone, all[row]) << row;
  }
}

TEST(TrainingStep, RefusesOptionsOutOfRange) {
  EXPECT_THROW(check(Sgd{.learning_rate = 0.0}), Error);
  EXPECT_THROW(check(Sgd{.momentum = 1.0}), Error);
  EXPECT_THROW(check(Adam{.beta_2 = -0.1}), Error);
  EXPECT_THROW(check(Ftrl{.learning_rate_power = 0.5}), Error);
  EXPECT_THROW(check(Adagrad{.update = {.clipvalue = 1.0, .clipnorm = 1.0}}), Error);
  EXPECT_THROW(check(Adagrad{.update = {.clipnorm = -1.0}}), Error);
}

TEST(TableIndex, SortsIdsAndKeepsTheRowsInOrder) {
  for (const std::uint32_t bound : {3U, 3000U, 5'000'000U}) {
    const Batch batch{500, {random_ids(500, bound, 4)}};
    const auto rows = permutation(Random(5), 0, 500);
    const graph::Lookup lookup{};
    const graph::Lookup* lookups[] = {&lookup};
    TableIndex index;
    index.build({&batch, rows}, lookups);
    std::map<std::uint32_t, std::vector<std::uint32_t>> wanted;
    for (std::uint32_t r = 0; r < rows.size(); ++r) wanted[std::get<Ids>(batch.features[0]).ids[rows[r]]].push_back(r);
    ASSERT_EQ(index.ids().size(), wanted.size());
    std::size_t i = 0;
    for (const auto& [id, places] : wanted) {
      EXPECT_EQ(index.ids()[i], id);
      std::vector<std::uint32_t> found;
      for (const auto& occurrence : index.occurrences(i)) found.push_back(occurrence.row);
      EXPECT_EQ(found, places);
      ++i;
    }
  }
}

TEST(Initialize, FollowsKerasRanges) {
  GraphBuilder builder;
  builder.output("y", builder.dense(builder.embed("a", 50), 30));
  const Weights weights = initialize(with_rows(builder, 400), 1);
  const auto stats = [](const Tensor& tensor) {
    double sum = 0.0, squares = 0.0, largest = 0.0;
    for (const float w : tensor.values) {
      sum += w;
      squares += double{w} * w;
      largest = std::max(largest, std::abs(double{w}));
    }
    const auto n = static_cast<double>(tensor.values.size());
    return std::array{sum / n, std::sqrt(squares / n), largest};
  };
  const auto table = stats(weights.tensor("embedding/a/weight"));  // uniform over [-0.05, 0.05]
  EXPECT_NEAR(table[0], 0.0, 0.001);
  EXPECT_NEAR(table[1], 0.05 / std::sqrt(3.0), 0.001);
  EXPECT_LE(table[2], 0.05);
  const auto kernel = stats(weights.tensor("dense_0/kernel"));  // glorot: sqrt(6 / (50 + 30))
  EXPECT_LE(kernel[2], std::sqrt(6.0 / 80.0));
  EXPECT_NEAR(kernel[1], std::sqrt(2.0 / 80.0), 0.01);
  EXPECT_EQ(stats(weights.tensor("dense_0/bias"))[2], 0.0);
}

TEST(Initialize, DrawsATensorTheSameWhateverElseTheGraphHas) {
  GraphBuilder small, large;
  small.output("y", small.dense(small.embed("a", 4), 1));
  large.embed("b", 4);
  large.output("y", large.dense(large.embed("a", 4), 1));
  EXPECT_EQ(initialize(with_rows(small, 9), 5).tensor("embedding/a/weight").values,
            initialize(with_rows(large, 9), 5).tensor("embedding/a/weight").values);
}
}  // namespace
}  // namespace podium::nn
