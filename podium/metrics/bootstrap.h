#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "podium/core/thread_pool.h"

namespace podium {
/// From low to high; both NaN where there is too little to tell.
struct Interval {
  double low = 0.0, high = 0.0;
};

struct BootstrapOptions {
  std::size_t resamples = 1000;
  double confidence = 0.95;
  std::uint64_t seed = 1;           // same seed and data, same interval, on any number of threads
  std::size_t most_groups = 20000;  // more than that are first put together at random, to bound the time
};

/// The sums of one group's rows from which the errors' metrics follow.
struct GroupErrors {
  double rows = 0.0, squared = 0.0, absolute = 0.0;
  double rmse() const;
  double mae() const;
};

/// Sums of p - y by group.
///   predictions, labels, groups  [rows]; each group below `group_count`
/// -> [group_count]
std::vector<GroupErrors> errors_by_group(std::span<const float> predictions, std::span<const float> labels,
                                         std::span<const std::uint32_t> groups, std::size_t group_count);

/// Sums over each resample of the groups: as many groups as there are, drawn with replacement. Groups without rows are
/// left out.  -> [resamples], empty if fewer than two groups have rows.
std::vector<GroupErrors> resample_groups(std::span<const GroupErrors> groups, const BootstrapOptions& options,
                                         ThreadPool* pool = nullptr);

/// The middle `confidence` of the values, cut at their percentiles (linear between neighbours). NaN of no values.
Interval percentile_interval(std::vector<double> values, double confidence);

/// How far rmse and mae of another set of users like these may lie: percentile bootstrap over groups (users), because
/// the rows of one user are not independent of each other.
/// Source: Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13; Cameron, Gelbach and Miller,
/// "Bootstrap-Based Improvements for Inference with Clustered Errors", 2008, for drawing whole groups.
struct ErrorIntervals {
  Interval rmse, mae;
};
ErrorIntervals bootstrap_over_groups(std::span<const GroupErrors> groups, const BootstrapOptions& options = {},
                                     ThreadPool* pool = nullptr);
/// The same for any number that follows from the sums.
Interval bootstrap_over_groups(std::span<const GroupErrors> groups,
                               const std::function<double(const GroupErrors& total)>& metric,
                               const BootstrapOptions& options = {}, ThreadPool* pool = nullptr);
}  // namespace podium
