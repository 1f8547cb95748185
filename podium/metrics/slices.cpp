#include "podium/metrics/slices.h"

#include <algorithm>
#include <array>
#include <cassert>

namespace podium {
namespace {
constexpr std::array<std::uint32_t, 5> kStarts = {1, 5, 20, 100, 500};  // where the slices after the first begin

std::vector<std::string> activity_names() {
  std::vector<std::string> names = {"0"};
  for (std::size_t i = 0; i + 1 < kStarts.size(); ++i) {
    names.push_back(std::to_string(kStarts[i]) + "-" + std::to_string(kStarts[i + 1] - 1));
  }
  names.push_back(std::to_string(kStarts.back()) + "+");
  return names;
}
}  // namespace

Slices activity_slices(std::span<const std::uint32_t> train_ids, std::span<const std::uint32_t> ids) {
  const std::uint32_t most = train_ids.empty() ? 0 : *std::ranges::max_element(train_ids);
  std::vector<std::uint32_t> counts(std::size_t{most} + 1);
  for (const std::uint32_t id : train_ids) ++counts[id];
  return activity_slices_of_counts(counts, ids);
}

Slices activity_slices_of_counts(std::span<const std::uint32_t> train_counts, std::span<const std::uint32_t> ids) {
  Slices slices{activity_names(), {}};
  slices.of_row.reserve(ids.size());
  for (const std::uint32_t id : ids) {
    const std::uint32_t count = id == 0 || id >= train_counts.size() ? 0 : train_counts[id];
    const auto slice = std::ranges::upper_bound(kStarts, count) - kStarts.begin();
    slices.of_row.push_back(static_cast<std::uint32_t>(slice));
  }
  return slices;
}

std::vector<SliceMetrics> metrics_by_slice(std::span<const float> predictions, std::span<const float> labels,
                                           const Slices& slices, std::span<const Metric> metrics) {
  assert(predictions.size() == labels.size() && slices.of_row.size() == labels.size());
  struct Rows {
    std::vector<float> predictions, labels;
  };
  std::vector<Rows> parts(slices.names.size());
  for (std::size_t row = 0; row < labels.size(); ++row) {
    Rows& part = parts[slices.of_row[row]];
    part.predictions.push_back(predictions[row]);
    part.labels.push_back(labels[row]);
  }
  std::vector<SliceMetrics> results;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    SliceMetrics result{slices.names[i], parts[i].labels.size(), {}};
    for (const Metric& metric : metrics) result.values.push_back(metric(parts[i].predictions, parts[i].labels));
    results.push_back(std::move(result));
  }
  return results;
}
}  // namespace podium
