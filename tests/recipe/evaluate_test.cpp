#include <gtest/gtest.h>

#include "podium/recipe/record.h"
#include "tests/recipe/small_run.h"

namespace podium {
namespace {
using tests::SmallRun;

/// What `podium evaluate` says of a model equals what training said, to the last digit.
void expect_repeated(const std::vector<std::string>& overrides) {
  SmallRun small({.users = 300, .items = 200, .rows = 900, .seed = 3});
  const RunOptions options{.out = small.out(), .name = "m", .report = false};
  const RunResult trained = run(small.recipe(overrides), options, small.watcher);
  ASSERT_TRUE(trained.evaluation);
  const auto again = evaluate_model(trained.model, {.threads = 1}, small.watcher);
  EXPECT_EQ(recipe::metrics_json(again.evaluation), recipe::metrics_json(*trained.evaluation));
}

TEST(Evaluate, RepeatsWhatTrainingMeasured) { expect_repeated({}); }
TEST(Evaluate, RepeatsItWithSeveralUnknownIndices) { expect_repeated({"features.user_id.unknown_indices=4"}); }
TEST(Evaluate, RepeatsItWithValidationRows) { expect_repeated({"data.validation=0.3"}); }
TEST(Evaluate, BaselinesAndSlicesDoNotDependOnTheUnknownIndices) {
  SmallRun small({.users = 300, .items = 200, .rows = 900, .seed = 3});
  const RunOptions options{.out = small.out(), .name = "m", .report = false};
  const auto evaluation = [&](const std::vector<std::string>& overrides) {
    return *run(small.recipe(overrides), options, small.watcher).evaluation;
  };
  const Evaluation one = evaluation({}),
                   several =
                       evaluation({"features.user_id.unknown_indices=4", "features.movie_title.unknown_indices=3"});
  EXPECT_GT(one.unseen_users.unknown, 0U);
  EXPECT_EQ(several.unseen_users.unknown, one.unseen_users.unknown);
  EXPECT_EQ(several.unseen_items.unknown, one.unseen_items.unknown);
  ASSERT_EQ(several.baselines.size(), one.baselines.size());
  for (std::size_t i = 0; i < one.baselines.size(); ++i) {
    EXPECT_EQ(several.baselines[i].metrics.front().value, one.baselines[i].metrics.front().value)
        << one.baselines[i].name;
  }
}
TEST(Evaluate, RepeatsItWhenTheUserIsNoFeature) {  // and most users stand in the validation rows only
  expect_repeated({"data.validation=0.5", "data.user=item_id"});
}
}  // namespace
}  // namespace podium
