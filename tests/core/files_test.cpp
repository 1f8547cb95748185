#include "podium/core/files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "podium/core/mapped_file.h"
#include "tests/support/faulty_files.h"
#include "tests/support/message_of.h"
#include "tests/support/temporary_directory.h"

namespace podium {
namespace {
using tests::FaultyFiles;
using tests::message_of;
using tests::TemporaryDirectory;
using Kind = FaultyFiles::Fault::Kind;

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

void write(Files& files, const std::string& path, std::string_view text) {
  const Descriptor file = files.create(path);
  files.write(file, path, bytes_of(text));
  files.sync(file, path);
}

TEST(Files, ShortWritesArePutTogether) {
  const TemporaryDirectory directory;
  FaultyFiles files;
  files.shorten_writes(3);
  write(files, directory / "a", "ten bytes!");
  EXPECT_EQ(tests::read_text(directory / "a"), "ten bytes!");
  EXPECT_EQ(files.steps(), 6U);  // create, 4 writes, sync
}

TEST(Files, AnErrorNamesThePathTheReasonAndWhatToDo) {
  const TemporaryDirectory directory;
  FaultyFiles full({Kind::fail_once, 1, ENOSPC});
  EXPECT_EQ(message_of([&] { write(full, directory / "a", "text"); }),
            directory / "a" + ": can't be written: No space left on device; free some space or write to another disk");
  FaultyFiles forbidden({Kind::fail_once, 0, EACCES});
  EXPECT_EQ(
      message_of([&] { write(forbidden, directory / "b", "text"); }),
      directory / "b" + ": can't be created: Permission denied; check the permissions of the file and its folder");
  FaultyFiles broken({Kind::fail_once, 2, EIO});
  EXPECT_EQ(message_of([&] { write(broken, directory / "c", "text"); }),
            directory / "c" + ": can't be written to the disk: Input/output error; check the disk");
}

TEST(Files, AnInterruptedCallIsRepeated) {
  const TemporaryDirectory directory;
  FaultyFiles writing({Kind::fail_once, 1, EINTR});
  write(writing, directory / "a", "text");
  FaultyFiles syncing({Kind::fail_once, 2, EINTR});
  write(syncing, directory / "b", "text");
  EXPECT_EQ(tests::read_text(directory / "a"), "text");
}

TEST(Files, CreateAndRenameNeverReplace) {
  const TemporaryDirectory directory;
  Files& files = real_files();
  write(files, directory / "a", "old");
  EXPECT_THROW(files.create(directory / "a"), Error);
  write(files, directory / "b", "new");
  EXPECT_FALSE(files.rename(directory / "b", directory / "a"));
  EXPECT_EQ(tests::read_text(directory / "a"), "old");
  files.replace(directory / "b", directory / "a");
  EXPECT_EQ(tests::read_text(directory / "a"), "new");
  EXPECT_FALSE(path_exists(directory / "b"));
}

TEST(Files, RenameNeverReplacesWhereTheFileSystemLacksTheFlag) {
  const TemporaryDirectory directory;
  real_files().make_directories(directory / "a/x");
  real_files().make_directories(directory / "b/y");
  FaultyFiles occupied({Kind::fail_once, 0, EINVAL});  // as on NFS
  EXPECT_FALSE(occupied.rename(directory / "a", directory / "b"));
  FaultyFiles vacant({Kind::fail_once, 0, EINVAL});
  EXPECT_TRUE(vacant.rename(directory / "a", directory / "c"));
  EXPECT_TRUE(is_directory(directory / "c/x"));
}

TEST(Files, ExchangeSwapsDirectories) {
  const TemporaryDirectory directory;
  real_files().make_directories(directory / "a/x");
  real_files().make_directories(directory / "b/y");
  ASSERT_TRUE(real_files().exchange(directory / "a", directory / "b"));
  EXPECT_TRUE(is_directory(directory / "a/y") && is_directory(directory / "b/x"));
}

TEST(Files, RemovingATreeLeavesWhatItsLinksPointTo) {
  const TemporaryDirectory directory;
  real_files().make_directories(directory / "keep");
  tests::write_text(directory / "keep/a", "text");
  real_files().make_directories(directory / "tree/below");
  tests::write_text(directory / "tree/below/b", "text");
  std::filesystem::create_symlink(directory / "keep", directory / "tree/link");
  real_files().remove_tree(directory / "tree");
  EXPECT_FALSE(path_exists(directory / "tree"));
  EXPECT_TRUE(path_exists(directory / "keep/a"));
  EXPECT_NO_THROW(real_files().remove_tree(directory / "tree"));
}

TEST(BehindLinks, IsThePathThatTheKernelWouldTake) {
  const TemporaryDirectory directory;
  const std::string root = std::filesystem::canonical(directory.path()).string();
  real_files().make_directories(root + "/real/below");
  std::filesystem::create_directory_symlink("real/below", root + "/link");
  std::filesystem::create_symlink("nothing", root + "/dangling");
  EXPECT_EQ(behind_links(root + "/link"), root + "/real/below");
  EXPECT_EQ(behind_links(root + "/link/"), root + "/real/below");
  EXPECT_EQ(behind_links(root + "/link/../new"), root + "/real/new");
  EXPECT_EQ(behind_links(root + "/link/new/x"), root + "/real/below/new/x");
  EXPECT_EQ(behind_links("."), std::filesystem::current_path().string());
  EXPECT_THROW(behind_links(root + "/dangling"), Error);
  EXPECT_THROW(behind_links(""), Error);
}

TEST(Files, AFileInTheWayOfAFolderIsAnError) {
  const TemporaryDirectory directory;
  tests::write_text(directory / "a", "text");
  EXPECT_THROW(real_files().make_directories(directory / "a/b"), Error);
}

TEST(MappedFile, HoldsTheBytesAndSaysWhyItCant) {
  const TemporaryDirectory directory;
  tests::write_text(directory / "a", "text");
  tests::write_text(directory / "empty", "");
  MappedFile file(directory / "a");
  EXPECT_EQ(file.text(), "text");
  const MappedFile moved = std::move(file);
  EXPECT_EQ(moved.text(), "text");
  EXPECT_EQ(MappedFile(directory / "empty").bytes().size(), 0U);
  EXPECT_EQ(message_of([&] { MappedFile(directory / "b"); }),
            directory / "b" + ": can't be opened: No such file or directory; check the path");
  EXPECT_EQ(message_of([&] { MappedFile(directory.path()); }),
            directory.path() + ": can't be read: Is a directory; give a file");
}

TEST(ReadFile, RefusesMoreThanItsLimit) {
  const TemporaryDirectory directory;
  tests::write_text(directory / "a", "12345");
  EXPECT_EQ(read_file(directory / "a", 5), "12345");
  EXPECT_THROW(read_file(directory / "a", 4), Error);
}
}  // namespace
}  // namespace podium
