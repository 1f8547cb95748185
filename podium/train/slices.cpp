#include "podium/train/slices.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

namespace podium::train {
namespace {
/// Sums of one slice's rows, added in the order of the rows.
struct Sums {
  std::size_t rows = 0;
  double squares = 0.0, absolutes = 0.0, labels = 0.0, predictions = 0.0;

  void add(float prediction, float label) {
    const double error = double{prediction} - double{label};
    ++rows;
    squares += error * error;
    absolutes += std::abs(error);
    labels += label;
    predictions += prediction;
  }
  Slice slice(double low, double high) const {
    const double count = static_cast<double>(rows);
    return {.low = low,
            .high = high,
            .rows = rows,
            .rmse = std::sqrt(squares / count),
            .mae = absolutes / count,
            .mean_label = labels / count,
            .mean_prediction = predictions / count};
  }
};
}  // namespace

std::vector<Slice> by_activity(const Predicted& rows, std::span<const std::uint32_t> activity) {
  constexpr std::array<std::uint32_t, 9> kFrom = {0, 1, 5, 20, 50, 100, 200, 500, 1000};
  std::array<Sums, kFrom.size()> sums;
  for (std::size_t row = 0; row < activity.size(); ++row) {
    const auto slice = std::ranges::upper_bound(kFrom, activity[row]) - kFrom.begin() - 1;
    sums[static_cast<std::size_t>(slice)].add(rows.predictions[row], rows.labels[row]);
  }
  std::vector<Slice> slices;
  for (std::size_t k = 0; k < kFrom.size(); ++k) {
    if (sums[k].rows == 0) continue;
    const bool last = k + 1 == kFrom.size();
    slices.push_back(sums[k].slice(kFrom[k], last ? std::numeric_limits<double>::infinity() : kFrom[k + 1] - 1.0));
  }
  return slices;
}

std::vector<Slice> by_value(const Predicted& rows, std::span<const float> values, std::size_t single_values,
                            std::size_t slices) {
  std::vector<std::uint32_t> order(values.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::stable_sort(order, {}, [&](std::uint32_t row) { return values[row]; });
  std::size_t distinct = values.empty() ? 0 : 1;
  for (std::size_t k = 1; k < order.size(); ++k) distinct += values[order[k]] != values[order[k - 1]] ? 1 : 0;
  const bool single = distinct <= single_values;

  std::vector<Slice> found;
  std::size_t from = 0;
  while (from < order.size()) {
    // The nearest end of an equal share that makes the slice at least half a share long, moved on to where the value
    // changes.
    const double done = static_cast<double>(from * slices) / static_cast<double>(order.size());
    const auto share = static_cast<std::size_t>(std::lround(done)) + 1;
    std::size_t to = single ? from + 1 : std::max(from + 1, order.size() * share / slices);
    to = std::min(to, order.size());
    while (to < order.size() && values[order[to]] == values[order[to - 1]]) ++to;
    Sums sums;
    for (std::size_t k = from; k < to; ++k) sums.add(rows.predictions[order[k]], rows.labels[order[k]]);
    found.push_back(sums.slice(values[order[from]], values[order[to - 1]]));
    from = to;
  }
  return found;
}
}  // namespace podium::train
