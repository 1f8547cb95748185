#include "podium/train/slices.h"

#include <gtest/gtest.h>

#include <cmath>

#include "podium/core/random.h"

namespace podium::train {
namespace {
TEST(ByActivity, BothEndsBelongToASlice) {
  const std::vector<std::uint32_t> activity = {0, 1, 4, 5, 999, 1000, 4'000'000'000U};
  const std::vector<float> zeros(activity.size(), 0.0F);
  const auto slices = by_activity({.predictions = zeros, .labels = zeros}, activity);
  ASSERT_EQ(slices.size(), 5U);
  EXPECT_EQ(slices[1].low, 1.0);
  EXPECT_EQ(slices[1].high, 4.0);
  EXPECT_EQ(slices[1].rows, 2U);
  EXPECT_EQ(slices[2].low, 5.0);
  EXPECT_EQ(slices[3].high, 999.0);
  EXPECT_EQ(slices[4].rows, 2U);
  EXPECT_TRUE(std::isinf(slices[4].high));
}

TEST(ByValue, FewValuesHaveASliceEach) {
  const std::vector<float> labels = {5.0F, 1.0F, 5.0F}, predictions = {4.0F, 3.0F, 5.0F};
  const auto slices = by_value({.predictions = predictions, .labels = labels}, labels, 12, 10);
  ASSERT_EQ(slices.size(), 2U);
  EXPECT_EQ(slices[0].low, 1.0);
  EXPECT_EQ(slices[0].high, 1.0);
  EXPECT_EQ(slices[0].mean_prediction, 3.0);
  EXPECT_EQ(slices[1].rows, 2U);
  EXPECT_EQ(slices[1].mean_prediction, 4.5);
  EXPECT_DOUBLE_EQ(slices[1].rmse, std::sqrt(0.5));
}

TEST(ByValue, ManyValuesAreCutIntoEqualRows) {
  std::vector<float> values;
  for (int k = 0; k < 100; ++k) values.push_back(static_cast<float>((k * 37) % 100));  // a permutation
  const auto slices = by_value({.predictions = values, .labels = values}, values, 12, 10);
  ASSERT_EQ(slices.size(), 10U);
  for (std::size_t k = 0; k < 10; ++k) {
    EXPECT_EQ(slices[k].rows, 10U);
    EXPECT_EQ(slices[k].low, 10.0 * static_cast<double>(k));
    EXPECT_EQ(slices[k].high, 10.0 * static_cast<double>(k) + 9.0);
  }
}

TEST(ByValue, RowsOfOneValueStayTogetherAndNoneIsLost) {
  const Random random(5);
  for (std::uint64_t round = 0; round < 50; ++round) {
    std::vector<float> values;
    const std::size_t rows = random.below(200, round, 0);
    for (std::size_t row = 0; row < rows; ++row) {
      const double number = random.uniform(round, row + 1);
      values.push_back(static_cast<float>(std::floor(40.0 * number * number)));
    }
    const auto slices = by_value({.predictions = values, .labels = values}, values, 1, 10);
    EXPECT_LE(slices.size(), 10U);
    std::size_t counted = 0;
    for (std::size_t k = 0; k < slices.size(); ++k) {
      counted += slices[k].rows;
      EXPECT_TRUE(k == 0 || slices[k].low > slices[k - 1].high) << "slice " << k;
    }
    EXPECT_EQ(counted, rows);
  }
}
}  // namespace
}  // namespace podium::train
