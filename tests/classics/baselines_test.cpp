#include "podium/classics/baselines.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/classics/planted.h"

namespace podium::classics {
namespace {
double rmse_of(const Baseline& baseline, const OwnedRatings& test) {
  double sum = 0.0;
  for (std::size_t row = 0; row < test.labels.size(); ++row) {
    sum += std::pow(baseline.predictions[row] - test.labels[row], 2.0);
  }
  return std::sqrt(sum / static_cast<double>(test.labels.size()));
}

TEST(RatingBaselines, ComeInTheirOrderEachBetterOnPlantedStructure) {
  const auto train = Planted{}.rows(3000, 1), test = Planted{}.rows(1000, 2);
  const auto baselines = rating_baselines(train.view(), test.pairs());
  ASSERT_EQ(baselines.size(), 4U);
  EXPECT_EQ(baselines[0].name, "global_mean");
  EXPECT_EQ(baselines[1].name, "item_mean");
  EXPECT_EQ(baselines[2].name, "user_item_bias");
  EXPECT_EQ(baselines[3].name, "matrix_factorization");
  for (std::size_t next = 1; next < 4; ++next) {
    EXPECT_LT(rmse_of(baselines[next], test), rmse_of(baselines[next - 1], test)) << baselines[next].name;
  }
  EXPECT_LT(rmse_of(baselines[3], test), 0.3) << "the noise is 0.2";
}

TEST(RatingBaselines, AreTheSameBitsOnAnyNumberOfThreads) {
  const auto train = Planted{}.rows(800, 1), test = Planted{}.rows(300, 2);
  const auto one = rating_baselines(train.view(), test.pairs(), {.seed = 4, .threads = 1});
  for (const std::size_t threads : {2U, 3U, 7U}) {
    const auto many = rating_baselines(train.view(), test.pairs(), {.seed = 4, .threads = threads});
    for (std::size_t k = 0; k < one.size(); ++k) {
      EXPECT_EQ(one[k].predictions, many[k].predictions) << one[k].name << ", " << threads << " threads";
      EXPECT_EQ(one[k].note, many[k].note);
    }
  }
}

TEST(RatingBaselines, SayThatTheySampled) {
  const auto train = Planted{}.rows(3000, 1), test = Planted{}.rows(300, 2);
  const auto baselines = rating_baselines(train.view(), test.pairs(), {.max_rows = 1000});
  EXPECT_NE(baselines[2].note.find("tuned on "), std::string::npos) << baselines[2].note;
  EXPECT_NE(baselines[3].note.find("tuned and fitted on "), std::string::npos) << baselines[3].note;
  EXPECT_NE(baselines[3].note.find("of 3000 train rows"), std::string::npos) << baselines[3].note;
  const auto whole = rating_baselines(train.view(), test.pairs(), {.max_rows = 3000});
  EXPECT_EQ(whole[3].note.find("train rows"), std::string::npos) << whole[3].note;
  EXPECT_GT(rmse_of(baselines[3], test), rmse_of(whole[3], test));
  EXPECT_EQ(baselines[0].predictions, whole[0].predictions) << "the mean is of all rows";
}

TEST(RatingBaselines, AFewRowsAreEnough) {
  for (const std::size_t rows : {1U, 2U, 60U}) {
    const auto train = Planted{}.rows(rows, 1), test = Planted{}.rows(5, 2);
    for (const auto& baseline : rating_baselines(train.view(), test.pairs())) {
      ASSERT_EQ(baseline.predictions.size(), 5U);
      for (const float prediction : baseline.predictions) EXPECT_TRUE(std::isfinite(prediction)) << baseline.name;
    }
  }
}

TEST(RatingBaselines, PredictNothingForNoTestRows) {
  const auto train = Planted{}.rows(100, 1);
  for (const auto& baseline : rating_baselines(train.view(), {})) EXPECT_TRUE(baseline.predictions.empty());
}

TEST(RatingBaselines, RefuseUnsoundRows) { EXPECT_THROW(rating_baselines({}, {}), Error); }
}  // namespace
}  // namespace podium::classics
