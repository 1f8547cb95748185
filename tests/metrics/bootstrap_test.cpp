#include "podium/metrics/bootstrap.h"

#include <gtest/gtest.h>

#include <cmath>

#include "podium/core/random.h"
#include "podium/metrics/quantile.h"

namespace podium {
namespace {
double rmse_of(const GroupErrors& total) { return total.rmse(); }

/// Groups of `rows` rows each, whose errors share a part of their own: error = group's + row's, both normal.
std::vector<GroupErrors> clustered(std::size_t count, std::size_t rows, std::uint64_t seed) {
  const Random random(seed);
  std::vector<GroupErrors> groups(count);
  for (std::size_t g = 0; g < count; ++g) {
    const double shared = random.normal(0, g);
    for (std::size_t r = 0; r < rows; ++r) {
      const double error = shared + random.normal(1 + g, r);
      groups[g].rows += 1.0;
      groups[g].squared += error * error;
      groups[g].absolute += std::abs(error);
    }
  }
  return groups;
}

TEST(ErrorsByGroup, ByHand) {  // errors 1, -2, 3
  const auto groups =
      errors_by_group(std::vector<float>{2, 2, 7}, std::vector<float>{1, 4, 4}, std::vector<std::uint32_t>{2, 0, 2}, 4);
  ASSERT_EQ(groups.size(), 4U);
  EXPECT_EQ(groups[0].squared, 4.0);
  EXPECT_EQ(groups[0].absolute, 2.0);
  EXPECT_EQ(groups[2].rows, 2.0);
  EXPECT_EQ(groups[2].rmse(), std::sqrt(5.0));
  EXPECT_EQ(groups[2].mae(), 2.0);
  EXPECT_TRUE(std::isnan(groups[1].rmse()));
}

TEST(Quantile, IsLinearBetweenNeighbours) {  // numpy.quantile([1, 2, 4], ...)
  const std::vector<double> values = {1, 2, 4};
  EXPECT_EQ(metrics::quantile(values, 0.0), 1.0);
  EXPECT_EQ(metrics::quantile(values, 0.25), 1.5);
  EXPECT_EQ(metrics::quantile(values, 0.75), 3.0);
  EXPECT_EQ(metrics::quantile(values, 1.0), 4.0);
}

TEST(PercentileInterval, CutsBothEnds) {  // 0 to 100: each percentile is its value
  std::vector<double> values;
  for (int i = 100; i >= 0; --i) values.push_back(i);
  const auto interval = percentile_interval(values, 0.9);
  EXPECT_NEAR(interval.low, 5.0, 1e-9);
  EXPECT_NEAR(interval.high, 95.0, 1e-9);
  EXPECT_TRUE(std::isnan(percentile_interval({}, 0.9).low));
  EXPECT_TRUE(std::isnan(percentile_interval({1.0, std::nan("")}, 0.9).high));
}

TEST(Bootstrap, DrawsAsManyGroupsAsThereAreEachAsOften) {
  // One row a group, `squared` marks the first: its mean over resamples is 1 with sd sqrt(1 / resamples) = 0.016.
  std::vector<GroupErrors> groups(7, {1.0, 0.0, 0.0});
  groups[0].squared = 1.0;
  double marks = 0.0;
  const auto totals = resample_groups(groups, {.resamples = 4000});
  for (const auto& total : totals) {
    EXPECT_EQ(total.rows, 7.0);
    marks += total.squared;
  }
  EXPECT_NEAR(marks / 4000.0, 1.0, 0.08);
}

TEST(Bootstrap, HasTheSameBitsOnAnyNumberOfThreads) {
  const auto groups = clustered(101, 5, 1);
  const auto alone = bootstrap_over_groups(groups);
  for (const std::size_t threads : {1U, 2U, 3U, 7U}) {
    ThreadPool pool(threads);
    const auto together = bootstrap_over_groups(groups, {}, &pool);
    EXPECT_EQ(together.rmse.low, alone.rmse.low);
    EXPECT_EQ(together.rmse.high, alone.rmse.high);
    EXPECT_EQ(together.mae.low, alone.mae.low);
    EXPECT_EQ(together.mae.high, alone.mae.high);
  }
}

TEST(Bootstrap, ChangesWithTheSeedAlone) {
  const auto groups = clustered(101, 5, 1);
  EXPECT_EQ(bootstrap_over_groups(groups, rmse_of).low, bootstrap_over_groups(groups).rmse.low);
  EXPECT_NE(bootstrap_over_groups(groups, rmse_of, {.seed = 2}).low, bootstrap_over_groups(groups).rmse.low);
}

TEST(Bootstrap, LeavesGroupsWithoutRowsOut) {
  auto groups = clustered(50, 5, 1);
  const auto without = bootstrap_over_groups(groups);
  groups.insert(groups.begin() + 3, GroupErrors{});
  EXPECT_EQ(bootstrap_over_groups(groups).rmse.low, without.rmse.low);
}

TEST(Bootstrap, OfOneGroupSaysNothing) {
  EXPECT_TRUE(std::isnan(bootstrap_over_groups(clustered(1, 5, 1)).rmse.low));
  EXPECT_TRUE(std::isnan(bootstrap_over_groups({}).mae.high));
}

TEST(Bootstrap, AgreesWithTheNormalApproximationOfAMean) {
  // mae over groups of equal size is a mean of independent group means: its interval is about mean +- 1.96 s / sqrt(n).
  const auto groups = clustered(400, 6, 3);
  double sum = 0.0, squares = 0.0;
  for (const auto& group : groups) {
    sum += group.mae();
    squares += group.mae() * group.mae();
  }
  const double mean = sum / 400.0, deviation = std::sqrt((squares / 400.0 - mean * mean) / 400.0);
  const auto interval = bootstrap_over_groups(groups, {.resamples = 4000}).mae;
  EXPECT_NEAR(interval.low, mean - 1.96 * deviation, 0.15 * deviation);
  EXPECT_NEAR(interval.high, mean + 1.96 * deviation, 0.15 * deviation);
}

TEST(Bootstrap, HoldsTheTruthAboutAsOftenAsItSays) {
  // The true rmse is sqrt(1 + 1). Of 300 worlds, 95 % is 285 with sd 3.8; percentile intervals of few groups hold a
  // little less. Drawing rows and not groups would hold it in about half of them.
  int held = 0;
  for (std::uint64_t world = 0; world < 300; ++world) {
    const auto interval = bootstrap_over_groups(clustered(100, 10, 1000 + world), {.resamples = 300}).rmse;
    held += interval.low <= std::sqrt(2.0) && std::sqrt(2.0) <= interval.high ? 1 : 0;
  }
  EXPECT_GE(held, 267);
  EXPECT_LE(held, 296);
}

TEST(Bootstrap, OfManyGroupsPutTogetherKeepsItsWidth) {
  const auto groups = clustered(3000, 3, 5);
  const auto all = bootstrap_over_groups(groups).rmse,
             merged = bootstrap_over_groups(groups, {.most_groups = 300}).rmse;
  EXPECT_NEAR(merged.high - merged.low, all.high - all.low, 0.25 * (all.high - all.low));
  EXPECT_NEAR(merged.low, all.low, 0.25 * (all.high - all.low));
}
}  // namespace
}  // namespace podium
