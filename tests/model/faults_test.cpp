// The power goes, the disk fills, a permission is missing: at every single step of saving, in turn.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <string>
#include <vector>

#include "podium/core/manifest.h"
#include "podium/core/publish.h"
#include "podium/model/load.h"
#include "podium/model/save.h"
#include "tests/model/small_model.h"
#include "tests/support/faulty_files.h"

namespace podium {
namespace {
using tests::FaultyFiles;
using tests::TemporaryDirectory;
using Fault = FaultyFiles::Fault;
using Kind = Fault::Kind;

/// Runs `work` in a process of its own that the fault may kill; whether it was.
bool is_killed(const std::function<void()>& work) {
  const pid_t child = ::fork();
  if (child == 0) {
    try {
      work();
    } catch (const Error&) {
      ::_exit(1);
    }
    ::_exit(0);
  }
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

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
  const std::size_t steps = steps_of_a_save();
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

TEST_F(Faults, ShortWritesGiveTheSameBytes) {
  save(model_, record_, directory_ / "whole");
  FaultyFiles files;
  files.shorten_writes(7);
  save(model_, record_, directory_ / "short", files);
  EXPECT_EQ(tests::contents_of(directory_ / "whole/1"), tests::contents_of(directory_ / "short/1"));
}

TEST_F(Faults, ACheckpointIsTheOldOrTheNewWhereverTheRunDies) {
  const std::vector<NewFile> old_files = {{"a", "old", {}}}, new_files = {{"a", "new", {}}, {"b/c", "more", {}}};
  FaultyFiles counting;
  write_directory_atomically(real_files(), directory_ / "counted", old_files);
  write_directory_atomically(counting, directory_ / "counted", new_files);
  std::size_t news = 0;
  for (const Kind kind : {Kind::die_before, Kind::die_amid, Kind::die_after}) {
    for (std::size_t step = 0; step < counting.steps(); ++step) {
      const std::string path = directory_ / ".checkpoint";
      write_directory_atomically(real_files(), path, old_files);
      ASSERT_TRUE(is_killed([&] {
        FaultyFiles files({kind, step});
        write_directory_atomically(files, path, new_files);
      }));
      const auto found = open_verified(path);
      const bool is_new = found.at("a").text() == "new";
      EXPECT_TRUE(is_new ? found.size() == 2 : found.at("a").text() == "old");
      news += is_new ? 1 : 0;
      clean_leftovers(real_files(), directory_.path());
      EXPECT_TRUE(tests::hidden_in(directory_.path()).empty());
    }
  }
  EXPECT_GT(news, 0U);
}
}  // namespace
}  // namespace podium
