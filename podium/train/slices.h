#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "podium/train/evaluation.h"

namespace podium::train {
/// Predictions and labels of the same rows, [rows] each.
struct Predicted {
  std::span<const float> predictions, labels;
};

/// Rows by their activity, [rows]: 0, 1-4, 5-19, 20-49, 50-99, 100-199, 200-499, 500-999 and 1000 or more.
std::vector<Slice> by_activity(const Predicted& rows, std::span<const std::uint32_t> activity);

/// Rows by a value of theirs, [rows]: one slice per value if there are at most `single_values`, else about `slices` of
/// equal rows. Rows of one value stay together. No value may be NaN.
std::vector<Slice> by_value(const Predicted& rows, std::span<const float> values, std::size_t single_values,
                            std::size_t slices);
}  // namespace podium::train
