#include "podium/classics/matrix_factorization.h"

#include <gtest/gtest.h>

#include <cmath>

#include "podium/classics/biases.h"
#include "tests/classics/planted.h"

namespace podium::classics {
namespace {
TEST(MatrixFactorization, FindsPlantedFactorsThatBiasesCannot) {
  const Planted planted;
  const auto train = planted.rows(2000, 1), test = planted.rows(1000, 2);
  const Factors factors =
      fit_matrix_factorization(train.view(), {.dim = 2, .epochs = 300, .learning_rate = 0.02, .l2 = 0.005, .seed = 3});
  EXPECT_GT(rmse_of(fit_biases(train.view()), test.view()), 0.6);
  EXPECT_LT(rmse_of(factors, test.view()), 1.2 * planted.noise);
}

// With small steps the descent ends where the regularized loss is flat: for every user, sum over its rows of
// (error * q - l2 * p) = 0 and of (error - l2 * bias) = 0, errors in the label's unit because p carries the scale.
TEST(MatrixFactorization, EndsWhereTheRegularizedLossIsFlat) {
  const auto ratings = Planted{.users = 8, .items = 6}.rows(60, 1);
  const double l2 = 0.05;
  const Factors f = fit_matrix_factorization(ratings.view(),
                                             {.dim = 3, .epochs = 60'000, .learning_rate = 0.001, .l2 = l2, .seed = 3});
  std::vector<double> bias_gradient(9, 0.0), vector_gradient(9 * 3, 0.0);
  for (std::size_t row = 0; row < 60; ++row) {
    const std::size_t u = ratings.users[row], i = ratings.items[row];
    const double error = ratings.labels[row] - f.predict(ratings.users[row], ratings.items[row]);
    bias_gradient[u] += error - l2 * f.user_bias[u];
    for (std::size_t k = 0; k < 3; ++k) {
      vector_gradient[u * 3 + k] += error * f.item_vectors[i * 3 + k] - l2 * f.user_vectors[u * 3 + k];
    }
  }
  for (const double gradient : bias_gradient) EXPECT_NEAR(gradient, 0.0, 0.01);
  for (const double gradient : vector_gradient) EXPECT_NEAR(gradient, 0.0, 0.01);
}

TEST(MatrixFactorization, FollowsTheLabelsScaleAndOffset) {
  const Planted planted;
  auto ratings = planted.rows(1000, 1);
  const Factors plain = fit_matrix_factorization(ratings.view(), {.dim = 4});
  for (float& label : ratings.labels) label = 100.0F * label - 50.0F;
  const Factors scaled = fit_matrix_factorization(ratings.view(), {.dim = 4});
  for (std::uint32_t user = 0; user <= 60; ++user) {
    EXPECT_NEAR(scaled.predict(user, 5), 100.0F * plain.predict(user, 5) - 50.0F, 0.5);
  }
}

TEST(MatrixFactorization, WhatNoTrainRowNamesIsUnknown) {
  const Planted planted;
  auto ratings = planted.rows(500, 1);
  ratings.user_rows = 63, ratings.item_rows = 43;
  ratings.add(0, 1, 1.0F);
  ratings.add(1, 0, 1.0F);
  const Factors factors = fit_matrix_factorization(ratings.view(), {.dim = 5});
  for (const std::uint32_t unseen : {0U, 62U, 1'000'000U}) {
    EXPECT_EQ(factors.predict(unseen, 1), factors.mean + factors.item_bias[1]);
    EXPECT_EQ(factors.predict(1, unseen), factors.mean + factors.user_bias[1]);
    EXPECT_EQ(factors.predict(unseen, unseen), factors.mean);
  }
}

TEST(MatrixFactorization, OneSeedGivesTheSameBitsAndAnotherDoesNot) {
  const auto ratings = Planted{}.rows(500, 1);
  const Factors one = fit_matrix_factorization(ratings.view(), {.seed = 1});
  EXPECT_EQ(one.user_vectors, fit_matrix_factorization(ratings.view(), {.seed = 1}).user_vectors);
  EXPECT_NE(one.user_vectors, fit_matrix_factorization(ratings.view(), {.seed = 2}).user_vectors);
}

TEST(MatrixFactorization, EqualLabelsAreTheirMean) {
  auto ratings = Planted{}.rows(100, 1);
  for (float& label : ratings.labels) label = 4.0F;
  EXPECT_FLOAT_EQ(fit_matrix_factorization(ratings.view(), {}).predict(1, 1), 4.0F);
}

TEST(MatrixFactorization, OptionsOutOfRangeAreErrors) {
  const auto ratings = Planted{}.rows(10, 1);
  EXPECT_THROW(fit_matrix_factorization(ratings.view(), {.dim = 0}), Error);
  EXPECT_THROW(fit_matrix_factorization(ratings.view(), {.learning_rate = -1.0}), Error);
  EXPECT_THROW(fit_matrix_factorization(ratings.view(), {.l2 = std::nan("")}), Error);
}

TEST(TuneMatrixFactorization, ReportsTheErrorThatItsOptionsGiveOnTheValidationRows) {
  const auto train = Planted{}.rows(1500, 1), validation = Planted{}.rows(200, 2);
  ThreadPool pool(2);
  const TunedMf tuned = tune_matrix_factorization(train.view(), validation.view(), 5, pool);
  EXPECT_GT(tuned.options.epochs, 0U);
  EXPECT_NEAR(rmse_of(fit_matrix_factorization(train.view(), tuned.options), validation.view()), tuned.validation_rmse,
              1e-5);
}
}  // namespace
}  // namespace podium::classics
