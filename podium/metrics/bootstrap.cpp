#include "podium/metrics/bootstrap.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

#include "podium/core/random.h"
#include "podium/metrics/quantile.h"

namespace podium {
namespace {
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr std::uint64_t kMergeStream = ~std::uint64_t{0};  // far from the resamples' streams, which count from 0

void add(GroupErrors& total, const GroupErrors& group) {
  total.rows += group.rows;
  total.squared += group.squared;
  total.absolute += group.absolute;
}

/// The groups that have rows; put together at random if they are too many. A group of groups is a group too: the
/// interval stays right, at the price of the little that more groups would still have told.
std::vector<GroupErrors> drawable(std::span<const GroupErrors> groups, const BootstrapOptions& options) {
  std::vector<GroupErrors> filled;
  for (const auto& group : groups) {
    if (group.rows > 0.0) filled.push_back(group);
  }
  if (filled.size() <= options.most_groups) return filled;
  const Random random(options.seed);
  std::vector<GroupErrors> merged(options.most_groups);
  for (std::size_t i = 0; i < filled.size(); ++i) {
    add(merged[random.below(merged.size(), kMergeStream, i)], filled[i]);
  }
  std::erase_if(merged, [](const GroupErrors& group) { return group.rows == 0.0; });
  return merged;
}

/// One resample; four draws come from one block of random words.
GroupErrors resample(const std::vector<GroupErrors>& groups, const Random& random, std::size_t number) {
  GroupErrors total;
  for (std::size_t draw = 0; draw < groups.size(); draw += 4) {
    const auto words = random.block(number, draw / 4);
    for (std::size_t k = 0; k < 4 && draw + k < groups.size(); ++k) {
      // 32 bits choose among n groups with a bias of at most n / 2^32 of a group's chance.
      add(total, groups[static_cast<std::size_t>((std::uint64_t{words[k]} * groups.size()) >> 32)]);
    }
  }
  return total;
}

template <class Metric>
Interval interval_of(const std::vector<GroupErrors>& totals, double confidence, const Metric& metric) {
  std::vector<double> values(totals.size());
  std::transform(totals.begin(), totals.end(), values.begin(), metric);
  return percentile_interval(std::move(values), confidence);
}
}  // namespace

double GroupErrors::rmse() const { return rows == 0.0 ? kNaN : std::sqrt(squared / rows); }
double GroupErrors::mae() const { return rows == 0.0 ? kNaN : absolute / rows; }

std::vector<GroupErrors> errors_by_group(std::span<const float> predictions, std::span<const float> labels,
                                         std::span<const std::uint32_t> groups, std::size_t group_count) {
  assert(predictions.size() == labels.size() && groups.size() == labels.size());
  std::vector<GroupErrors> sums(group_count);
  for (std::size_t row = 0; row < labels.size(); ++row) {
    assert(groups[row] < group_count);
    const double error = static_cast<double>(predictions[row]) - static_cast<double>(labels[row]);
    add(sums[groups[row]], {1.0, error * error, std::abs(error)});
  }
  return sums;
}

std::vector<GroupErrors> resample_groups(std::span<const GroupErrors> groups, const BootstrapOptions& options,
                                         ThreadPool* pool) {
  assert(options.most_groups >= 2);
  const auto filled = drawable(groups, options);
  if (filled.size() < 2) return {};
  const Random random(options.seed);
  std::vector<GroupErrors> totals(options.resamples);
  const auto draw = [&](std::size_t number, std::size_t) { totals[number] = resample(filled, random, number); };
  if (pool != nullptr) {
    pool->run(totals.size(), draw);
  } else {
    for (std::size_t number = 0; number < totals.size(); ++number) draw(number, 0);
  }
  return totals;
}

Interval percentile_interval(std::vector<double> values, double confidence) {
  assert(confidence > 0.0 && confidence < 1.0);
  if (values.empty() || std::ranges::any_of(values, [](double value) { return std::isnan(value); })) {
    return {kNaN, kNaN};
  }
  std::sort(values.begin(), values.end());
  return {metrics::quantile(values, (1.0 - confidence) / 2.0), metrics::quantile(values, (1.0 + confidence) / 2.0)};
}

ErrorIntervals bootstrap_over_groups(std::span<const GroupErrors> groups, const BootstrapOptions& options,
                                     ThreadPool* pool) {
  const auto totals = resample_groups(groups, options, pool);
  return {interval_of(totals, options.confidence, [](const GroupErrors& total) { return total.rmse(); }),
          interval_of(totals, options.confidence, [](const GroupErrors& total) { return total.mae(); })};
}

Interval bootstrap_over_groups(std::span<const GroupErrors> groups,
                               const std::function<double(const GroupErrors& total)>& metric,
                               const BootstrapOptions& options, ThreadPool* pool) {
  return interval_of(resample_groups(groups, options, pool), options.confidence, metric);
}
}  // namespace podium
