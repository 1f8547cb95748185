#include "podium/metrics/calibration.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstdint>
#include <numeric>

#include "podium/metrics/quantile.h"

namespace podium {
namespace {
using RowNumbers = std::vector<std::uint32_t>;

/// Row numbers in the order of `key`, equal keys in their own order.
RowNumbers order_by(std::span<const float> key) {
  RowNumbers rows(key.size());
  std::iota(rows.begin(), rows.end(), 0U);
  std::sort(rows.begin(), rows.end(),
            [&](std::uint32_t a, std::uint32_t b) { return key[a] != key[b] ? key[a] < key[b] : a < b; });
  return rows;
}

/// Ends of bins in sorted rows: each at the next of `bins` equal parts, moved on to where its key ends.
std::vector<std::size_t> bin_ends(const RowNumbers& rows, std::span<const float> key, std::size_t bins) {
  std::vector<std::size_t> ends;
  for (std::size_t bin = 1; bin <= bins; ++bin) {
    std::size_t end = rows.size() * bin / bins;
    if (end == 0 || (!ends.empty() && end <= ends.back())) continue;
    while (end < rows.size() && key[rows[end]] == key[rows[end - 1]]) ++end;
    ends.push_back(end);
  }
  return ends;
}

/// An end after each distinct key, or nothing if there are more than `most`.
std::vector<std::size_t> distinct_ends(const RowNumbers& rows, std::span<const float> key, std::size_t most) {
  std::vector<std::size_t> ends;
  for (std::size_t row = 1; row <= rows.size(); ++row) {
    if (row < rows.size() && key[rows[row]] == key[rows[row - 1]]) continue;
    if (ends.size() == most) return {};
    ends.push_back(row);
  }
  return ends;
}
}  // namespace

std::vector<CalibrationBin> calibration(std::span<const float> predictions, std::span<const float> labels,
                                        std::size_t bins) {
  assert(predictions.size() == labels.size() && bins > 0);
  const auto rows = order_by(predictions);
  std::vector<CalibrationBin> result;
  std::size_t first = 0;
  for (const std::size_t end : bin_ends(rows, predictions, bins)) {
    CalibrationBin bin;
    bin.rows = end - first;
    bin.lowest = static_cast<double>(predictions[rows[first]]);
    bin.highest = static_cast<double>(predictions[rows[end - 1]]);
    for (std::size_t i = first; i < end; ++i) {
      bin.mean_prediction += static_cast<double>(predictions[rows[i]]);
      bin.mean_label += static_cast<double>(labels[rows[i]]);
    }
    bin.mean_prediction /= static_cast<double>(bin.rows);
    bin.mean_label /= static_cast<double>(bin.rows);
    result.push_back(bin);
    first = end;
  }
  return result;
}

std::vector<ResidualBin> residuals_by_label(std::span<const float> predictions, std::span<const float> labels,
                                            std::size_t bins) {
  assert(predictions.size() == labels.size() && bins > 0);
  const auto rows = order_by(labels);
  auto ends = distinct_ends(rows, labels, bins);
  if (ends.empty()) ends = bin_ends(rows, labels, bins);
  std::vector<ResidualBin> result;
  std::size_t first = 0;
  for (const std::size_t end : ends) {
    ResidualBin bin;
    bin.rows = end - first;
    bin.lowest = static_cast<double>(labels[rows[first]]);
    bin.highest = static_cast<double>(labels[rows[end - 1]]);
    std::vector<double> residuals;
    double sum = 0.0, squares = 0.0;
    for (std::size_t i = first; i < end; ++i) {
      residuals.push_back(static_cast<double>(predictions[rows[i]]) - static_cast<double>(labels[rows[i]]));
      sum += residuals.back();
      squares += residuals.back() * residuals.back();
    }
    std::sort(residuals.begin(), residuals.end());
    bin.mean_residual = sum / static_cast<double>(bin.rows);
    bin.rmse = std::sqrt(squares / static_cast<double>(bin.rows));
    bin.low = metrics::quantile(residuals, 0.1);
    bin.median = metrics::quantile(residuals, 0.5);
    bin.high = metrics::quantile(residuals, 0.9);
    result.push_back(bin);
    first = end;
  }
  return result;
}
}  // namespace podium
