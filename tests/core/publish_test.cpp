#include "podium/core/publish.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <cerrno>
#include <filesystem>
#include <functional>
#include <optional>
#include <thread>

#include "podium/core/manifest.h"
#include "tests/support/faulty_files.h"
#include "tests/support/killed.h"
#include "tests/support/message_of.h"
#include "tests/support/snapshot.h"
#include "tests/support/temporary_directory.h"

namespace podium {
namespace {
using tests::FaultyFiles, tests::is_killed, tests::message_of, tests::snapshot_of, tests::TemporaryDirectory;
using tests::write_text;
using Fault = FaultyFiles::Fault;
using FaultKind = Fault::Kind;

const DirectoryKind kKind = {"export", {{{"a"}, {"b/c"}}}};
const std::vector<NewFile> kOld = {{"a", "old", {}}}, kNew = {{"a", "new", {}}, {"b/c", "more", {}}};

std::vector<std::string> names_in(const std::string& folder) { return list_directory(folder); }

/// Calls `meanwhile` before the renames of one number, as somebody does who works beside us.
class WatchedFiles : public Files {
 public:
  WatchedFiles(int number, std::function<void()> meanwhile) : number_(number), meanwhile_(std::move(meanwhile)) {}
  int renames() const { return renames_; }

 private:
  int do_rename(const char* from, const char* to, unsigned flags) override {
    if (number_-- == 0) meanwhile_();
    ++renames_;
    return Files::do_rename(from, to, flags);
  }
  int number_, renames_ = 0;
  std::function<void()> meanwhile_;
};

/// Somebody adds a file to the old directory when its removal begins.
class AddingFiles : public Files {
 private:
  int do_remove(const char* path, bool is_directory) override {
    const auto folder = std::filesystem::path(path).parent_path();
    if (!done_ && folder.filename() == "new") write_text((folder / "README.md").string(), "mine");
    done_ = true;
    return Files::do_remove(path, is_directory);
  }
  bool done_ = false;
};

/// A file system that can't swap, as NFS.
class PlainFiles : public FaultyFiles {
 public:
  using FaultyFiles::FaultyFiles;

 private:
  int do_rename(const char* from, const char* to, unsigned flags) override {
    if (flags == 0) return FaultyFiles::do_rename(from, to, flags);
    errno = EINVAL;
    return -1;
  }
};

class WriteDirectory : public ::testing::Test {
 protected:
  void write(const std::vector<NewFile>& contents, Files& files = real_files()) {
    write_directory_atomically(files, path_, contents, kKind);
  }
  std::string text() { return tests::read_text(path_ + "/a"); }

  const TemporaryDirectory folder_;
  const std::string path_ = folder_ / "d";
};

TEST_F(WriteDirectory, ReplacesAllThatItWroteBefore) {
  write(kNew);
  EXPECT_EQ(tree_of(path_).files, (std::vector<std::string>{"MANIFEST", "a", "b/c"}));
  write(kOld);
  EXPECT_EQ(tree_of(path_).files, (std::vector<std::string>{"MANIFEST", "a"}));
  EXPECT_EQ(text(), "old");
  EXPECT_EQ(names_in(folder_.path()), std::vector<std::string>{"d"});
}

TEST_F(WriteDirectory, RefusesWhatIsNotOursAndTouchesNothing) {
  const std::function<void()> cases[] = {[&] { write_text(path_ + "/README.md", "mine"); },
                                         [&] { write_text(path_ + "/a", "mine"); },
                                         [&] { write_text(path_ + "/MANIFEST", "setup.py\n"); },
                                         [&] { std::filesystem::create_directory(path_ + "/notes"); },
                                         [&] { std::filesystem::remove(path_ + "/MANIFEST"); }};
  for (const auto& change : cases) {
    real_files().remove_tree(path_);
    write(kOld);
    change();
    const auto before = snapshot_of(folder_.path());
    FaultyFiles files;
    const std::string message = message_of([&] { write(kNew, files); });
    EXPECT_EQ(files.steps(), 0U) << "seen before anything is written";
    EXPECT_TRUE(message.starts_with(path_ + ": is there already and ")) << message;
    EXPECT_TRUE(message.ends_with("; choose another place, or move it away")) << message;
    EXPECT_EQ(snapshot_of(folder_.path()), before);
  }
}

TEST_F(WriteDirectory, WhatIsAddedMeanwhileIsPutBack) {
  for (const bool swaps : {true, false}) {  // between the first look and the swap; after the swap's first look
    real_files().remove_tree(path_);
    write(kOld);
    WatchedFiles files(swaps ? 2 : 0, [&] { write_text(path_ + "/README.md", "mine"); });
    EXPECT_NE(message_of([&] { write(kNew, files); }).find("README.md"), std::string::npos);
    EXPECT_EQ(text(), "old");
    EXPECT_EQ(tests::read_text(path_ + "/README.md"), "mine");
    EXPECT_EQ(names_in(folder_.path()), std::vector<std::string>{"d"});
  }
}

TEST_F(WriteDirectory, WhatIsAddedToTheOldOneAtLastIsKeptWhereItIsSeen) {
  write(kOld);
  write_text(path_ + ".replaced", "taken");
  AddingFiles files;
  EXPECT_EQ(message_of([&] { write(kNew, files); }),
            path_ + ": was replaced, but somebody added to the old one meanwhile; look into " + path_ + ".replaced-2");
  EXPECT_EQ(text(), "new");
  EXPECT_EQ(tests::read_text(path_ + ".replaced-2/README.md"), "mine");
  EXPECT_EQ(names_in(folder_.path()), (std::vector<std::string>{"d", "d.replaced", "d.replaced-2"}));
}

TEST_F(WriteDirectory, WhatAppearsMeanwhileIsRefused) {
  WatchedFiles files(0, [&] {
    std::filesystem::create_directory(path_);
    write_text(path_ + "/mine", "text");
  });
  EXPECT_NE(message_of([&] { write(kNew, files); }).find("\"mine\""), std::string::npos);
  EXPECT_EQ(files.renames(), 1) << "it was never moved";
  EXPECT_EQ(tree_of(path_).files, std::vector<std::string>{"mine"});
  EXPECT_EQ(names_in(folder_.path()), std::vector<std::string>{"d"});
}

TEST_F(WriteDirectory, ReplacesAnEmptyFolderAndNoFile) {
  std::filesystem::create_directory(path_);
  write(kNew);
  EXPECT_EQ(text(), "new");
  real_files().remove_tree(path_);
  write_text(path_, "mine");
  EXPECT_EQ(message_of([&] { write(kNew); }),
            path_ + ": is there already and is no folder; choose another place, or move it away");
  EXPECT_EQ(tests::read_text(path_), "mine");
}

TEST_F(WriteDirectory, WritesBehindALinkAndLeavesIt) {
  const std::string link = folder_ / "link";
  std::filesystem::create_directory(folder_ / "real");
  write(kOld);
  std::filesystem::create_directory_symlink("d", link);
  for (const std::string& name : {link, link + "/", link + "/.", folder_ / "real/../link"}) {
    write(kOld);
    write_directory_atomically(real_files(), name, kNew, kKind);
    EXPECT_EQ(std::filesystem::read_symlink(link), "d");
    EXPECT_EQ(text(), "new");
  }
  std::filesystem::create_symlink("nothing", folder_ / "dangling");
  EXPECT_EQ(message_of([&] { write_directory_atomically(real_files(), folder_ / "dangling", kNew, kKind); }),
            folder_ / "dangling" + ": is a link to nothing; make what it leads to, or choose another place");
  EXPECT_FALSE(path_exists(folder_ / "nothing"));
}

TEST_F(WriteDirectory, WhereTheFileSystemCanNotSwapTheOldOneStaysUntilTheNewIsThere) {
  write(kOld);
  PlainFiles counting;
  write(kNew, counting);
  EXPECT_EQ(text(), "new");
  EXPECT_EQ(names_in(folder_.path()), std::vector<std::string>{"d"});
  for (std::size_t step = 0; step < counting.steps(); ++step) {
    real_files().remove_tree(path_);
    write(kOld);
    ASSERT_TRUE(is_killed([&] {
      PlainFiles files({FaultKind::die_before, step});
      write(kNew, files);
    }));
    std::optional<std::string> found;
    for (const auto& [name, value] : snapshot_of(folder_.path())) {
      const std::string old = value.substr(value.find(' ') + 1);
      if (name.ends_with("/a") && (old == "old" || old == "new")) found = old;
    }
    EXPECT_TRUE(found) << "step " << step;
    real_files().remove_tree(folder_.path());
    std::filesystem::create_directory(folder_.path());
  }
}

TEST_F(WriteDirectory, IsTheOldOrTheNewWhereverTheRunDies) {
  FaultyFiles counting;
  write(kOld);
  write(kNew, counting);
  std::size_t news = 0;
  for (const FaultKind kind : {FaultKind::die_before, FaultKind::die_amid, FaultKind::die_after}) {
    for (std::size_t step = 0; step < counting.steps(); ++step) {
      write(kOld);
      ASSERT_TRUE(is_killed([&] {
        FaultyFiles files({kind, step});
        write(kNew, files);
      }));
      const auto found = open_verified(path_);
      const bool is_new = found.at("a").text() == "new";
      EXPECT_TRUE(is_new ? found.size() == 2 : found.at("a").text() == "old");
      news += is_new ? 1 : 0;
      clean_leftovers(real_files(), folder_.path());
      EXPECT_EQ(names_in(folder_.path()), std::vector<std::string>{"d"}) << "step " << step;
    }
  }
  EXPECT_GT(news, 0U);
}

TEST_F(WriteDirectory, AFullDiskOrAMissingPermissionLeavesTheOldOrTheNew) {
  FaultyFiles counting;
  write(kOld);
  write(kNew, counting);
  for (const FaultKind kind : {FaultKind::fail_once, FaultKind::fail_forever}) {
    for (const int number : {ENOSPC, EROFS, EIO}) {
      for (std::size_t step = 0; step < counting.steps(); ++step) {
        write(kOld);
        FaultyFiles files({kind, step, number});
        (void)message_of([&] { write(kNew, files); });
        EXPECT_NO_THROW(open_verified(path_));
        clean_leftovers(real_files(), folder_.path());
        EXPECT_EQ(names_in(folder_.path()), std::vector<std::string>{"d"}) << "step " << step;
      }
    }
  }
}

TEST_F(WriteDirectory, RemovesOnlyWhatIsOurs) {
  write(kOld);
  write_text(path_ + "/mine", "text");
  FaultyFiles counting;
  EXPECT_FALSE(remove_directory_atomically(counting, path_, kKind));
  EXPECT_EQ(counting.steps(), 0U);
  EXPECT_EQ(tree_of(path_).files.size(), 3U);
  std::filesystem::remove(path_ + "/mine");
  EXPECT_TRUE(remove_directory_atomically(counting, path_, kKind));
  EXPECT_TRUE(names_in(folder_.path()).empty());
  for (std::size_t step = 0; step < counting.steps(); ++step) {
    write(kOld);
    ASSERT_TRUE(is_killed([&] {
      FaultyFiles files({FaultKind::die_after, step});
      remove_directory_atomically(files, path_, kKind);
    }));
    if (path_exists(path_)) {
      EXPECT_EQ(foreign_in(path_, kKind), "");
    }
    clean_leftovers(real_files(), folder_.path());
    for (const std::string& name : names_in(folder_.path())) EXPECT_EQ(name, "d") << "step " << step;
  }
}

TEST_F(WriteDirectory, RunsAtOnceReplaceOneAnother) {
  std::vector<std::thread> threads;
  std::atomic<int> failures = 0;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      const std::string text(4'000'000, static_cast<char>('0' + i));
      const std::vector<NewFile> own = {{"a", text, {}}, {"b/c", text, {}}};
      for (int repeat = 0; repeat < 20; ++repeat) {
        const std::string message = message_of([&] { write(own); });
        if (message != "no error" && ++failures == 1) ADD_FAILURE() << message;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(foreign_in(path_, kKind), "");
  EXPECT_EQ(names_in(folder_.path()), std::vector<std::string>{"d"});
}

class WriteFile : public ::testing::Test {
 protected:
  const TemporaryDirectory folder_;
  const std::string path_ = folder_ / "scored.csv";
};

TEST_F(WriteFile, IsTheOldOrTheNewWithTheOldPermissions) {
  write_text(path_, "old");
  ::chmod(path_.c_str(), 0640);
  const auto before = snapshot_of(folder_.path());
  FaultyFiles counting;
  write_file_atomically(counting, path_, "new");
  EXPECT_EQ(tests::read_text(path_), "new");
  EXPECT_EQ(snapshot_of(folder_.path()).at("scored.csv"), std::to_string(S_IFREG | 0640) + " new");
  for (std::size_t step = 0; step < counting.steps(); ++step) {
    write_text(path_, "old");
    FaultyFiles files({FaultKind::fail_forever, step, ENOSPC});
    (void)message_of([&] { write_file_atomically(files, path_, "new"); });
    const std::string text = tests::read_text(path_);
    EXPECT_TRUE(text == "old" || text == "new") << "step " << step;
    clean_leftovers(real_files(), folder_.path());
    EXPECT_EQ(names_in(folder_.path()), std::vector<std::string>{"scored.csv"}) << "step " << step;
  }
}

TEST_F(WriteFile, SparesEveryNeighbour) {
  for (const char* name : {"scored.csv.unfinished", "scored.csv.tmp", ".scored.csv"})
    write_text(folder_ / name, "mine");
  const auto before = snapshot_of(folder_.path());
  write_file_atomically(real_files(), path_, "new");
  std::filesystem::remove(path_);
  EXPECT_EQ(snapshot_of(folder_.path()), before);
}

TEST_F(WriteFile, WritesBehindLinksAndIntoPipesAndNeverReplacesThem) {
  write_text(folder_ / "real", "old");
  std::filesystem::create_symlink("real", path_);
  write_file_atomically(real_files(), path_, "new");
  EXPECT_TRUE(is_link(path_));
  EXPECT_EQ(tests::read_text(folder_ / "real"), "new");
  write_file_atomically(real_files(), "/dev/null", "new");
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
  std::filesystem::create_directory(folder_ / "below");
  EXPECT_EQ(message_of([&] { write_file_atomically(real_files(), folder_ / "below", "new"); }),
            folder_ / "below" + ": can't be written: Is a directory; give a file");
}
}  // namespace
}  // namespace podium
