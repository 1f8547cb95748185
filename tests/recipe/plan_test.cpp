#include <gtest/gtest.h>

#include "tests/recipe/small_run.h"

namespace podium {
namespace {
using tests::SmallRun;

TEST(Plan, CountsTheCopiesThatCheckpointsAndSavingAreWrittenFrom) {
  SmallRun small;
  const auto memory = [&](std::vector<std::string> overrides, bool checkpoints) {
    if (!checkpoints) overrides.emplace_back("train.checkpoint_minutes=0");
    return plan(small.recipe(overrides), small.watcher).memory_bytes;
  };
  const std::uint64_t weights = 4 * plan(small.recipe(), small.watcher).parameters;
  EXPECT_EQ(memory({}, true) - memory({}, false), weights);
  // Two slots for each weight instead of one: kept, and copied for the checkpoint or the model's directory.
  EXPECT_EQ(memory({"train.optimizer=adam"}, false) - memory({}, false), 2 * weights);
  const std::vector<std::string> stopping = {"data.validation=0.1", "train.early_stopping.patience=2"};
  EXPECT_EQ(memory(stopping, true) - memory({"data.validation=0.1"}, true), 2 * weights);
}
}  // namespace
}  // namespace podium
