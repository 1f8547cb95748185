#include "podium/data/csv.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/data/support.h"

namespace podium::tests {
namespace {
TEST(Csv, ReadsQuotesDelimitersAndLineEndsWithinCells) {
  const auto table =
      csv("id,title\r\n1,\"Good, the Bad\"\r\n2,\"a \"\"quoted\"\" word\"\n3,\"two\nlines\"\n4,plain \"inner\" quote");
  EXPECT_EQ(texts(table, "title"),
            (Texts{"Good, the Bad", "a \"quoted\" word", "two\nlines", "plain \"inner\" quote"}));
  EXPECT_EQ(integers(table, "id"), (Integers{1, 2, 3, 4}));
}

TEST(Csv, FindsTheDelimiterInTheFirstLine) {
  EXPECT_EQ(integers(csv("a;b\n1;2\n"), "b"), (Integers{2}));
  EXPECT_EQ(integers(csv("a\tb\n1\t2\n"), "b"), (Integers{2}));
  EXPECT_EQ(integers(csv("a|b\n1|2\n"), "b"), (Integers{2}));
  EXPECT_EQ(integers(csv("\"a;;;\",b\n1,2\n"), "b"), (Integers{2}));  // not those in quotes
}

TEST(Csv, TakesADelimiterOfSeveralBytesAndGivenNames) {
  const ReadOptions options{.delimiter = "::", .names = {"user", "item", "rating"}};
  const auto table = csv("1::11:93::5\n2::661::3\n", {{"user", ColumnType::text}, "item", "rating"}, options);
  EXPECT_EQ(texts(table, "user"), (Texts{"1", "2"}));
  EXPECT_EQ(texts(table, "item"), (Texts{"11:93", "661"}));
  EXPECT_EQ(integers(table, "rating"), (Integers{5, 3}));
}

TEST(Csv, GivesTheColumnsAskedForInTheOrderAskedFor) {
  const auto table = csv("a,b,c\n1,x,2.5\n", {"c", "a"});
  ASSERT_EQ(table.columns().size(), 2U);
  EXPECT_EQ(table.columns()[0].name, "c");
  EXPECT_EQ(table.columns()[1].name, "a");
}

TEST(Csv, GuessesATypeThatLosesNothing) {
  const auto table = csv("i,zero,n,mixed,big,minus,e\n7,007,4.0,1,9223372036854775808,-0,1e3\n-3,1,5,x,1,2,2\n");
  EXPECT_EQ(integers(table, "i"), (Integers{7, -3}));
  EXPECT_EQ(texts(table, "zero"), (Texts{"007", "1"}));
  EXPECT_EQ(numbers(table, "n"), (Numbers{4.0, 5.0}));
  EXPECT_EQ(texts(table, "mixed"), (Texts{"1", "x"}));
  EXPECT_EQ(numbers(table, "big"), (Numbers{9223372036854775808.0, 1.0}));
  EXPECT_EQ(numbers(table, "e"), (Numbers{1000.0, 2.0}));
}

TEST(Csv, KeepsTextAsItStandsAndReadsNumbersWithBlanksAround) {
  const auto table = csv("id,n\n007, 4.5\n", {{"id", ColumnType::text}, {"n", ColumnType::number}});
  EXPECT_EQ(texts(table, "id"), (Texts{"007"}));
  EXPECT_EQ(numbers(table, "n"), (Numbers{4.5}));
}

TEST(Csv, SkipsAByteOrderMarkAndEmptyLines) {
  EXPECT_EQ(integers(csv("\xEF\xBB\xBF"
                         "a\n\n1\n\r\n2\n\n"),
                     "a"),
            (Integers{1, 2}));
}

TEST(Csv, IsTheSameHoweverTheBytesArrive) {  // blocks end anywhere: within quotes, delimiters, characters, CR LF
  struct Dribble : data::ByteSource {
    std::string_view text;
    std::size_t piece;
    Dribble(std::string_view all, std::size_t size) : text(all), piece(size) {}
    std::size_t read(std::span<std::byte> into) override {
      const auto size = std::min({piece, into.size(), text.size()});
      std::copy_n(text.data(), size, reinterpret_cast<char*>(into.data()));
      text.remove_prefix(size);
      return size;
    }
  };
  std::string text;
  std::vector<Texts> expected;
  for (int i = 0; i < 1500; ++i) {
    const std::string word = "w" + std::to_string(i);
    text += word + "::\"a\"\"b::" + word + "\r\n\xC3\xA9\"::x:y\r\n";
    expected.push_back({word, "a\"b::" + word + "\r\n\xC3\xA9", "x:y"});
  }
  for (const std::size_t piece : {1, 2, 3, 7, 4099, 1 << 20}) {
    Dribble source(text, piece);
    data::CsvReader reader(source, "x.csv", "::");
    std::vector<Texts> rows;
    while (reader.next()) {
      rows.emplace_back();
      for (const auto& cell : reader.cells()) rows.back().emplace_back(cell.text);
      EXPECT_EQ(reader.place().number, 2 * rows.size() - 1);
    }
    EXPECT_EQ(rows, expected) << "pieces of " << piece;
  }
}

TEST(Csv, NamesTheLineOfWhatIsWrong) {
  EXPECT_EQ(error_of([] { csv("a,b\n1,2\n\"x\ny\",2\n1,2,3\n"); }),
            "x.csv:5: 3 cells where the header has 2; put text that holds the delimiter in quotes, or state the "
            "delimiter");
  EXPECT_EQ(
      error_of([] { csv("a,b\n1,2\n1,\"2\n3,4\n"); }),
      "x.csv:3: a quote is opened in this row and never closed; close it, or double a quote that is meant as one");
  EXPECT_EQ(
      error_of([] { csv("a,b\n1,\"2\"3\n"); }),
      "x.csv:2: after the closing quote of \"2\" something other than a delimiter follows; double a quote that is "
      "meant as one");
  EXPECT_EQ(error_of([] {
              csv("a,r\n1,4\n2,\"4,5\"\n", {{"r", ColumnType::number}});
            }),
            "x.csv:3: r \"4,5\" is not a number; write it with a dot");
  EXPECT_EQ(error_of([] {
              csv("a,r\n1,4\n2,good\n", {{"r", ColumnType::number}});
            }),
            "x.csv:3: r \"good\" is not a number; correct the cell, or read the column as text");
  EXPECT_EQ(error_of([] {
              csv("a,r\n1,inf\n", {{"r", ColumnType::number}});
            }),
            "x.csv:2: r is infinite; remove the row or correct the cell");
  EXPECT_EQ(error_of([] {
              csv("a,r\n1,nan\n", {{"r", ColumnType::number}});
            }),
            "x.csv:2: r is NaN; remove the row, or choose to fill missing values");
  EXPECT_EQ(error_of([] {
              csv("a,r\n1.5,1\n", {{"a", ColumnType::integer}});
            }),
            "x.csv:2: a \"1.5\" is not a whole number; correct the cell, or read the column as text");
}

TEST(Csv, RefusesBytesThatAreNotText) {
  EXPECT_EQ(error_of([] { csv("a,b\n1,caf\xE9\n"); }),
            "x.csv:2: a byte that is not UTF-8; convert the file, for example with `iconv -f ISO-8859-1 -t UTF-8`");
  EXPECT_EQ(error_of([] { csv(std::string_view("a,b\n1,2\n3,\0\n", 12)); }),
            "x.csv:3: a NUL byte; is this a text file in UTF-8?");
  EXPECT_NE(error_of([] {
              csv("\xFF\xFE"
                  "a\n");
            }).find("UTF-16"),
            std::string::npos);
  for (const std::string bad : {"\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82", "\x80"}) {
    EXPECT_NE(error_of([&] { csv("a\n" + bad + "\n"); }).find("x.csv:2: "), std::string::npos);
  }
  EXPECT_EQ(texts(csv("a\n\xF0\x9F\x8E\xAC \xE2\x82\xAC\n"), "a"), (Texts{"\xF0\x9F\x8E\xAC \xE2\x82\xAC"}));
}

TEST(Csv, NamesAColumnThatIsNotThereAndTheNearest) {
  EXPECT_EQ(error_of([] { csv("user_id,rating\n1,2\n", {"user_ids"}); }),
            "x.csv:1: no column \"user_ids\"; did you mean \"user_id\"? The columns are: user_id, rating");
  EXPECT_EQ(
      error_of([] { csv("1,2\n3,4\n", {"user"}); }),
      "x.csv:1: no column \"user\"; the first row looks like data: if there is no header, give the columns' names");
  EXPECT_EQ(error_of([] { csv("a,b,a\n1,2,3\n", {"b"}); }),
            "x.csv:1: column \"a\" appears twice; rename one of the two");
  EXPECT_EQ(error_of([] { csv("a,b\n1,2\n", {"b", "b"}); }), "column \"b\" is asked for twice; ask once");
}

TEST(Csv, RefusesFilesWithoutRows) {
  EXPECT_EQ(error_of([] { csv(""); }), "x.csv: is empty (0 bytes); give a file with rows");
  EXPECT_EQ(error_of([] { csv("a,b\n"); }), "x.csv: has no rows; give a file with some");
  EXPECT_EQ(error_of([] { csv("\n\n"); }), "x.csv: holds empty lines alone; give a file with rows");
}

TEST(Missing, IsRefusedWithTheCountAndTheFirstLine) {
  EXPECT_EQ(error_of([] { csv("a,b\n1,2\n,3\n,4\n"); }),
            "x.csv:3: a is missing, as in 1 more of 3 rows; remove the rows, or choose to fill missing values");
  EXPECT_EQ(error_of([] {
              csv("a,b\n1,2\n,3\n", {{"a", ColumnType::number}});
            }),
            "x.csv:3: a is missing; remove the row, or choose to fill missing values");
  EXPECT_EQ(csv("a,b\n1,2\n,3\n", {"b"}).rows(), 2U);  // a column that is not asked for may lack cells
}

TEST(Missing, IsKeptAndListedByRow) {
  const auto table = csv("i,n,t,all\n,1.5,,\n1,,b,\n,nan,\"\",\n", {"i", {"n", ColumnType::number}, "t", "all"},
                         {.missing = Missing::keep});
  EXPECT_EQ(integers(table, "i"), (Integers{0, 1, 0}));
  EXPECT_EQ(table.column("i").missing, (std::vector<std::uint64_t>{0, 2}));
  EXPECT_EQ(table.column("n").missing, (std::vector<std::uint64_t>{1, 2}));
  EXPECT_EQ(texts(table, "t"), (Texts{"", "b", ""}));
  EXPECT_EQ(table.column("t").missing, (std::vector<std::uint64_t>{0}));  // a quoted empty cell is an empty text
  EXPECT_EQ(texts(table, "all"), (Texts{"", "", ""}));
}

TEST(Missing, IsFilledByTheStatedRule) {
  const auto table =
      csv("i,n,t,s\n,1.5,,\n4,,b,c\n,2.5,d,e\n", {}, {.missing = Missing::fill, .fill = {{"i", "9"}, {"s", "none"}}});
  EXPECT_EQ(integers(table, "i"), (Integers{9, 4, 9}));
  EXPECT_EQ(numbers(table, "n"), (Numbers{1.5, 2.0, 2.5}));  // the mean
  EXPECT_EQ(texts(table, "t"), (Texts{"", "b", "d"}));
  EXPECT_EQ(texts(table, "s"), (Texts{"none", "c", "e"}));
  EXPECT_NE(error_of([] {
              csv("i\n1\n\"\"\n", {{"i", ColumnType::integer}}, {.missing = Missing::fill});
            }).find("state a value"),
            std::string::npos);
  // One column may be stricter than the others.
  EXPECT_NE(error_of([] {
              csv("a,b\n1,\n", {"a", {"b", ColumnType::number, Missing::refuse}}, {.missing = Missing::fill});
            }).find("b is missing"),
            std::string::npos);
}
}  // namespace
}  // namespace podium::tests
