#include "podium/metrics/slices.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

namespace podium {
namespace {
TEST(ActivitySlices, CutByTrainingRows) {
  std::vector<std::uint32_t> train;
  const std::vector<std::size_t> times = {9, 0, 1, 4, 5, 19, 20, 99, 100, 499, 500};  // of id 0, 1, 2, ...
  for (std::uint32_t id = 0; id < times.size(); ++id) train.insert(train.end(), times[id], id);
  const std::vector<std::uint32_t> rows = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};  // 11 never stands in train
  const auto slices = activity_slices(train, rows);
  EXPECT_EQ(slices.names, (std::vector<std::string>{"0", "1-4", "5-19", "20-99", "100-499", "500+"}));
  EXPECT_EQ(slices.of_row, (std::vector<std::uint32_t>{0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 0}));
}

TEST(ActivitySlices, OfNothing) {
  EXPECT_TRUE(activity_slices({}, {}).of_row.empty());
  EXPECT_EQ(activity_slices({}, std::vector<std::uint32_t>{3}).of_row, std::vector<std::uint32_t>{0});
}

TEST(MetricsBySlice, AreThoseOfTheSlicesRows) {
  const std::vector<float> predictions = {1, 2, 3, 4}, labels = {1, 0, 0, 4};
  const Slices slices{{"a", "b", "none"}, {0, 1, 1, 0}};
  const std::vector<Metric> metrics = {mae, mean_label};
  const auto result = metrics_by_slice(predictions, labels, slices, metrics);
  ASSERT_EQ(result.size(), 3U);
  EXPECT_EQ(result[0].name, "a");
  EXPECT_EQ(result[0].rows, 2U);
  EXPECT_EQ(result[0].values, (std::vector<double>{0.0, 2.5}));
  EXPECT_EQ(result[1].values, (std::vector<double>{2.5, 0.0}));
  EXPECT_EQ(result[2].rows, 0U);
  EXPECT_TRUE(std::isnan(result[2].values[0]));
}

TEST(MetricsBySlice, SquaresAddUpToThoseOfAllRows) {
  std::vector<float> predictions(100), labels(100);
  std::iota(predictions.begin(), predictions.end(), 0.0F);
  Slices slices{{"0", "1", "2"}, std::vector<std::uint32_t>(100)};
  for (std::uint32_t row = 0; row < 100; ++row) slices.of_row[row] = row % 3;
  double squares = 0.0;
  for (const auto& slice : metrics_by_slice(predictions, labels, slices, std::vector<Metric>{mse})) {
    squares += slice.values[0] * static_cast<double>(slice.rows);
  }
  EXPECT_NEAR(squares, mse(predictions, labels) * 100.0, 1e-6);
}
}  // namespace
}  // namespace podium
