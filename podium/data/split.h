#pragma once
#include <cstdint>
#include <string>
#include <variant>

#include "podium/core/table.h"

namespace podium {
/// round(test * rows) rows drawn without order are the test. The rows are shuffled (Fisher-Yates: for i from rows - 1
/// down to 1, swap i with Random(seed).below(i + 1, 0, i)); the first of that order are the test, the others the train
/// rows, and both keep it. The same seed and number of rows give the same split, whatever the rows hold.
struct RandomSplit {
  double test = 0.2;  // share, in (0, 1)
  std::uint64_t seed = 42;
};

/// The latest round(test * rows) rows by `time` (whole numbers or numbers; of equal times the later row is the later)
/// are the test. Both parts are in order of time.
struct TemporalSplit {
  std::string time;
  double test = 0.2;
};

/// Each user's latest row is the test (of equal times the later row); who has one row alone stays in train. Without a
/// time column a user's last row counts as the latest. Both parts keep the table's order.
struct LeaveLastOut {
  std::string user;
  std::string time = {};
};

/// The shuffled rows (as RandomSplit) are cut into `folds` parts whose sizes differ by one at most; part `fold` is the
/// test. Each row is in the test of exactly one fold.
struct KFold {
  std::size_t folds = 5, fold = 0;
  std::uint64_t seed = 42;
};

using SplitRule = std::variant<RandomSplit, TemporalSplit, LeaveLastOut, KFold>;

/// Two views of one table: every row is in exactly one of them.
struct Split {
  TableView train, test;
};

/// Splits rows by a rule. Throws Error if a part would be empty, an option is out of range, a column is missing, or a
/// time is missing or text.
Split split(const TableView& rows, const SplitRule& rule);
/// `train` is rows to learn from, `test` a share of them to watch: RandomSplit over the rows of a split's train part,
/// in a random stream of its own, so that the same seed may serve both.
Split split_validation(const TableView& train, double share, std::uint64_t seed);

/// How many rows of `test` have an equal row (in all columns that both have) in `train`. Where files are given for both
/// this is worth a word; it is no error, as the same may happen twice. Throws Error if no column is in both, or one has
/// two types.
std::uint64_t count_equal_rows(const TableView& train, const TableView& test);
}  // namespace podium
