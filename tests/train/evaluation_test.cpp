#include "podium/train/evaluation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <sstream>

#include "podium/core/error.h"
#include "podium/core/random.h"

namespace podium {
namespace {
/// Test rows that own their memory.
struct OwnedTest {
  std::vector<std::uint32_t> users, items;
  std::vector<float> labels;
  std::vector<std::uint32_t> train_rows_of_user, train_rows_of_item;

  TestRows view() const {
    return {.users = users,
            .items = items,
            .labels = labels,
            .train_rows_of_user = train_rows_of_user,
            .train_rows_of_item = train_rows_of_item};
  }
};

// User 2 has no train row; index 0 has some, of who knows whom. Item 1 has 7 train rows.
OwnedTest small() {
  return {.users = {1, 1, 2, 0},
          .items = {1, 1, 1, 1},
          .labels = {1.0F, 2.0F, 3.0F, 4.0F},
          .train_rows_of_user = {9, 4, 0, 100},
          .train_rows_of_item = {0, 7}};
}

OwnedTest random_rows(std::size_t rows) {
  const Random random(3);
  OwnedTest test{.users = {},
                 .items = {},
                 .labels = {},
                 .train_rows_of_user = std::vector<std::uint32_t>(31, 10),
                 .train_rows_of_item = std::vector<std::uint32_t>(11, 30)};
  for (std::size_t row = 0; row < rows; ++row) {
    test.users.push_back(static_cast<std::uint32_t>(1 + random.below(30, 1, row)));
    test.items.push_back(static_cast<std::uint32_t>(1 + random.below(10, 2, row)));
    test.labels.push_back(static_cast<float>(random.normal(3, row)));
  }
  return test;
}

std::vector<float> off_by(const OwnedTest& test, float error) {  // up and down in turn
  std::vector<float> predictions = test.labels;
  for (std::size_t row = 0; row < predictions.size(); ++row) predictions[row] += row % 2 == 0 ? error : -error;
  return predictions;
}

classics::Baseline baseline(std::string name, std::vector<float> predictions) {
  return {.name = std::move(name), .note = "as given", .predictions = std::move(predictions), .seconds = 0.5};
}

TEST(Evaluation, MeasuresAllRowsOfModelAndBaselines) {  // errors 1, 0, 0, -1 and of 2.5: -1.5, -0.5, 0.5, 1.5
  const auto test = small();
  const std::vector<float> predictions = {2.0F, 2.0F, 3.0F, 3.0F};
  const std::vector<classics::Baseline> baselines = {baseline("global_mean", {2.5F, 2.5F, 2.5F, 2.5F})};
  const Evaluation evaluation = evaluate_ratings(test.view(), predictions, baselines, {.metrics = {mean_prediction}});
  EXPECT_EQ(evaluation.rows, 4U);
  EXPECT_EQ(evaluation.users, 3U);
  EXPECT_EQ(evaluation.items, 1U);
  EXPECT_DOUBLE_EQ(evaluation.model.metric("mean_prediction").value, 2.5);
  EXPECT_DOUBLE_EQ(evaluation.model.metric("rmse").value, std::sqrt(0.5));
  EXPECT_DOUBLE_EQ(evaluation.model.metric("mae").value, 0.5);
  ASSERT_EQ(evaluation.baselines.size(), 1U);
  EXPECT_DOUBLE_EQ(evaluation.baselines[0].metric("rmse").value, std::sqrt(1.25));
  EXPECT_DOUBLE_EQ(evaluation.baselines[0].rmse_difference, std::sqrt(1.25) - std::sqrt(0.5));
  EXPECT_EQ(evaluation.baselines[0].note, "as given");
  EXPECT_FALSE(evaluation.model.metric("mean_prediction").interval.has_value());
  EXPECT_THROW(evaluation.model.metric("auc"), Error);
}

TEST(Evaluation, CountsUsersAndItemsThatTheModelHasNotSeen) {
  const Evaluation evaluation = evaluate_ratings(small().view(), small().labels, {});
  EXPECT_EQ(evaluation.unseen_users.unknown, 1U);
  EXPECT_EQ(evaluation.unseen_users.untrained, 1U);
  EXPECT_EQ(evaluation.unseen_items.unknown, 0U);
  EXPECT_EQ(evaluation.unseen_items.untrained, 0U);
}

TEST(Evaluation, SlicesByActivity) {
  const std::vector<float> predictions = {2.0F, 2.0F, 3.0F, 3.0F};
  const Evaluation evaluation = evaluate_ratings(small().view(), predictions, {}, {.metrics = {mean_prediction}});
  ASSERT_EQ(evaluation.by_user_activity.size(), 2U);          // the empty ones are left out
  const SliceMetrics& none = evaluation.by_user_activity[0];  // user 2 and the unknown one: errors 0 and -1
  EXPECT_EQ(none.name, "0");
  EXPECT_EQ(none.rows, 2U);
  ASSERT_EQ(none.values.size(), 3U) << "mean_prediction, rmse, mae";
  EXPECT_DOUBLE_EQ(none.values[0], 3.0);
  EXPECT_DOUBLE_EQ(none.values[1], std::sqrt(0.5));
  EXPECT_DOUBLE_EQ(none.values[2], 0.5);
  EXPECT_EQ(evaluation.by_user_activity[1].name, "1-4");
  ASSERT_EQ(evaluation.by_item_activity.size(), 1U);
  EXPECT_EQ(evaluation.by_item_activity[0].name, "5-19");
}

TEST(Evaluation, WithoutTrainCountsSlicesNothing) {
  auto test = small();
  test.train_rows_of_user.clear();
  test.train_rows_of_item.clear();
  const Evaluation evaluation = evaluate_ratings(test.view(), test.labels, {});
  EXPECT_TRUE(evaluation.by_user_activity.empty());
  EXPECT_EQ(evaluation.users, 3U);
  EXPECT_EQ(evaluation.unseen_users.unknown, 1U);
  EXPECT_EQ(evaluation.unseen_users.untrained, 0U);
}

TEST(Evaluation, HoldsResidualsAndCalibrationOfTheModel) {
  const std::vector<float> predictions = {2.0F, 2.0F, 3.0F, 3.0F};
  const Evaluation evaluation = evaluate_ratings(small().view(), predictions, {});
  ASSERT_EQ(evaluation.by_label.size(), 4U);
  EXPECT_DOUBLE_EQ(evaluation.by_label[0].mean_residual, 1.0);
  EXPECT_DOUBLE_EQ(evaluation.by_label[3].mean_residual, -1.0);
  ASSERT_EQ(evaluation.by_prediction.size(), 2U);
  EXPECT_DOUBLE_EQ(evaluation.by_prediction[0].mean_label, 1.5);
}

TEST(Evaluation, IntervalsAreTheBootstrapOverUsers) {
  const auto test = random_rows(400);
  const std::vector<float> zeros(400, 0.0F);
  const Evaluation evaluation = evaluate_ratings(test.view(), zeros, {});
  const auto expected = bootstrap_over_groups(errors_by_group(zeros, test.labels, test.users, 31));
  EXPECT_EQ(evaluation.model.metric("rmse").interval->low, expected.rmse.low);
  EXPECT_EQ(evaluation.model.metric("rmse").interval->high, expected.rmse.high);
  EXPECT_EQ(evaluation.model.metric("mae").interval->low, expected.mae.low);
}

TEST(Evaluation, DifferencesAreOfTheSameResampledUsers) {  // a constant lead has no width, however wide both intervals
  const auto test = random_rows(400);
  const std::vector<float> zeros(400, 0.0F);
  const Evaluation equal = evaluate_ratings(
      test.view(), zeros, std::vector{baseline("same", zeros), baseline("better", off_by(test, 0.5F))});
  EXPECT_EQ(equal.baselines[0].rmse_difference_interval->low, 0.0);
  EXPECT_EQ(equal.baselines[0].rmse_difference_interval->high, 0.0);
  const auto& rmse_interval = *equal.model.metric("rmse").interval;
  const auto& difference = *equal.baselines[1].rmse_difference_interval;
  EXPECT_NEAR(difference.low, 0.5 - rmse_interval.high, 1e-6);  // the better one's RMSE is 0.5 in every resample
  EXPECT_NEAR(difference.high, 0.5 - rmse_interval.low, 1e-6);
}

TEST(Evaluation, IsTheSameOnAnyNumberOfThreads) {
  const auto test = random_rows(300);
  const std::vector<float> zeros(300, 0.0F);
  const auto one = evaluate_ratings(test.view(), zeros, {}, {.threads = 1});
  for (const std::size_t threads : {2U, 3U, 7U}) {
    EXPECT_EQ(to_text(one), to_text(evaluate_ratings(test.view(), zeros, {}, {.threads = threads})));
  }
}

TEST(Evaluation, OfOneUserHasNoInterval) {
  const OwnedTest test{.users = {1, 1},
                       .items = {1, 1},
                       .labels = {1.0F, 2.0F},
                       .train_rows_of_user = {0, 1},
                       .train_rows_of_item = {0, 1}};
  const std::vector<float> predictions = {1.0F, 1.0F};
  const auto evaluation = evaluate_ratings(test.view(), predictions, std::vector{baseline("perfect", test.labels)});
  EXPECT_FALSE(evaluation.model.metric("rmse").interval.has_value());
  EXPECT_NE(verdict(evaluation).find("The baseline perfect is better than the model by 0.7071 RMSE:"),
            std::string::npos)
      << verdict(evaluation);
}

TEST(Evaluation, RefusesWhatDoesNotFit) {
  const auto test = small();
  EXPECT_THROW(evaluate_ratings({}, {}, {}), Error);
  EXPECT_THROW(evaluate_ratings(test.view(), std::vector<float>{1.0F}, {}), Error);
  EXPECT_THROW(evaluate_ratings(test.view(), test.labels, std::vector{baseline("short", {1.0F})}), Error);
  EXPECT_THROW(evaluate_ratings(test.view(), std::vector<float>(4, std::nanf("")), {}), Error);
  auto short_counts = test;
  short_counts.train_rows_of_user.resize(2);
  EXPECT_THROW(evaluate_ratings(short_counts.view(), test.labels, {}), Error);
  auto unequal = test;
  unequal.items.pop_back();
  EXPECT_THROW(evaluate_ratings(unequal.view(), test.labels, {}), Error);
}

TEST(CountIds, CountsEach) {
  const std::vector<std::uint32_t> ids = {2, 0, 2};
  EXPECT_EQ(count_ids(ids, 4), (std::vector<std::uint32_t>{1, 0, 2, 0}));
  EXPECT_THROW(count_ids(ids, 2), Error);
}

Evaluation between(float model_error, float baseline_error) {
  const auto test = random_rows(400);
  return evaluate_ratings(test.view(), off_by(test, model_error),
                          std::vector{baseline("global_mean", off_by(test, 2.0F)),
                                      baseline("user_item_bias", off_by(test, baseline_error))});
}

TEST(Verdict, NamesTheBestBaselineThatBeatsTheModel) {
  const std::string text = verdict(between(1.0F, 0.75F));
  EXPECT_NE(text.find("The baseline user+item biases is better than the model by 0.2500 RMSE (95 %: 0.2500 to 0.2500)"),
            std::string::npos)
      << text;
}

TEST(Verdict, SaysByHowMuchTheModelLeads) {
  const std::string text = verdict(between(0.5F, 0.75F));
  EXPECT_NE(text.find("better than every baseline; it leads the best one, user+item biases, by 0.2500 RMSE"),
            std::string::npos)
      << text;
}

TEST(Verdict, SaysWhatCannotBeToldApart) {
  EXPECT_NE(verdict(between(0.5F, 0.5F)).find("too close to tell apart"), std::string::npos);
}

TEST(Verdict, SaysThatNoBaselineWasFitted) {
  EXPECT_NE(verdict(evaluate_ratings(small().view(), small().labels, {})).find("No baseline"), std::string::npos);
}

TEST(ToText, LinesUp) {
  std::istringstream lines(to_text(between(1.0F, 0.75F)));
  std::string header, model, mean, biases;
  std::getline(lines, header), std::getline(lines, model), std::getline(lines, mean), std::getline(lines, biases);
  EXPECT_EQ(model.substr(0, 5), "model");
  EXPECT_EQ(biases.substr(0, 16), "user+item biases");
  const std::size_t rmse_at = header.find("rmse"), mae_at = header.find("mae");
  EXPECT_EQ(model.find("1.0000"), rmse_at);
  EXPECT_EQ(mean.find("2.0000"), rmse_at);
  EXPECT_EQ(biases.find("0.7500"), rmse_at);
  for (const auto& line : {model, mean, biases}) {
    EXPECT_EQ(line[mae_at - 1], ' ');
    EXPECT_TRUE(std::isdigit(static_cast<unsigned char>(line[mae_at]))) << line;
  }
}

TEST(ToText, CountsWhatIsNew) {
  const std::string text = to_text(evaluate_ratings(small().view(), small().labels, {}));
  EXPECT_NE(text.find("1 test row has a user that is not in the vocabulary (index 0)."), std::string::npos) << text;
  EXPECT_NE(text.find("1 test row has a user without a train row."), std::string::npos) << text;
}
}  // namespace
}  // namespace podium
