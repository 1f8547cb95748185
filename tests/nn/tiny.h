#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "podium/core/batch.h"
#include "podium/core/random.h"
#include "podium/graph/builder.h"
#include "podium/nn/weights.h"

namespace podium::nn {
/// Ids of one feature, drawn from [0, bound).
inline Ids random_ids(std::size_t rows, std::uint32_t bound, std::uint64_t seed) {
  const Random random(seed);
  Ids ids;
  for (std::size_t r = 0; r < rows; ++r) ids.ids.push_back(static_cast<std::uint32_t>(random.below(bound, 0, r)));
  return ids;
}

inline std::vector<std::uint32_t> numbers_to(std::size_t count) {
  std::vector<std::uint32_t> numbers(count);
  for (std::size_t i = 0; i < count; ++i) numbers[i] = static_cast<std::uint32_t>(i);
  return numbers;
}

inline std::vector<float> normal_numbers(std::size_t count, std::uint64_t seed) {
  const Random random(seed);
  std::vector<float> numbers(count);
  for (std::size_t i = 0; i < count; ++i) numbers[i] = static_cast<float>(random.normal(0, i));
  return numbers;
}

/// A graph whose tables have that many rows each.
inline graph::Graph with_rows(const GraphBuilder& builder, std::size_t rows) {
  graph::Graph graph = builder.graph();
  for (auto& table : graph.tables) table.rows = rows;
  return graph;
}
}  // namespace podium::nn
