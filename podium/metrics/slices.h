#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "podium/metrics/metric.h"

namespace podium {
/// A cut of rows into named parts.
struct Slices {
  std::vector<std::string> names;
  std::vector<std::uint32_t> of_row;  // [rows], each an index into names
};

/// Rows by how often their user (or item) stands in the training rows: 0, 1-4, 5-19, 20-99, 100-499, 500 or more.
/// Id 0, an unknown's, counts as never seen.
///   train_ids  ids of the training rows;  ids  [rows] of the rows to cut
Slices activity_slices(std::span<const std::uint32_t> train_ids, std::span<const std::uint32_t> ids);
/// The same of training rows that are counted already: train_counts[id], beyond its end 0.
Slices activity_slices_of_counts(std::span<const std::uint32_t> train_counts, std::span<const std::uint32_t> ids);

/// The metrics of one part.
struct SliceMetrics {
  std::string name;
  std::size_t rows = 0;
  std::vector<double> values;  // one per metric; NaN where it has no meaning, as of no rows
};

/// Metrics of each part of the rows, in the order of slices.names.
std::vector<SliceMetrics> metrics_by_slice(std::span<const float> predictions, std::span<const float> labels,
                                           const Slices& slices, std::span<const Metric> metrics);
}  // namespace podium
