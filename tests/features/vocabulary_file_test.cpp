#include "podium/features/vocabulary_file.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

#include "podium/core/error.h"
#include "tests/support/message_of.h"

namespace podium {
namespace {
using namespace std::string_view_literals;

std::string error_of(std::string_view text) {
  return tests::message_of([&] { parse_vocabulary(text, "films.txt"); });
}

Strings strings(const std::vector<std::string>& values) {
  Strings result;
  for (const auto& value : values) result.push_back(value);
  return result;
}

TEST(VocabularyFile, KeepsTheOrderOfItsLines) {
  const auto expected = strings({"Speed (1994)", "  M*A*S*H (1970)", "Été"});
  for (const std::string text :
       {"Speed (1994)\n  M*A*S*H (1970)\nÉté\n", "Speed (1994)\n  M*A*S*H (1970)\nÉté",
        "Speed (1994)\r\n  M*A*S*H (1970)\r\nÉté\r\n", "\xEF\xBB\xBFSpeed (1994)\n  M*A*S*H (1970)\nÉté\n"}) {
    EXPECT_EQ(parse_vocabulary(text, "films.txt"), expected) << text;
  }
}

TEST(VocabularyFile, SaysWhatIsWrongInWhichLine) {
  EXPECT_EQ(error_of(""), "films.txt: no values; write one per line");
  EXPECT_EQ(error_of("a\n\nb\n"), "films.txt:2: the line is empty; remove it");
  EXPECT_EQ(error_of("a\nb\r\na"), "films.txt:3: \"a\" stands in line 1 already; remove one");
  EXPECT_EQ(error_of("a\nb\0c\n"sv), "films.txt:2: a NUL byte; write the file as plain text");
  EXPECT_EQ(error_of("a\nxy\xFFz\n"), "films.txt:2: byte 3 is not UTF-8; convert the file to UTF-8");
}

TEST(VocabularyFile, IsReadFromItsPath) {
  const std::string path = testing::TempDir() + "podium_vocabulary_test.txt";
  std::ofstream(path, std::ios::binary) << "b\na\n";
  EXPECT_EQ(read_vocabulary(path), strings({"b", "a"}));
  EXPECT_THROW(read_integer_vocabulary(path), Error);
  std::ofstream(path, std::ios::binary) << "7\n-3\n";
  EXPECT_EQ(read_integer_vocabulary(path), (std::vector<std::int64_t>{7, -3}));
  std::remove(path.c_str());
}

TEST(VocabularyFile, ThatIsNotThereIsAnError) { EXPECT_THROW(read_vocabulary("/no/such/films.txt"), Error); }
}  // namespace
}  // namespace podium
