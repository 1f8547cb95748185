// How long does an epoch of the movie-ranking model take, and how much of it is dense work?
//
// 80,000 rows of 943 users and 1,664 titles with Zipf's popularity, two tables of 32, 256-64-1, batches of 8,192,
// Adagrad: ten steps are an epoch. GFLOPS count the dense layers' useful operations alone; bench/fma_peak.cpp tells
// what the cores could do at the very most.
#include <benchmark/benchmark.h>

#include <cmath>
#include <string>
#include <vector>

#include "podium/core/random.h"
#include "podium/graph/builder.h"
#include "podium/nn/training_step.h"

namespace podium::nn {
namespace {
constexpr std::size_t kRows = 80'000, kBatch = 8192;
constexpr double kFlopOfRow = 3.0 * 2.0 * (64 * 256 + 256 * 64 + 64);

// Ids from 1 to bound, low ones more often.
Ids skewed_ids(std::size_t bound, std::uint64_t seed) {
  const Random random(seed);
  Ids ids;
  for (std::size_t r = 0; r < kRows; ++r) {
    ids.ids.push_back(1 + static_cast<std::uint32_t>(std::pow(random.uniform(0, r), 2.0) * static_cast<double>(bound)));
  }
  return ids;
}

struct Job {
  graph::Graph graph;
  Batch data{kRows, {skewed_ids(943, 1), skewed_ids(1664, 2)}};
  std::vector<float> labels = std::vector<float>(kRows);
  std::vector<std::uint32_t> rows = permutation(Random(3), 0, kRows);
  Weights weights;

  Job() {
    GraphBuilder builder;
    const auto user = builder.embed("user", 32), item = builder.embed("item", 32);
    builder.output("y",
                   builder.dense(builder.dense(builder.dense(builder.concat({user, item}), 256, relu), 64, relu), 1));
    graph = builder.graph();
    graph.tables[0].rows = 944;
    graph.tables[1].rows = 1665;
    weights = initialize(graph, 1);
    for (std::size_t r = 0; r < kRows; ++r) labels[r] = 1.0F + static_cast<float>(Random(4).below(5, 0, r));
  }
};

double epoch(const Job& job, TrainingStep& step) {
  std::vector<float> predictions(kBatch);
  double loss = 0.0;
  for (std::size_t first = 0; first < kRows; first += kBatch) {
    const std::size_t count = std::min(kBatch, kRows - first);
    loss = step.run({&job.data, std::span(job.rows).subspan(first, count)}, job.labels, mean_squared_error,
                    std::span(predictions).first(count))
               .loss;
  }
  return loss;
}

void training_epoch(benchmark::State& state, const std::string& kernel) {
  Job job;
  const Optimizer adagrad = Adagrad{.learning_rate = 0.1};
  ThreadPool pool(static_cast<std::size_t>(state.range(0)));
  TrainingStep step(job.graph, job.weights, adagrad, gemm_kernel(kernel), pool, 1);
  const double first = epoch(job, step), second = epoch(job, step);
  if (!(second < first && second < 5.0)) return state.SkipWithError("it does not learn");
  for (auto _ : state) benchmark::DoNotOptimize(epoch(job, step));
  state.counters["GFLOPS"] =
      benchmark::Counter(kFlopOfRow * kRows * 1e-9, benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK_CAPTURE(training_epoch, fp32, "")->Arg(1)->Arg(2)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(training_epoch, bf16, "bf16")->Arg(1)->Arg(2)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(training_epoch, onednn, "onednn")->Arg(1)->Arg(2)->UseRealTime()->Unit(benchmark::kMillisecond);
}  // namespace
}  // namespace podium::nn
