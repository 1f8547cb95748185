#include "podium/core/hidden_directory.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <filesystem>
#include <functional>

#include "podium/core/publish.h"
#include "tests/support/killed.h"
#include "tests/support/snapshot.h"
#include "tests/support/temporary_directory.h"

namespace podium {
namespace {
using tests::is_killed, tests::snapshot_of, tests::TemporaryDirectory, tests::write_text;
const std::vector<std::string> kPaths = {"a", "b/c"};

/// What a run leaves in `folder` that is killed after `work` in its hidden directory; returns the directory.
std::string leftover(const std::string& folder, const std::function<void(HiddenDirectory&)>& work) {
  EXPECT_TRUE(is_killed([&] {
    HiddenDirectory hidden(real_files(), folder, kPaths);
    work(hidden);
    ::kill(::getpid(), SIGKILL);
    ::pause();
  }));
  for (const std::string& name : list_directory(folder)) {
    if (name.starts_with(".tmp-")) return folder + "/" + name;
  }
  ADD_FAILURE() << "it left nothing";
  return "";
}

void write_unfinished(const HiddenDirectory& hidden) {
  std::filesystem::create_directory(hidden.contents() + "/b");
  write_text(hidden.contents() + "/b/c", "half");
  write_text(hidden.contents() + "/MANIFEST", "ha");
}

TEST(CleanLeftovers, RemovesWhatKilledRunsLeft) {
  const TemporaryDirectory folder;
  leftover(folder.path(), [](HiddenDirectory&) {});
  clean_leftovers(real_files(), folder.path());
  EXPECT_TRUE(list_directory(folder.path()).empty());
  leftover(folder.path(), write_unfinished);
  clean_leftovers(real_files(), folder.path());
  EXPECT_TRUE(list_directory(folder.path()).empty());
}

TEST(CleanLeftovers, RemovesAFolderWhoseTextWasCut) {
  const TemporaryDirectory folder;
  for (const std::size_t length : {0, 10}) {
    const std::string hidden = leftover(folder.path(), [](HiddenDirectory&) {});
    std::filesystem::remove(hidden + "/new");
    std::filesystem::resize_file(hidden + "/UNFINISHED", length);
    clean_leftovers(real_files(), folder.path());
    EXPECT_TRUE(list_directory(folder.path()).empty());
  }
}

TEST(CleanLeftovers, LeavesWhatSomebodyAddedToALeftover) {
  const TemporaryDirectory folder;
  const std::function<void(const std::string&)> additions[] = {
      [](const std::string& hidden) { write_text(hidden + "/notes", "mine"); },
      [](const std::string& hidden) { write_text(hidden + "/new/notes", "mine"); },
      [](const std::string& hidden) { std::filesystem::create_directory(hidden + "/new/mine"); },
      [](const std::string& hidden) { write_text(hidden + "/UNFINISHED", "mine"); },
      [](const std::string& hidden) { std::filesystem::create_symlink("/", hidden + "/new/d"); }};
  for (const auto& add : additions) {
    const std::string hidden = leftover(folder.path(), write_unfinished);
    add(hidden);
    const auto before = snapshot_of(folder.path());
    clean_leftovers(real_files(), folder.path());
    EXPECT_EQ(snapshot_of(folder.path()), before);
    real_files().remove_tree(hidden);
  }
}

TEST(CleanLeftovers, NeverRemovesThroughALink) {
  const TemporaryDirectory folder;
  std::filesystem::create_directory(folder / "mine");
  write_text(folder / "mine/c", "mine");
  std::filesystem::create_directory(folder / "models");
  const std::string hidden = leftover(folder / "models", [](HiddenDirectory&) {});
  std::filesystem::create_directory_symlink(folder / "mine", hidden + "/new/b");
  clean_leftovers(real_files(), folder / "models");
  EXPECT_EQ(tests::read_text(folder / "mine/c"), "mine");
  std::filesystem::remove_all(hidden + "/new");
  std::filesystem::create_directory(folder / "named as ours");
  write_text(folder / "named as ours/a", "mine");
  std::filesystem::create_directory_symlink(folder / "named as ours", hidden + "/new");
  clean_leftovers(real_files(), folder / "models");
  EXPECT_EQ(tests::read_text(folder / "named as ours/a"), "mine");
}

TEST(CleanLeftovers, AnOldDirectoryGoesOnlyAsItWasWritten) {
  const TemporaryDirectory folder;
  const std::vector<NewFile> old = {{"a", "old", {}}, {"b/c", "old", {}}};
  const auto retire = [&](HiddenDirectory& hidden) {
    hidden.expect_old();
    std::filesystem::remove(hidden.contents());
    std::filesystem::rename(folder / "d", hidden.contents());
  };
  write_directory_atomically(real_files(), folder / "d", old, {"test", {}});
  std::string hidden = leftover(folder.path(), retire);
  std::filesystem::remove(hidden + "/new/a");  // killed amid its removal
  clean_leftovers(real_files(), folder.path());
  EXPECT_TRUE(list_directory(folder.path()).empty());
  write_directory_atomically(real_files(), folder / "d", old, {"test", {}});
  hidden = leftover(folder.path(), retire);
  write_text(hidden + "/new/a", "mine");  // a name of ours, but not our bytes
  const auto before = snapshot_of(folder.path());
  clean_leftovers(real_files(), folder.path());
  EXPECT_EQ(snapshot_of(folder.path()), before);
}

TEST(CleanLeftovers, LeavesFoldersOfOthersWhateverTheirName) {
  const TemporaryDirectory folder;
  for (const char* name : {".tmp-old", ".tmp-1-0", ".tmp-1-0x", ".tmp--", ".tmp-2-0/new", ".tmp-", ".tmp-3-1"}) {
    std::filesystem::create_directories(folder / name);
  }
  write_text(folder / ".tmp-old/notes", "mine");
  write_text(folder / ".tmp-1-0/weights.safetensors", "mine");
  write_text(folder / ".tmp-2-0/new/a", "mine");
  for (const char* name : {".tmp-6-0", ".tmp-7-0", ".tmp-8-0"}) std::filesystem::create_directory(folder / name);
  write_text(folder / ".tmp-6-0/empty", "");
  EXPECT_EQ(::chmod((folder / ".tmp-6-0").c_str(), S_ISVTX | 0700), 0);
  write_text(folder / ".tmp-7-0/UNFINISHED", "");
  write_text(folder / ".tmp-8-0/REPLACING", "mine");
  write_text(folder / ".tmp-4-0", "mine");
  std::filesystem::create_directory_symlink(".tmp-old", folder / ".tmp-5-0");
  const auto before = snapshot_of(folder.path());
  clean_leftovers(real_files(), folder.path());
  EXPECT_EQ(snapshot_of(folder.path()), before);
  // An empty one is ours if it was made as ours are.
  EXPECT_EQ(::chmod((folder / ".tmp-3-1").c_str(), S_ISVTX | 0700), 0);
  clean_leftovers(real_files(), folder.path());
  EXPECT_FALSE(path_exists(folder / ".tmp-3-1"));
}

TEST(CleanLeftovers, CleansBehindALinkAndSparesTheLiving) {
  const TemporaryDirectory folder;
  std::filesystem::create_directory(folder / "models");
  std::filesystem::create_directory_symlink("models", folder / "link");
  const std::string hidden = leftover(folder / "models", [](HiddenDirectory&) {});
  {
    const Descriptor living = open_directory(hidden);
    ASSERT_EQ(::flock(living.get(), LOCK_EX), 0);
    clean_leftovers(real_files(), folder / "link");
    EXPECT_TRUE(path_exists(hidden));
  }
  clean_leftovers(real_files(), folder / "link");
  EXPECT_FALSE(path_exists(hidden));
}

TEST(HiddenDirectory, RemovesItselfAndTakesAnotherNameWhereOneIsTaken) {
  const TemporaryDirectory folder;
  const std::string taken = folder / ".tmp-" + std::to_string(::getpid()) + "-0";
  std::filesystem::create_directory(taken);
  write_text(taken + "/mine", "text");
  const auto before = snapshot_of(folder.path());
  {
    HiddenDirectory hidden(real_files(), folder.path(), kPaths);
    write_unfinished(hidden);
  }
  EXPECT_EQ(snapshot_of(folder.path()), before);
}
}  // namespace
}  // namespace podium
