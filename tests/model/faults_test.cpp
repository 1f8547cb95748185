// The power goes, the disk fills, a permission is missing: at every single step of saving, in turn.
#include <gtest/gtest.h>

#include <cerrno>
#include <string>
#include <vector>

#include "podium/core/manifest.h"
#include "podium/core/publish.h"
#include "podium/model/load.h"
#include "podium/model/save.h"
#include "tests/model/small_model.h"
#include "tests/support/faulty_files.h"
#include "tests/support/killed.h"

namespace podium {
namespace {
using tests::FaultyFiles;
using tests::is_killed;
using tests::TemporaryDirectory;
using Fault = FaultyFiles::Fault;
using Kind = Fault::Kind;

/// The last steps of a save: the text in its hidden directory and the directory are removed.
constexpr std::size_t kCleaning = 2;

class Faults : public ::testing::Test {
 protected:
  std::size_t steps_of_a_save() {
    FaultyFiles files;
    save(model_, record_, directory_ / "counted", files);
    return files.steps();
  }
  /// Every version there is loads, and holds the model's weights.
  void expect_all_whole(const std::string& folder) {
    for (const std::uint64_t version : versions(folder)) {
      const Model loaded = load(folder + "/" + std::to_string(version));
      EXPECT_EQ(loaded.weights().tensors[0].values, model_.weights().tensors[0].values);
    }
  }

  TemporaryDirectory directory_;
  const Model model_ = tests::small_model();
  const ModelRecord record_ = tests::small_record();
};

TEST_F(Faults, KilledAtAnyStepNothingHalfIsPublishedAndTheNextRunCleans) {
  const std::size_t steps = steps_of_a_save();
  ASSERT_GT(steps, 40U);
  std::size_t run = 0;
  for (const Kind kind : {Kind::die_before, Kind::die_amid, Kind::die_after}) {
    for (std::size_t step = 0; step < steps; ++step) {
      const std::string folder = directory_ / std::to_string(run++);
      ASSERT_TRUE(is_killed([&] {
        FaultyFiles files({kind, step});
        save(model_, record_, folder, files);
      }));
      expect_all_whole(folder);
      const std::size_t published = versions(folder).size();
      EXPECT_LE(published, 1U);
      save(model_, folder);
      EXPECT_EQ(versions(folder).size(), published + 1);
      EXPECT_TRUE(tests::hidden_in(folder).empty()) << "step " << step;
      real_files().remove_tree(folder);
    }
  }
}

TEST_F(Faults, AFailureAtAnyStepIsAnErrorThatLeavesNothing) {
  const std::size_t steps = steps_of_a_save() - kCleaning;
  std::size_t run = 0;
  for (const Kind kind : {Kind::fail_once, Kind::fail_forever}) {
    for (const int number : {ENOSPC, EACCES, EIO}) {
      for (std::size_t step = 0; step < steps; ++step) {
        const std::string folder = directory_ / std::to_string(run++);
        FaultyFiles files({kind, step, number});
        EXPECT_THROW(save(model_, record_, folder, files), Error) << "step " << step;
        if (is_directory(folder)) {
          expect_all_whole(folder);
          EXPECT_TRUE(tests::hidden_in(folder).empty()) << "step " << step;
          real_files().remove_tree(folder);
        }
      }
    }
  }
}

TEST_F(Faults, WhatCanNotBeCleanedBehindAPublishedModelIsLeftToTheNextRun) {
  const std::size_t steps = steps_of_a_save();
  for (std::size_t step = steps - kCleaning; step < steps; ++step) {
    const std::string folder = directory_ / std::to_string(step);
    FaultyFiles files({Kind::fail_once, step, EIO});
    save(model_, record_, folder, files);
    expect_all_whole(folder);
    EXPECT_EQ(tests::hidden_in(folder).size(), 1U);
    save(model_, record_, folder);
    EXPECT_TRUE(tests::hidden_in(folder).empty()) << "step " << step;
  }
}

TEST_F(Faults, ShortWritesGiveTheSameBytes) {
  save(model_, record_, directory_ / "whole");
  FaultyFiles files;
  files.shorten_writes(7);
  save(model_, record_, directory_ / "short", files);
  EXPECT_EQ(tests::contents_of(directory_ / "whole/1"), tests::contents_of(directory_ / "short/1"));
}

}  // namespace
}  // namespace podium
