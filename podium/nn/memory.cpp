#include "podium/nn/memory.h"

#include "podium/nn/plan.h"
#include "podium/nn/tile.h"
#include "podium/nn/training_step.h"

namespace podium::nn {
TrainingMemory training_memory(const graph::Graph& graph, const Optimizer& optimizer, std::size_t batch_rows,
                               std::size_t threads) {
  constexpr std::uint64_t kFloat = sizeof(float), kPacked = 2;  // kernels lie packed for both directions
  constexpr std::uint64_t kIndexBytes = 32;                     // of each id in a batch, see TableIndex
  TrainingMemory memory;
  std::uint64_t dense = 0;
  const auto parameters = graph::parameters(graph);
  for (std::size_t tensor = 0; tensor < parameters.size(); ++tensor) {
    const std::uint64_t size = size_of(parameters[tensor].shape);
    memory.weights += kFloat * size;
    memory.slots +=
        kFloat * slot_count(optimizer) * size_of(slot_shape(optimizer, graph, tensor, parameters[tensor].shape));
    if (tensor >= graph.tables.size()) dense += size;
  }
  const Plan plan = make_plan(graph, {graph.outputs.front().value});
  std::uint64_t batch_width = 0, tile_width = 0, lookups = 0;
  for (const auto home : plan.batch_homes) batch_width += plan.values[home].width;
  for (const auto& value : plan.values) tile_width += 2 * value.width;  // with its gradient
  for (const auto& of_table : plan.lookups) lookups += of_table.size();
  const std::size_t lanes = lane_count(dense, (batch_rows + kTileRows - 1) / kTileRows);
  memory.step = kFloat * (dense * (lanes + kPacked) + batch_rows * batch_width + threads * kTileRows * tile_width) +
                kIndexBytes * batch_rows * lookups;
  return memory;
}
}  // namespace podium::nn
