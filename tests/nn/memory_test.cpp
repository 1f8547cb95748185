#include "podium/nn/memory.h"

#include <gtest/gtest.h>

#include "podium/nn/optimizer.h"
#include "podium/nn/weights.h"
#include "tests/nn/tiny.h"

namespace podium::nn {
namespace {
constexpr std::size_t kIds = 100, kBatch = 2048;

graph::Graph network() {
  GraphBuilder builder;
  const auto user = builder.embed("user", 8), item = builder.embed("item", 16);
  builder.output("y", builder.dense(builder.dense(builder.concat({user, item}), 32, relu), 1));
  return with_rows(builder, kIds);
}

std::uint64_t bytes_of(const std::vector<Tensor>& tensors) {
  std::uint64_t bytes = 0;
  for (const auto& tensor : tensors) bytes += sizeof(float) * tensor.values.size();
  return bytes;
}

TEST(TrainingMemory, CountsEveryWeightAndSlot) {
  const graph::Graph graph = network();
  for (const Optimizer& optimizer :
       std::initializer_list<Optimizer>{Sgd{}, Sgd{.momentum = 0.5}, Adagrad{}, Adagrad{.row_wise = true}, Adam{},
                                        RmsProp{.momentum = 0.5, .centered = true}, Ftrl{}}) {
    const TrainingMemory memory = training_memory(graph, optimizer, kBatch, 1);
    EXPECT_EQ(memory.weights, bytes_of(initialize(graph, 1).tensors));
    std::uint64_t slots = 0;
    for (const auto& group : initial_state(optimizer, graph).slots) slots += bytes_of(group);
    EXPECT_EQ(memory.slots, slots) << "optimizer " << optimizer.index();
  }
}

TEST(TrainingMemory, CountsTheGradientsOfABatch) {  // a row's are the 8 + 16 numbers that it looked up
  const auto step = [](std::size_t batch_rows) { return training_memory(network(), Sgd{}, batch_rows, 1).step; };
  EXPECT_GE(step(2 * kBatch) - step(kBatch), kBatch * (8 + 16) * sizeof(float));
  EXPECT_GT(training_memory(network(), Sgd{}, kBatch, 2).step, step(kBatch)) << "each thread has a tile";
}
}  // namespace
}  // namespace podium::nn
