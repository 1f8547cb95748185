// The wide job's side in Podium: 20 tables of up to a million rows, 13 numbers, 512-256-1, Adagrad.
//   wide FILE [--threads N] [--warmup STEPS] [--steps STEPS] [--kernel NAME]
// FILE is what peers/wide_data.py writes. Prints one JSON object: step_seconds, losses, peak_memory_bytes.
#include <sys/resource.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <exception>
#include <string>
#include <vector>

#include "podium/core/error.h"
#include "podium/core/mapped_file.h"
#include "podium/graph/builder.h"
#include "podium/nn/training_step.h"

namespace podium {
namespace {
constexpr std::size_t kTables = 20, kNumbers = 13, kDim = 32, kBatch = 8192;

// A geometric series from 100 to 1,000,000 rows, as wide_data.py's sizes().
std::size_t table_rows(std::size_t table) {
  return static_cast<std::size_t>(std::lround(100.0 * std::pow(1e4, static_cast<double>(table) / (kTables - 1))));
}

struct Data {
  Batch rows;
  std::vector<float> labels;
};

Data read(const std::string& path) {
  const MappedFile file(path);
  const std::size_t rows = file.bytes().size() / (4 * (kTables + kNumbers + 1));
  if (rows == 0 || file.bytes().size() != rows * 4 * (kTables + kNumbers + 1)) {
    throw Error(path + ": not a file of peers/wide_data.py");
  }
  Data data;
  data.rows.rows = rows;
  const std::byte* at = file.bytes().data();
  std::vector<std::uint32_t> ids(rows * kTables);
  std::memcpy(ids.data(), at, ids.size() * 4);
  for (std::size_t table = 0; table < kTables; ++table) {
    Ids column{std::vector<std::uint32_t>(rows), {}};
    for (std::size_t r = 0; r < rows; ++r) column.ids[r] = ids[r * kTables + table];
    data.rows.features.emplace_back(std::move(column));
  }
  Numbers numbers(rows * kNumbers);
  std::memcpy(numbers.data(), at + ids.size() * 4, numbers.size() * 4);
  for (std::size_t n = 0; n < kNumbers; ++n) {
    Numbers column(rows);
    for (std::size_t r = 0; r < rows; ++r) column[r] = numbers[r * kNumbers + n];
    data.rows.features.emplace_back(std::move(column));
  }
  data.labels.resize(rows);
  std::memcpy(data.labels.data(), at + (ids.size() + numbers.size()) * 4, rows * 4);
  return data;
}

graph::Graph network() {
  GraphBuilder builder;
  std::vector<graph::ValueId> inputs;
  for (std::size_t t = 0; t < kTables; ++t) inputs.push_back(builder.embed("id_" + std::to_string(t), kDim));
  for (std::size_t n = 0; n < kNumbers; ++n) inputs.push_back(builder.number("number_" + std::to_string(n)));
  builder.output("label", builder.dense(builder.dense(builder.dense(builder.concat(inputs), 512, relu), 256, relu), 1));
  graph::Graph graph = builder.graph();
  for (std::size_t t = 0; t < kTables; ++t) graph.tables[t].rows = table_rows(t);
  return graph;
}

void run(const std::string& path, std::size_t threads, std::size_t warmup, std::size_t steps,
         const std::string& kernel) {
  const Data data = read(path);
  const graph::Graph graph = network();
  nn::Weights weights = nn::initialize(graph, 42);
  const Optimizer adagrad = Adagrad{.learning_rate = 0.01};
  ThreadPool pool(threads);
  nn::TrainingStep step(graph, weights, adagrad, gemm_kernel(kernel), pool, 1);
  std::vector<std::uint32_t> rows(data.rows.rows);
  for (std::size_t r = 0; r < rows.size(); ++r) rows[r] = static_cast<std::uint32_t>(r);
  std::vector<float> predictions(kBatch);
  std::vector<double> seconds, losses;
  const std::size_t batches = (rows.size() + kBatch - 1) / kBatch;
  for (std::size_t s = 0; s < warmup + steps; ++s) {
    const std::size_t first = s % batches * kBatch, count = std::min(kBatch, rows.size() - first);
    const auto began = std::chrono::steady_clock::now();
    const auto result = step.run({&data.rows, std::span(rows).subspan(first, count)}, data.labels, binary_crossentropy,
                                 std::span(predictions).first(count));
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    if (s >= warmup) seconds.push_back(took.count());
    losses.push_back(result.loss);
  }
  const auto list = [](const std::vector<double>& values) {
    std::string text;
    for (const double value : values) text += (text.empty() ? "" : ", ") + std::to_string(value);
    return "[" + text + "]";
  };
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf(
      "{\"step_seconds\": %s, \"losses\": %s, \"threads\": %zu, \"kernel\": \"%s\", \"peak_memory_bytes\": %ld}\n",
      list(seconds).c_str(), list(losses).c_str(), pool.threads(), std::string(gemm_kernel(kernel).name()).c_str(),
      usage.ru_maxrss * 1024L);
}
}  // namespace
}  // namespace podium

int main(int count, char** arguments) try {
  std::string path, kernel;
  std::size_t threads = 0, warmup = 5, steps = 30;
  for (int i = 1; i < count; ++i) {
    const std::string argument = arguments[i];
    const bool has_value = i + 1 < count;
    if (argument == "--threads" && has_value) {
      threads = std::stoul(arguments[++i]);
    } else if (argument == "--warmup" && has_value) {
      warmup = std::stoul(arguments[++i]);
    } else if (argument == "--steps" && has_value) {
      steps = std::stoul(arguments[++i]);
    } else if (argument == "--kernel" && has_value) {
      kernel = arguments[++i];
    } else {
      path = argument;
    }
  }
  podium::run(path, threads, warmup, steps, kernel);
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "wide: %s\n", error.what());
  return 1;
}
