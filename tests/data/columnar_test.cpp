#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <functional>

#include "podium/data/read.h"
#include "tests/data/arrow_files.h"
#include "tests/data/support.h"

namespace podium::tests {
namespace {
std::shared_ptr<arrow::Array> words(const std::vector<std::optional<std::string>>& values) {
  return array<arrow::StringBuilder, std::string>(values);
}
std::shared_ptr<arrow::Array> longs(const std::vector<std::optional<std::int64_t>>& values) {
  return array<arrow::Int64Builder, std::int64_t>(values);
}
std::shared_ptr<arrow::Array> doubles(const std::vector<std::optional<double>>& values) {
  return array<arrow::DoubleBuilder, double>(values);
}

/// The three kinds of file that hold a table of Arrow.
struct Kind {
  std::string name;
  std::function<void(const std::string&, const std::shared_ptr<arrow::Table>&, std::int64_t)> write;
};
class Columnar : public testing::TestWithParam<Kind> {
 protected:
  std::string write(const std::string& name, const Fields& fields, std::int64_t group_rows = 1 << 20) {
    const std::string path = folder_ / name;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    GetParam().write(path, arrow_table(fields), group_rows);
    return path;
  }
  std::string file(const std::string& stem) const { return stem + "." + GetParam().name; }
  TemporaryDirectory folder_;
};
INSTANTIATE_TEST_SUITE_P(
    Kinds, Columnar,
    testing::Values(
        Kind{"parquet", [](const auto& path, const auto& table, auto rows) { write_parquet(path, table, rows); }},
        Kind{"arrow", [](const auto& path, const auto& table, auto rows) { write_ipc(path, table, false, rows); }},
        Kind{"arrows", [](const auto& path, const auto& table, auto rows) { write_ipc(path, table, true, rows); }}),
    [](const auto& parameter) { return parameter.param.name; });

TEST_P(Columnar, KeepsTheFilesTypes) {
  const auto path =
      write(file("x"), {{"text", words({"007", "caf\xC3\xA9", ""})},
                        {"i8", array<arrow::Int8Builder, std::int8_t>({-1, 2, 3})},
                        {"u32", array<arrow::UInt32Builder, std::uint32_t>({4000000000U, 2, 3})},
                        {"i64", longs({std::int64_t{1} << 62, -5, 0})},
                        {"f32", array<arrow::FloatBuilder, float>({0.5F, 1.5F, -2.0F})},
                        {"f64", doubles({0.1, 1e300, 4.0})},
                        {"yes", array<arrow::BooleanBuilder, bool>({true, false, true})},
                        {"when", array<arrow::TimestampBuilder, std::int64_t>(
                                     {7, 8, 9}, arrow::TimestampBuilder(arrow::timestamp(arrow::TimeUnit::MILLI),
                                                                        arrow::default_memory_pool()))},
                        {"word", array<arrow::StringDictionaryBuilder, std::string>({"b", "a", "b"})},
                        {"large", array<arrow::LargeStringBuilder, std::string>({"p", "q", "r"})}});
  const auto table = read_table(path, {});
  EXPECT_EQ(texts(table, "text"), (Texts{"007", "caf\xC3\xA9", ""}));
  EXPECT_EQ(integers(table, "i8"), (Integers{-1, 2, 3}));
  EXPECT_EQ(integers(table, "u32"), (Integers{4000000000, 2, 3}));
  EXPECT_EQ(integers(table, "i64"), (Integers{std::int64_t{1} << 62, -5, 0}));
  EXPECT_EQ(numbers(table, "f32"), (Numbers{0.5, 1.5, -2.0}));
  EXPECT_EQ(numbers(table, "f64"), (Numbers{0.1, 1e300, 4.0}));
  EXPECT_EQ(integers(table, "yes"), (Integers{1, 0, 1}));
  EXPECT_EQ(integers(table, "when"), (Integers{7, 8, 9}));
  EXPECT_EQ(texts(table, "word"), (Texts{"b", "a", "b"}));
  EXPECT_EQ(texts(table, "large"), (Texts{"p", "q", "r"}));
}

TEST_P(Columnar, ReadsTheNamedColumnsAcrossRowGroupsInTheOrderAskedFor) {
  const auto path = write(
      file("x"),
      {{"a", longs({1, 2, 3, 4, 5})}, {"b", words({"v", "w", "x", "y", "z"})}, {"c", doubles({1, 2, 3, 4, 5})}}, 2);
  const auto table = read_table(path, {"c", "a"});
  ASSERT_EQ(table.columns().size(), 2U);
  EXPECT_EQ(table.columns()[0].name, "c");
  EXPECT_EQ(numbers(table, "c"), (Numbers{1, 2, 3, 4, 5}));
  EXPECT_EQ(integers(table, "a"), (Integers{1, 2, 3, 4, 5}));
}

TEST_P(Columnar, TurnsIntegersIntoNumbersWhereNumbersAreWanted) {
  const auto path = write(file("x"), {{"r", longs({1, 5})}, {"t", words({"1", "5"})}, {"h", doubles({1.5, 2.0})}});
  EXPECT_EQ(numbers(read_table(path, {{"r", ColumnType::number}}), "r"), (Numbers{1, 5}));
  EXPECT_EQ(integers(read_table(path, {{"r", ColumnType::text}}), "r"), (Integers{1, 5}));  // the file's type stays
  EXPECT_NE(error_of([&] {
              read_table(path, {{"t", ColumnType::number}});
            }).find("row 1: column \"t\" is text"),
            std::string::npos);
  EXPECT_NE(error_of([&] {
              read_table(path, {{"h", ColumnType::integer}});
            }).find("not a whole number"),
            std::string::npos);
}

TEST_P(Columnar, RefusesKeepsOrFillsNulls) {
  const auto path = write(
      file("x"),
      {{"i", longs({1, {}, 3, {}})}, {"n", doubles({{}, 1.0, std::nan(""), 2.0})}, {"t", words({"a", "b", "c", {}})}});
  EXPECT_EQ(error_of([&] { read_table(path, {"i"}); }),
            path + ": row 2: i is missing, as in 1 more of 4 rows; remove the rows, or choose to fill missing values");
  const auto kept = read_table(path, {}, {.missing = Missing::keep});
  EXPECT_EQ(kept.column("n").missing, (std::vector<std::uint64_t>{0, 2}));  // NaN is a missing number
  EXPECT_EQ(texts(kept, "t"), (Texts{"a", "b", "c", ""}));
  const auto filled = read_table(path, {}, {.missing = Missing::fill, .fill = {{"i", "7"}}});
  EXPECT_EQ(integers(filled, "i"), (Integers{1, 7, 3, 7}));
  EXPECT_EQ(numbers(filled, "n"), (Numbers{1.5, 1.0, 1.5, 2.0}));
}

TEST_P(Columnar, NamesWhatItDoesNotRead) {
  arrow::ListBuilder lists(arrow::default_memory_pool(), std::make_shared<arrow::Int64Builder>());
  check(lists.Append());
  const auto path = write(file("x"), {{"ok", longs({1})}, {"list", lists.Finish().ValueOrDie()}});
  EXPECT_EQ(integers(read_table(path, {"ok"}), "ok"), (Integers{1}));
  EXPECT_NE(error_of([&] { read_table(path, {"list"}); }).find("column \"list\""), std::string::npos);
  EXPECT_NE(error_of([&] { read_table(path, {"okay"}); }).find("did you mean \"ok\"?"), std::string::npos);
  const auto infinite = write(file("y"), {{"n", doubles({1.0, HUGE_VAL})}});
  EXPECT_EQ(error_of([&] { read_table(infinite, {"n"}); }),
            infinite + ": row 2: n is infinite; remove the row or correct the cell");
  const auto bytes = write(file("z"), {{"b", array<arrow::BinaryBuilder, std::string>({"ok", "\xFF"})}});
  EXPECT_NE(error_of([&] { read_table(bytes, {"b"}); }).find("row 2: b holds a byte that is not UTF-8"),
            std::string::npos);
  const auto empty = write(file("empty"), {{"a", longs({})}});
  EXPECT_NE(error_of([&] { read_table(empty, {}); }).find("has no rows"), std::string::npos);
}

TEST_P(Columnar, MakesColumnsOfAFoldersKeys) {
  write("data/year=2024/country=de/" + file("b"), {{"x", longs({3})}});
  write("data/year=2024/country=a%2Fb/" + file("a"), {{"x", longs({1, 2})}});
  write("data/year=2025/country=de/" + file("a"), {{"x", longs({4})}});
  write_text(folder_ / "data/_SUCCESS", "");
  write_text(folder_ / "data/.hidden.parquet", "junk");
  const auto result = read_files(folder_ / "data", {"x", "country", "year"});
  EXPECT_EQ(integers(result.table, "x"), (Integers{1, 2, 3, 4}));
  EXPECT_EQ(texts(result.table, "country"), (Texts{"a/b", "a/b", "de", "de"}));
  EXPECT_EQ(integers(result.table, "year"), (Integers{2024, 2024, 2024, 2025}));
  EXPECT_EQ(result.files.size(), 3U);
}

TEST_P(Columnar, RefusesADamagedFileOrReadsWhatIsThere) {  // never anything else: no crash, no other exception
  std::vector<std::optional<std::int64_t>> users;
  std::vector<std::optional<std::string>> titles;
  for (int i = 0; i < 300; ++i) {
    users.emplace_back(i * 7 % 50);
    titles.emplace_back("Film " + std::to_string(i % 40));
  }
  const auto path = write(
      file("x"),
      {{"u", longs(users)}, {"t", words(titles)}, {"w", array<arrow::StringDictionaryBuilder, std::string>(titles)}});
  const auto whole = read_text(path);
  const auto damaged = folder_ / file("damaged");
  const auto try_bytes = [&](const std::string& bytes) {
    write_text(damaged, bytes);
    try {
      (void)read_table(damaged, {});
      return true;
    } catch (const Error&) {
      return false;
    }
  };
  ASSERT_TRUE(try_bytes(whole));
  for (std::size_t at = 0; at < whole.size(); at += 97) {
    auto flipped = whole;
    flipped[at] = static_cast<char>(~flipped[at]);
    try_bytes(flipped);
    const bool read = try_bytes(whole.substr(0, at));
    const bool may_end = GetParam().name == "arrows";  // a stream may end after any batch
    EXPECT_TRUE(!read || may_end) << "cut at " << at;
  }
}
}  // namespace
}  // namespace podium::tests
