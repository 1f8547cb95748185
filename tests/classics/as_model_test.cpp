#include "podium/classics/as_model.h"

#include <gtest/gtest.h>

#include "podium/classics/biases.h"
#include "podium/classics/matrix_factorization.h"
#include "tests/classics/planted.h"

namespace podium::classics {
namespace {
/// Users "1" to "60" and items 1 to 40: index i is value i.
Features features() {
  Strings users;
  std::vector<std::int64_t> items;
  for (int user = 1; user <= 60; ++user) users.push_back(std::to_string(user));
  for (int item = 1; item <= 40; ++item) items.push_back(item);
  return {.features = {graph::Text{"user_id"}, graph::Integer{"movie_id"}},
          .encoders = {StringVocabulary(users), IntegerVocabulary(items)}};
}

TEST(AsModel, PredictsWhatTheFactorsPredict) {
  const auto ratings = Planted{}.rows(1000, 1);
  Batch batch{.rows = 5, .features = {Ids{{1, 2, 60, 0, 7}, {}}, Ids{{40, 3, 1, 9, 0}, {}}}};
  const auto &users = std::get<Ids>(batch.features[0]).ids, &items = std::get<Ids>(batch.features[1]).ids;
  for (const Factors& factors : {fit_global_mean(ratings.view()), fit_item_mean(ratings.view()),
                                 fit_biases(ratings.view()), fit_matrix_factorization(ratings.view(), {.dim = 6})}) {
    const Model model = as_model(factors, features(), "rating", {.user = "user_id", .item = "movie_id"});
    const auto predictions = model.predict(batch);
    for (std::size_t row = 0; row < 5; ++row) {
      EXPECT_NEAR(predictions[row], factors.predict(users[row], items[row]), 1e-5) << "row " << row;
    }
  }
}

TEST(AsModel, RefusesFeaturesOfOtherRows) {
  auto ratings = Planted{}.rows(1000, 1);
  ratings.user_rows = 70;
  EXPECT_THROW(as_model(fit_biases(ratings.view()), features(), "rating"), Error);
}

TEST(AsModel, RefusesOtherThanTwoFeatures) {
  auto one = features();
  one.features.pop_back();
  one.encoders.pop_back();
  EXPECT_THROW(as_model({.mean = 3.0F}, one, "rating"), Error);
}
}  // namespace
}  // namespace podium::classics
