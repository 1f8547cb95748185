#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "podium/core/checksum.h"
#include "podium/data/read.h"
#include "tests/data/support.h"

namespace podium::tests {
namespace {
TEST(Sources, ReadsAListAndAGlobInOrder) {
  const TemporaryDirectory folder;
  write_text(folder / "b.csv", "x,y\n3,c\n");
  write_text(folder / "a.csv", "y,x\na,1\nb,2\n");  // the columns may be in another order
  EXPECT_EQ(integers(read_table({folder / "b.csv", folder / "a.csv"}, {"x"}), "x"), (Integers{3, 1, 2}));
  const auto result = read_files(folder / "*.csv", {"x", "y"}, {.checksums = true});
  EXPECT_EQ(integers(result.table, "x"), (Integers{1, 2, 3}));
  EXPECT_EQ(texts(result.table, "y"), (Texts{"a", "b", "c"}));
  ASSERT_EQ(result.files.size(), 2U);
  EXPECT_EQ(result.files[0].path, folder / "a.csv");
  EXPECT_EQ(result.files[0].size, 12U);
  EXPECT_EQ(result.files[0].rows, 2U);
  EXPECT_EQ(result.files[0].checksum, file_checksum(folder / "a.csv"));
}

TEST(Sources, GuessesOneTypeForAllFiles) {
  const TemporaryDirectory folder;
  write_text(folder / "a.csv", "x\n1\n2\n");
  write_text(folder / "b.csv", "x\nthree\n");
  EXPECT_EQ(texts(read_table({folder / "a.csv", folder / "b.csv"}, {"x"}), "x"), (Texts{"1", "2", "three"}));
}

TEST(Sources, ReadsTheColumnsNamedByABraceList) {  // as the library's first example does
  const TemporaryDirectory folder;
  write_text(folder / "ratings.csv", "user_id,movie_title,user_rating,timestamp\n42,Speed (1994),4,1\n");
  const Table ratings = read_table(folder / "ratings.csv", {"user_id", "movie_title", "user_rating"});
  EXPECT_EQ(ratings.columns().size(), 3U);
}

TEST(Sources, ReadsTabsAndGzip) {
  const TemporaryDirectory folder;
  write_text(folder / "a.tsv", "x\ty, z\n1\tone, two\n");
  EXPECT_EQ(texts(read_table(folder / "a.tsv", {"y, z"}), "y, z"), (Texts{"one, two"}));
  ASSERT_EQ(std::system(("gzip -k '" + folder / "a.tsv" + "'").c_str()), 0);
  const auto result = read_files(folder / "a.tsv.gz", {}, {.checksums = true});
  EXPECT_EQ(integers(result.table, "x"), (Integers{1}));
  EXPECT_EQ(result.files[0].checksum, file_checksum(folder / "a.tsv.gz"));
  const auto bytes = read_text(folder / "a.tsv.gz");
  write_text(folder / "cut.tsv.gz", bytes.substr(0, bytes.size() / 2));
  EXPECT_NE(error_of([&] { read_table(folder / "cut.tsv.gz", {}); }).find("cut.tsv.gz"), std::string::npos);
}

TEST(Sources, NamesTheNearestFile) {
  const TemporaryDirectory folder;
  write_text(folder / "ratings.csv", "x\n1\n");
  EXPECT_EQ(error_of([&] { read_table(folder / "rating.csv", {}); }),
            folder / "rating.csv" + ": not found; did you mean \"" + folder / "ratings.csv" + "\"?");
  EXPECT_NE(error_of([&] { read_table(folder / "none/x.csv", {}); }).find("nor is its folder"), std::string::npos);
  EXPECT_NE(error_of([&] { read_table(folder / "*.tsv", {}); }).find("no file matches"), std::string::npos);
}

TEST(Sources, SaysToUseAPatternForAFolderOfText) {
  const TemporaryDirectory folder;
  write_text(folder / "ratings.csv", "x\n1\n");
  EXPECT_EQ(error_of([&] { read_table(folder.path(), {}); }),
            folder.path() + ": is a folder without Parquet or Arrow files; for its text files give a pattern: \"" +
                folder / "*.csv" + "\"");
}

TEST(Sources, RefusesAFileTwiceAndWhatIsNoFile) {
  const TemporaryDirectory folder;
  write_text(folder / "a.csv", "x\n1\n");
  EXPECT_NE(error_of([&] {
              read_table({folder / "a.csv", folder / "*.csv"}, {});
            }).find("named twice"),
            std::string::npos);
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  EXPECT_NE(error_of([&] { read_table(folder / "pipe", {}); }).find("no regular file"), std::string::npos);
  EXPECT_NE(error_of([&] { read_table(Sources(std::vector<std::string>{}), {}); }).find("no files"), std::string::npos);
  if (::geteuid() == 0) return;  // root reads everything
  ASSERT_EQ(::chmod((folder / "a.csv").c_str(), 0), 0);
  EXPECT_NE(error_of([&] { read_table(folder / "a.csv", {}); }).find("ermission"), std::string::npos);
}

TEST(Sources, RefusesForeignFilesByTheirFirstBytes) {
  const TemporaryDirectory folder;
  write_text(folder / "a.parquet", "x\n1\n");
  EXPECT_NE(error_of([&] { read_table(folder / "a.parquet", {}); }).find("is no Parquet file"), std::string::npos);
  write_text(folder / "empty.arrow", "");
  EXPECT_NE(error_of([&] { read_table(folder / "empty.arrow", {}); }).find("0 bytes"), std::string::npos);
  write_text(folder / "book.csv", std::string("PK\x03\x04", 4) + "rest");
  EXPECT_NE(error_of([&] { read_table(folder / "book.csv", {}); }).find("spreadsheet"), std::string::npos);
}
}  // namespace
}  // namespace podium::tests
