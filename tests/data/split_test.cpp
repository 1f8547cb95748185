#include "podium/data/split.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "tests/data/support.h"

namespace podium::tests {
namespace {
Table rows_of(std::size_t rows) {
  std::vector<std::int64_t> numbers(rows);
  std::iota(numbers.begin(), numbers.end(), 0);
  return Table({Column{.name = "n", .values = std::move(numbers), .missing = {}}});
}

void expect_every_row_in_one_part(const Split& parts, std::size_t rows) {
  Rows all = parts.train.row_numbers();
  all.insert(all.end(), parts.test.row_numbers().begin(), parts.test.row_numbers().end());
  std::ranges::sort(all);
  Rows expected(rows);
  std::iota(expected.begin(), expected.end(), 0U);
  EXPECT_EQ(all, expected);
}

TEST(RandomSplit, PutsEveryRowInOnePartOfTheExactSize) {
  const auto table = rows_of(100000);
  const auto parts = split(table, RandomSplit{.test = 0.2, .seed = 42});
  EXPECT_EQ(parts.train.rows(), 80000U);
  EXPECT_EQ(parts.test.rows(), 20000U);
  expect_every_row_in_one_part(parts, 100000);
}

TEST(RandomSplit, RepeatsForASeedAndDiffersForAnother) {
  const auto table = rows_of(1000);
  const auto rows = [&](std::uint64_t seed) {
    return split(table, RandomSplit{.test = 0.3, .seed = seed}).test.row_numbers();
  };
  EXPECT_EQ(rows(1), rows(1));
  EXPECT_NE(rows(1), rows(2));
}

TEST(RandomSplit, DrawsEveryRowEquallyOften) {  // 3 of 10 rows, 4000 seeds: 1200 each, sd 29
  const auto table = rows_of(10);
  std::vector<int> drawn(10, 0);
  for (std::uint64_t seed = 0; seed < 4000; ++seed) {
    const auto parts = split(table, RandomSplit{.test = 0.3, .seed = seed});
    for (const auto row : parts.test.row_numbers()) ++drawn[row];
  }
  for (const int count : drawn) EXPECT_NEAR(count, 1200, 29 * 5);
}

TEST(RandomSplit, RefusesSharesThatLeaveAPartEmpty) {
  const auto table = rows_of(3);
  for (const double share : {0.0, 1.0, -0.1, 0.01, 0.99}) {
    EXPECT_NE(error_of([&] { (void)split(table, RandomSplit{.test = share}); }).find("split: "), std::string::npos)
        << share;
  }
}

TEST(TemporalSplit, TestsOnTheLatestRowsAndTiesGoByRowNumber) {
  const auto table = csv("t\n5\n1\n5\n3\n5\n");
  const auto [train, test] = split(table, TemporalSplit{.time = "t", .test = 0.4});
  EXPECT_EQ(train.row_numbers(), (Rows{1, 3, 0}));
  EXPECT_EQ(test.row_numbers(), (Rows{2, 4}));
}

TEST(LeaveLastOut, LeavesEachUsersLatestRowAndKeepsWhoHasOne) {
  const auto table = csv("u,t\na,3\nb,1\na,9\na,9\nb,0\nc,5\n");
  const auto by_time = split(table, LeaveLastOut{.user = "u", .time = "t"});
  EXPECT_EQ(by_time.test.row_numbers(), (Rows{1, 3}));
  EXPECT_EQ(by_time.train.row_numbers(), (Rows{0, 2, 4, 5}));
  const auto by_row = split(table, LeaveLastOut{.user = "u"});
  EXPECT_EQ(by_row.test.row_numbers(), (Rows{3, 4}));
  EXPECT_NE(error_of([] {
              const auto lonely = csv("u\na\nb\n");
              (void)split(lonely, LeaveLastOut{.user = "u"});
            }).find("no user"),
            std::string::npos);
}

TEST(KFold, TestsEachRowInExactlyOneFold) {
  const auto table = rows_of(23);
  std::vector<int> tested(23, 0);
  for (std::size_t fold = 0; fold < 5; ++fold) {
    const auto parts = split(table, KFold{.folds = 5, .fold = fold, .seed = 7});
    expect_every_row_in_one_part(parts, 23);
    EXPECT_EQ(parts.test.rows(), fold < 3 ? 5U : 4U);
    for (const auto row : parts.test.row_numbers()) ++tested[row];
  }
  EXPECT_EQ(tested, std::vector<int>(23, 1));
  EXPECT_NE(error_of([&] { (void)split(table, KFold{.folds = 5, .fold = 5}); }).find("from 0"), std::string::npos);
}

TEST(Validation, TakesRowsOfTheTrainPartAlone) {
  const auto table = rows_of(1000);
  const auto [train, test] = split(table, RandomSplit{.test = 0.2, .seed = 3});
  const auto [learn, watch] = split_validation(train, 0.25, 3);
  EXPECT_EQ(learn.rows(), 600U);
  EXPECT_EQ(watch.rows(), 200U);
  Rows all = learn.row_numbers();
  all.insert(all.end(), watch.row_numbers().begin(), watch.row_numbers().end());
  all.insert(all.end(), test.row_numbers().begin(), test.row_numbers().end());
  std::ranges::sort(all);
  EXPECT_TRUE(std::ranges::adjacent_find(all) == all.end());
  EXPECT_EQ(all.size(), 1000U);
}

TEST(Split, RefusesTimesThatAreTextOrMissing) {
  const auto text = csv("t\nmonday\ntuesday\n");
  EXPECT_NE(error_of([&] { (void)split(text, TemporalSplit{.time = "t", .test = 0.5}); }).find("is text"),
            std::string::npos);
  const auto holes = csv("t,u\n1,1\n,1\n", {}, {.missing = Missing::keep});
  EXPECT_NE(error_of([&] { (void)split(holes, TemporalSplit{.time = "t", .test = 0.5}); }).find("row 2"),
            std::string::npos);
}
}  // namespace
}  // namespace podium::tests
