#include "podium/metrics/calibration.h"

#include <gtest/gtest.h>

#include <cmath>

#include "podium/core/random.h"

namespace podium {
namespace {
TEST(Calibration, ByHand) {  // sorted by prediction: (1, 2) (2, 0) | (3, 5) (4, 3)
  const auto bins = calibration(std::vector<float>{4, 1, 3, 2}, std::vector<float>{3, 2, 5, 0}, 2);
  ASSERT_EQ(bins.size(), 2U);
  EXPECT_EQ(bins[0].rows, 2U);
  EXPECT_EQ(bins[0].lowest, 1.0);
  EXPECT_EQ(bins[0].highest, 2.0);
  EXPECT_EQ(bins[0].mean_prediction, 1.5);
  EXPECT_EQ(bins[0].mean_label, 1.0);
  EXPECT_EQ(bins[1].mean_prediction, 3.5);
  EXPECT_EQ(bins[1].mean_label, 4.0);
}

TEST(Calibration, KeepsEqualPredictionsTogether) {
  const auto bins = calibration(std::vector<float>{1, 1, 1, 1, 2}, std::vector<float>{1, 2, 3, 4, 5}, 5);
  ASSERT_EQ(bins.size(), 2U);
  EXPECT_EQ(bins[0].rows, 4U);
  EXPECT_EQ(bins[1].rows, 1U);
}

TEST(Calibration, CoversEveryRowOnceInBinsOfOneSize) {
  const Random random(9);
  std::vector<float> predictions(1003), labels(1003);
  double sum = 0.0;
  for (std::size_t row = 0; row < labels.size(); ++row) {
    predictions[row] = static_cast<float>(random.normal(0, row));
    labels[row] = static_cast<float>(random.normal(1, row));
    sum += static_cast<double>(labels[row]);
  }
  const auto bins = calibration(predictions, labels, 20);
  ASSERT_EQ(bins.size(), 20U);
  std::size_t rows = 0;
  double binned = 0.0, before = -1e9;
  for (const auto& bin : bins) {
    EXPECT_NEAR(static_cast<double>(bin.rows), 50.15, 1.0);
    EXPECT_LT(before, bin.lowest);
    EXPECT_LE(bin.lowest, bin.highest);
    before = bin.highest;
    rows += bin.rows;
    binned += bin.mean_label * static_cast<double>(bin.rows);
  }
  EXPECT_EQ(rows, labels.size());
  EXPECT_NEAR(binned, sum, 1e-9);
}

TEST(Calibration, OfFewRowsAndNone) {
  EXPECT_TRUE(calibration({}, {}).empty());
  EXPECT_TRUE(residuals_by_label({}, {}).empty());
  EXPECT_EQ(calibration(std::vector<float>{2, 1}, std::vector<float>{0, 0}, 20).size(), 2U);
}

TEST(ResidualsByLabel, ByHand) {  // label 1: residuals 0, 1, 2; label 5: -2
  const auto bins = residuals_by_label(std::vector<float>{3, 3, 1, 2}, std::vector<float>{1, 5, 1, 1});
  ASSERT_EQ(bins.size(), 2U);
  EXPECT_EQ(bins[0].rows, 3U);
  EXPECT_EQ(bins[0].lowest, 1.0);
  EXPECT_EQ(bins[0].highest, 1.0);
  EXPECT_EQ(bins[0].mean_residual, 1.0);
  EXPECT_DOUBLE_EQ(bins[0].rmse, std::sqrt(5.0 / 3.0));
  EXPECT_DOUBLE_EQ(bins[0].low, 0.2);
  EXPECT_EQ(bins[0].median, 1.0);
  EXPECT_DOUBLE_EQ(bins[0].high, 1.8);
  EXPECT_EQ(bins[1].mean_residual, -2.0);
}

TEST(ResidualsByLabel, OfManyLabelsAreBinned) {
  std::vector<float> predictions(100, 0.0F), labels(100);
  for (std::size_t row = 0; row < 100; ++row) labels[row] = static_cast<float>(row);
  const auto bins = residuals_by_label(predictions, labels, 10);
  ASSERT_EQ(bins.size(), 10U);
  EXPECT_EQ(bins[3].lowest, 30.0);
  EXPECT_EQ(bins[3].highest, 39.0);
  EXPECT_EQ(bins[3].mean_residual, -34.5);
}
}  // namespace
}  // namespace podium
