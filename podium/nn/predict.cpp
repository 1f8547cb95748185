#include "podium/nn/predict.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <numeric>
#include <vector>

#include "podium/nn/executor.h"

namespace podium::nn {
void predict(const graph::Graph& graph, const Weights& weights, const GemmKernel& kernel, const Batch& rows,
             ThreadPool& pool, std::span<float> predictions) {
  assert(predictions.size() == rows.rows);
  const graph::ValueId output = graph.outputs.front().value;
  Executor executor(graph, kernel, {output});
  executor.prepare(weights);
  std::vector<Workspace> workspaces;
  for (std::size_t worker = 0; worker < pool.threads(); ++worker) workspaces.emplace_back(executor.plan());
  pool.run((rows.rows + kTileRows - 1) / kTileRows, [&](std::size_t index, std::size_t worker) {
    const std::size_t first = index * kTileRows, count = std::min(kTileRows, rows.rows - first);
    std::array<std::uint32_t, kTileRows> numbers;
    std::iota(numbers.begin(), numbers.begin() + count, static_cast<std::uint32_t>(first));
    const Tile tile(executor.plan(), rows, std::span(numbers).first(count), first, workspaces[worker]);
    executor.forward(weights, tile, nullptr);
    const MatrixView scores = tile.value(output);
    for (std::size_t r = 0; r < count; ++r) predictions[first + r] = scores.row(r)[0];
  });
}
}  // namespace podium::nn
