#include "podium/data/synthetic.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "podium/core/checksum.h"
#include "podium/data/write_csv.h"
#include "tests/data/support.h"

namespace podium::tests {
namespace {
const SyntheticOptions kSmall{.users = 50, .items = 40, .rows = 1000, .seed = 3};

TEST(Synthetic, RepeatsForASeedAndDiffersForAnother) {
  auto other = kSmall;
  other.seed = 4;
  const auto one = synthetic_ratings(kSmall), again = synthetic_ratings(kSmall), different = synthetic_ratings(other);
  EXPECT_EQ(to_csv(one), to_csv(again));
  EXPECT_NE(to_csv(one), to_csv(different));
}

TEST(Synthetic, HasRatingsFromOneToFiveAndNoPairTwice) {
  const auto table = synthetic_ratings(kSmall);
  const auto users = integers(table, "user_id"), items = integers(table, "item_id"),
             times = integers(table, "timestamp");
  std::set<std::pair<std::int64_t, std::int64_t>> pairs;
  for (std::size_t row = 0; row < table.rows(); ++row) pairs.emplace(users[row], items[row]);
  EXPECT_EQ(pairs.size(), 1000U);
  EXPECT_TRUE(std::ranges::is_sorted(times));
  for (const double rating : numbers(table, "user_rating"))
    EXPECT_TRUE(rating >= 1.0 && rating <= 5.0 && rating == static_cast<int>(rating));
}

TEST(Synthetic, MakesTheFirstItemsPopular) {
  const auto table = synthetic_ratings({.users = 1000, .items = 200, .rows = 20000, .popularity = 1.0});
  std::map<std::int64_t, int> count;
  for (const auto item : integers(table, "item_id")) ++count[item];
  // Without the rule of no pair twice item 1 would be drawn 100 times as often as item 100.
  EXPECT_GT(count[1], 10 * count[100]);
  EXPECT_GT(count[10], 2 * count[100]);
}

TEST(Synthetic, PlantsItemsThatDriftApart) {  // with drift, an item's mean differs between the early and the late rows
  const auto spread = [](double drift) {
    const auto table = synthetic_ratings({.users = 2000, .items = 20, .rows = 20000, .noise = 0.1, .drift = drift});
    const auto items = integers(table, "item_id");
    const auto ratings = numbers(table, "user_rating");
    std::map<std::int64_t, std::array<std::pair<double, double>, 2>> sums;
    for (std::size_t row = 0; row < table.rows(); ++row) {
      auto& [sum, count] = sums[items[row]][row < table.rows() / 2 ? 0 : 1];
      sum += ratings[row];
      count += 1;
    }
    double total = 0.0;
    for (const auto& [item, halves] : sums)
      total += std::abs(halves[0].first / halves[0].second - halves[1].first / halves[1].second);
    return total / 20;
  };
  EXPECT_LT(spread(0.0), 0.1);
  EXPECT_GT(spread(0.8), 0.3);
}

TEST(Synthetic, RefusesMoreRowsThanPairs) {
  EXPECT_EQ(synthetic_ratings({.users = 5, .items = 4, .rows = 20}).rows(), 20U);  // all pairs
  EXPECT_NE(error_of([] { (void)synthetic_ratings({.users = 5, .items = 4, .rows = 21}); }).find("21 rows"),
            std::string::npos);
}

TEST(WriteCsv, ReadsBackAsItWas) {
  const auto table = synthetic_ratings(kSmall);
  const TemporaryDirectory folder;
  write_csv(table, folder / "r.csv");
  const auto read = read_table(folder / "r.csv", {});
  ASSERT_EQ(read.columns().size(), table.columns().size());
  for (std::size_t i = 0; i < table.columns().size(); ++i) {
    EXPECT_EQ(read.columns()[i].name, table.columns()[i].name);
    EXPECT_EQ(read.columns()[i].values, table.columns()[i].values) << read.columns()[i].name;
  }
  EXPECT_NE(error_of([&] { write_csv(table, folder / "none" + "/r.csv"); }).find("can't be written"),
            std::string::npos);
}

TEST(WriteCsv, ReadsBackNastyTextHoweverItFalls) {
  const std::vector<std::string> parts = {",", "\"", "\"\"", "\n",       "\r",           "\r\n", ";",  "\t",  "|", " ",
                                          "a", "0",  "-",    "\xC3\xA9", "\xEF\xBB\xBF", "'",    "\\", "nan", ""};
  const Random random(11);
  for (std::uint64_t trial = 0; trial < 200; ++trial) {
    Strings left, right;
    std::vector<double> doubles;
    std::vector<std::uint64_t> missing;
    for (std::uint64_t row = 0; row < 20; ++row) {
      std::string text;
      for (std::uint64_t i = 0; i < row % 5; ++i) text += parts[random.below(parts.size(), trial, row * 8 + i)];
      left.push_back(text);
      const bool is_missing = random.below(4, trial, 1000 + row) == 0;
      if (is_missing) missing.push_back(row);
      right.push_back(is_missing ? "" : text + text);
      doubles.push_back(random.normal(trial, row) * 1e10);
    }
    const Table table({{.name = "a,\"b\"", .values = left, .missing = {}},
                       {.name = "right", .values = right, .missing = missing},
                       {.name = "n", .values = doubles, .missing = {}}});
    const auto text = to_csv(table);
    const auto read = csv(text, {{"a,\"b\"", ColumnType::text}, {"right", ColumnType::text}, {"n", ColumnType::number}},
                          {.missing = Missing::keep});
    for (std::size_t i = 0; i < 3; ++i) ASSERT_EQ(read.columns()[i].values, table.columns()[i].values) << text;
    ASSERT_EQ(read.columns()[1].missing, missing) << text;
  }
}
}  // namespace
}  // namespace podium::tests
