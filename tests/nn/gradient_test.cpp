// The gradients of every kind of node and of the loss across rows, against finite differences of the loss itself.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "podium/nn/in_batch_softmax.h"
#include "podium/nn/training_step.h"
#include "tests/nn/tiny.h"

namespace podium::nn {
namespace {
constexpr std::size_t kRows = 300, kIds = 6;  // two tiles, each id many times

using Run = std::function<double(TrainingStep&)>;

// SGD with a rate of 1 moves each weight by minus its gradient; the loss before the step gives the differences. The
// difference of two float losses is coarse, so the largest deviation is judged by the size of the gradients.
void expect_gradients(const graph::Graph& graph, const std::function<double(Weights&, double rate)>& loss_then_step) {
  const Weights start = initialize(graph, 3);
  Weights moved = start;
  loss_then_step(moved, 1.0);
  for (std::size_t t = 0; t < start.tensors.size(); ++t) {
    const auto& values = start.tensors[t].values;
    for (std::size_t i = 0; i < values.size(); i += std::max<std::size_t>(1, values.size() / 7)) {
      const double gradient = double{values[i]} - moved.tensors[t].values[i];
      const float h = 1e-2F;
      Weights up = start, down = start;
      up.tensors[t].values[i] += h;
      down.tensors[t].values[i] -= h;
      const double distance = double{up.tensors[t].values[i]} - down.tensors[t].values[i];
      const double slope = (loss_then_step(up, 1e-12) - loss_then_step(down, 1e-12)) / distance;
      EXPECT_NEAR(gradient, slope, 2e-3 * std::max(1.0, std::abs(slope))) << start.tensors[t].name << '[' << i << ']';
    }
  }
}

Batch random_batch() {
  const Random random(9);
  Batch batch{kRows, {random_ids(kRows, kIds, 1), random_ids(kRows, kIds, 2), Numbers(normal_numbers(kRows, 3))}};
  Ids ragged;
  ragged.offsets = {0};
  for (std::size_t r = 0; r < kRows; ++r) {
    for (std::uint64_t i = 0; i < random.below(4, 7, r); ++i) {
      ragged.ids.push_back(static_cast<std::uint32_t>(random.below(kIds, 100 + i, r)));
    }
    ragged.offsets.push_back(ragged.ids.size());
  }
  batch.features.emplace_back(std::move(ragged));
  return batch;
}

// Features 0 and 1 are ids, 2 a number, 3 a ragged list.
GraphBuilder with_features() {
  GraphBuilder builder;
  builder.embed("a", 3);
  builder.embed("b", 3);
  builder.number("c");
  builder.embed("d", 3);
  return builder;
}

void expect_row_loss_gradients(const GraphBuilder& builder, const Loss& loss = mean_squared_error) {
  graph::Graph graph = with_rows(builder, kIds);
  for (auto& table : graph.tables) table.initializer = graph::RandomNormal{0.0F, 0.5F};
  const Batch batch = random_batch();
  const auto rows = numbers_to(kRows);
  const auto labels = normal_numbers(kRows, 5);
  expect_gradients(graph, [&](Weights& weights, double rate) {
    ThreadPool pool(2);
    const Optimizer sgd = Sgd{.learning_rate = rate};
    TrainingStep step(graph, weights, sgd, gemm_kernel("scalar"), pool, 11);
    std::vector<float> predictions(kRows);
    const auto result = step.run({&batch, rows}, labels, loss, predictions);
    return result.loss + result.regularization;
  });
}

TEST(Gradient, OfDenseLayersWithEachActivation) {
  for (const auto activation : {Activation::linear, Activation::sigmoid, Activation::tanh, Activation::gelu,
                                Activation::elu, Activation::swish}) {
    auto builder = with_features();
    const auto hidden = builder.dense(builder.concat({0, 1, 2}), 5, activation);
    builder.output("y", builder.dense(builder.dense(hidden, 4, activation), 1));
    SCOPED_TRACE(static_cast<int>(activation));
    expect_row_loss_gradients(builder);
  }
}

TEST(Gradient, OfKinkedActivationsAwayFromTheirKink) {
  for (const auto activation : {Activation::relu, Activation::leaky_relu, Activation::selu}) {
    auto builder = with_features();
    graph::Dense dense;
    dense.input = builder.concat({0, 1});
    dense.units = 5;
    dense.activation = activation;
    dense.bias = graph::Constant{6.0F};  // so far on one side that h does not cross it
    const auto hidden = builder.dense(dense);
    builder.output("y", builder.dense(builder.dense(hidden, 4, linear), 1));
    expect_row_loss_gradients(builder);
  }
}

TEST(Gradient, OfARaggedLookupWithEachCombiner) {
  for (const auto combiner : {graph::Combiner::sum, graph::Combiner::mean, graph::Combiner::sqrtn}) {
    auto builder = with_features();
    const auto hidden = builder.dense(builder.concat({0, 3}), 4, Activation::tanh);
    builder.output("y", builder.dense(hidden, 1));
    graph::Graph graph = builder.graph();
    std::get<graph::Lookup>(graph.nodes[3]).combiner = combiner;
    GraphBuilder changed(graph);
    expect_row_loss_gradients(changed);
  }
}

TEST(Gradient, OfDotAddBiasAndSharedValues) {
  auto builder = with_features();
  const auto sum = builder.add({0, 1, 3});  // a and b are used here and below
  const auto dot = builder.dot(builder.bias(sum), builder.dense(1, 3, Activation::tanh));
  builder.output("y", builder.add({dot, 2, builder.dot(0, 0), builder.bias(builder.dense(sum, 1))}));
  expect_row_loss_gradients(builder);
}

TEST(Gradient, OfOneTableLookedUpTwiceAndOfNestedConcats) {
  GraphBuilder builder;
  const auto a = builder.embed(graph::Text{"a"}, {.name = "shared", .dim = 3});
  const auto b = builder.embed(graph::Text{"b"}, {.name = "shared", .dim = 3});
  const auto c = builder.number("c");
  builder.embed("d", 3);
  const auto inner = builder.concat({b, c});
  builder.output("y", builder.dense(builder.dense(builder.concat({a, inner, a}), 4, Activation::tanh), 1));
  expect_row_loss_gradients(builder);
}

TEST(Gradient, OfDropoutWithTheDrawsOfItsStep) {
  auto builder = with_features();
  const auto kept = builder.dropout(builder.concat({0, 1}), 0.4F);
  builder.output("y", builder.dense(builder.dropout(builder.dense(kept, 5, Activation::tanh), 0.3F), 1));
  expect_row_loss_gradients(builder);
}

TEST(Gradient, OfRegularization) {
  auto builder = with_features();
  graph::Dense dense;
  dense.input = builder.concat({0, 1});
  dense.units = 1;
  dense.l2 = 0.3F;
  builder.output("y", builder.dense(dense));
  graph::Graph graph = builder.graph();
  graph.tables[0].l2 = 0.2F;
  expect_row_loss_gradients(GraphBuilder(graph));
}

TEST(Gradient, OfEachLoss) {
  for (const Loss* loss : {&mean_squared_error, &huber, &binary_crossentropy}) {
    auto builder = with_features();
    builder.output("y", builder.dense(builder.concat({0, 1}), 1));
    SCOPED_TRACE(loss->name);
    expect_row_loss_gradients(builder, *loss);
  }
}

struct Towers {
  graph::Graph graph;
  graph::ValueId query, candidate;
};

Towers towers() {
  GraphBuilder builder;
  const auto query = builder.dense(builder.embed("a", 3), 4, Activation::tanh);
  const auto candidate = builder.dense(builder.embed("b", 3), 4, Activation::tanh);
  builder.output("score", builder.dot(query, candidate));
  Towers made{with_rows(builder, kIds), query, candidate};
  for (auto& table : made.graph.tables) table.initializer = graph::RandomNormal{0.0F, 0.5F};
  return made;
}

TEST(Gradient, OfTheInBatchSoftmax) {
  const Towers made = towers();
  const Batch batch{kRows, {random_ids(kRows, kIds, 1), random_ids(kRows, kIds, 2)}};
  const auto rows = numbers_to(kRows);
  for (const float temperature : {1.0F, 0.5F}) {
    expect_gradients(made.graph, [&](Weights& weights, double rate) {
      ThreadPool pool(2);
      const Optimizer sgd = Sgd{.learning_rate = rate / kRows};  // the loss is a sum; its mean has gradients of size 1
      InBatchSoftmax loss(made.query, made.candidate, gemm_kernel("scalar"), temperature);
      TrainingStep step(made.graph, weights, sgd, gemm_kernel("scalar"), pool, 1, &loss);
      return step.run({&batch, rows}).loss / kRows;
    });
  }
}

TEST(InBatchSoftmax, EqualsTheDirectComputation) {
  constexpr std::size_t kDim = 5;
  const auto queries = normal_numbers(kRows * kDim, 1), candidates = normal_numbers(kRows * kDim, 2);
  const float temperature = 0.7F;
  // Directly, in double, with the whole [rows, rows] matrix.
  std::vector<double> dq(kRows * kDim), dc(kRows * kDim);
  double wanted = 0.0;
  for (std::size_t r = 0; r < kRows; ++r) {
    std::vector<double> logits(kRows);
    double sum = 0.0;
    for (std::size_t c = 0; c < kRows; ++c) {
      for (std::size_t d = 0; d < kDim; ++d)
        logits[c] += double{queries[r * kDim + d]} * candidates[c * kDim + d] / temperature;
      sum += std::exp(logits[c]);
    }
    wanted += std::log(sum) - logits[r];
    for (std::size_t c = 0; c < kRows; ++c) {
      const double excess = std::exp(logits[c]) / sum - (c == r ? 1.0 : 0.0);
      for (std::size_t d = 0; d < kDim; ++d) {
        dq[r * kDim + d] += excess * candidates[c * kDim + d] / temperature;
        dc[c * kDim + d] += excess * queries[r * kDim + d] / temperature;
      }
    }
  }
  std::vector<std::vector<float>> found;
  for (const std::size_t threads : {1U, 2U, 7U}) {
    ThreadPool pool(threads);
    InBatchSoftmax loss(0, 1, gemm_kernel(""), temperature);
    std::vector<float> gq(kRows * kDim), gc(kRows * kDim);
    const double value = loss.run(pool, {{queries.data(), kRows, kDim}, {candidates.data(), kRows, kDim}},
                                  {{gq.data(), kRows, kDim}, {gc.data(), kRows, kDim}});
    EXPECT_NEAR(value, wanted, 1e-5 * wanted);
    for (std::size_t i = 0; i < dq.size(); ++i) {
      EXPECT_NEAR(gq[i], dq[i], 1e-4);
      EXPECT_NEAR(gc[i], dc[i], 1e-4);
    }
    gq.insert(gq.end(), gc.begin(), gc.end());
    gq.push_back(static_cast<float>(value));
    found.push_back(gq);
  }
  EXPECT_EQ(found[0], found[1]);
  EXPECT_EQ(found[0], found[2]);
}
}  // namespace
}  // namespace podium::nn
