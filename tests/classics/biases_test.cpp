#include "podium/classics/biases.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/classics/planted.h"

namespace podium::classics {
namespace {
// Users 1, 2; items 1, 2; user 3 and item 3 are in the vocabulary but in no row.
OwnedRatings small() {
  OwnedRatings ratings{.user_rows = 4, .item_rows = 4};
  ratings.add(1, 1, 5.0F);
  ratings.add(1, 2, 3.0F);
  ratings.add(2, 1, 4.0F);
  return ratings;
}

TEST(GlobalMean, IsTheMeanForEveryPair) {
  const Factors factors = fit_global_mean(small().view());
  EXPECT_FLOAT_EQ(factors.predict(1, 1), 4.0F);
  EXPECT_FLOAT_EQ(factors.predict(0, 99), 4.0F);
}

TEST(ItemMean, PullsAnItemsOffsetTowardsZero) {  // item 1: offsets 1 and 0, so 1 / (2 + damping)
  const Factors factors = fit_item_mean(small().view(), 3.0);
  EXPECT_FLOAT_EQ(factors.predict(2, 1), 4.0F + 1.0F / 5.0F);
  EXPECT_FLOAT_EQ(factors.predict(1, 2), 4.0F - 1.0F / 4.0F);
}

TEST(ItemMean, WithoutDampingIsTheItemsOwnMean) {
  const Factors factors = fit_item_mean(small().view(), 0.0);
  EXPECT_FLOAT_EQ(factors.predict(1, 1), 4.5F);
  EXPECT_FLOAT_EQ(factors.predict(1, 3), 4.0F) << "an item without rows keeps the mean";
}

// The minimum of sum (y - b_u - b_i)^2 + user_damping |b_u|^2 + item_damping |b_i|^2 by its normal equations, solved by
// Gaussian elimination: unknowns are users 1.., then items 1..
std::vector<double> ridge(const OwnedRatings& ratings, double mean, const BiasOptions& options) {
  const std::size_t users = ratings.user_rows - 1, size = users + ratings.item_rows - 1;
  std::vector<std::vector<double>> a(size, std::vector<double>(size + 1, 0.0));
  for (std::size_t k = 0; k < size; ++k) a[k][k] = k < users ? options.user_damping : options.item_damping;
  for (std::size_t row = 0; row < ratings.labels.size(); ++row) {
    const std::size_t u = ratings.users[row] - 1, i = users + ratings.items[row] - 1;
    const double y = ratings.labels[row] - mean;
    a[u][u] += 1.0, a[u][i] += 1.0, a[i][u] += 1.0, a[i][i] += 1.0, a[u][size] += y, a[i][size] += y;
  }
  for (std::size_t k = 0; k < size; ++k) {
    for (std::size_t row = 0; row < size; ++row) {
      if (row == k) continue;
      const double factor = a[row][k] / a[k][k];
      for (std::size_t col = k; col <= size; ++col) a[row][col] -= factor * a[k][col];
    }
  }
  std::vector<double> solution(size);
  for (std::size_t k = 0; k < size; ++k) solution[k] = a[k][size] / a[k][k];
  return solution;
}

TEST(Biases, SweepsReachTheRidgeSolution) {
  const auto ratings = Planted{.users = 12, .items = 9}.rows(80, 1);
  const BiasOptions options{.user_damping = 4.0, .item_damping = 2.5, .sweeps = 200};
  const Factors factors = fit_biases(ratings.view(), options);
  double mean = 0.0;
  for (const float label : ratings.labels) mean += label / 80.0;
  const auto expected = ridge(ratings, mean, options);
  for (std::size_t user = 1; user <= 12; ++user) EXPECT_NEAR(factors.user_bias[user], expected[user - 1], 1e-5);
  for (std::size_t item = 1; item <= 9; ++item) EXPECT_NEAR(factors.item_bias[item], expected[12 + item - 1], 1e-5);
}

TEST(Biases, TheDefaultNumberOfSweepsHasConverged) {
  const auto ratings = Planted{}.rows(1500, 1);
  const Factors factors = fit_biases(ratings.view()), longer = fit_biases(ratings.view(), {.sweeps = 500});
  const auto expected = longer.predict(ratings.pairs()), found = factors.predict(ratings.pairs());
  for (std::size_t row = 0; row < found.size(); ++row) EXPECT_NEAR(found[row], expected[row], 2e-4) << "row " << row;
}

TEST(Biases, UnknownIdsAreOfNoUserAndNoItem) {
  auto ratings = small();
  ratings.add(0, 0, 1.0F);  // index 0 in train rows: many ids, about whom nothing is learned but the mean
  const Factors factors = fit_biases(ratings.view());
  EXPECT_FLOAT_EQ(factors.predict(0, 0), 3.25F);
  EXPECT_FLOAT_EQ(factors.predict(3, 3), 3.25F);
  EXPECT_FLOAT_EQ(factors.predict(1'000'000, 1'000'000), 3.25F);
}

TEST(Biases, WithoutDampingAnIdWithoutRowsHasNone) {
  const Factors factors = fit_biases(small().view(), {.user_damping = 0.0, .item_damping = 0.0});
  EXPECT_FLOAT_EQ(factors.predict(3, 3), 4.0F);
}

TEST(TuneBiases, ChoosesWhatPredictsTheValidationRowsBest) {  // noise without structure: the strongest damping wins
  const Planted noise{.dim = 0, .noise = 5.0};
  const auto train = noise.rows(300, 1), validation = noise.rows(3000, 2);
  const TunedBiases tuned = tune_biases(train.view(), validation.view());
  EXPECT_EQ(tuned.options.user_damping, 20.0);
  EXPECT_EQ(tuned.options.item_damping, 10.0);
  const Planted clear{.dim = 0, .noise = 0.01};
  const TunedBiases light = tune_biases(clear.rows(600, 1).view(), clear.rows(600, 2).view());
  EXPECT_EQ(light.options.user_damping, 2.0);
}

TEST(RmseOf, IsTheRootOfTheMeanSquare) {  // errors 1, -1, 0 of a constant 4
  EXPECT_NEAR(rmse_of({.mean = 4.0F}, small().view()), std::sqrt(2.0 / 3.0), 1e-12);
  EXPECT_EQ(rmse_of({.mean = 4.0F}, Ratings{}), 0.0);
}
}  // namespace
}  // namespace podium::classics
