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
TEST(Evaluate, RepeatsItWithValidationRows) { expect_repeated({"data.validation=0.3"}); }
TEST(Evaluate, RepeatsItWhenTheUserIsNoFeature) {  // and most users stand in the validation rows only
  expect_repeated({"data.validation=0.5", "data.user=item_id"});
}
}  // namespace
}  // namespace podium
