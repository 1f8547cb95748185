#include "podium/data/split.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include "podium/core/error.h"
#include "podium/core/random.h"
#include "podium/data/codes.h"

namespace podium {
namespace {
using Rows = std::vector<std::uint32_t>;

std::size_t test_rows(std::size_t rows, double share) {
  if (!(share > 0.0 && share < 1.0)) {
    throw Error("split: a test share of " + std::to_string(share) + "; give one between 0 and 1");
  }
  const auto test = static_cast<std::size_t>(std::llround(share * static_cast<double>(rows)));
  if (test == 0 || test == rows) {
    throw Error("split: of " + std::to_string(rows) + " rows a test share of " + std::to_string(share) + " leaves " +
                (test == 0 ? "none for the test" : "none to train on") + "; give more rows or another share");
  }
  return test;
}

Rows shuffled(Rows rows, const Random& random) {
  for (std::size_t i = rows.size(); i-- > 1;) std::swap(rows[i], rows[random.below(i + 1, 0, i)]);
  return rows;
}

/// [first, last) of the order is the test, the rest is train.
Split cut(const Table& table, std::span<const std::uint32_t> order, std::size_t first, std::size_t last) {
  Rows train(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(first));
  train.insert(train.end(), order.begin() + static_cast<std::ptrdiff_t>(last), order.end());
  const auto test = order.subspan(first, last - first);
  return {.train = TableView(table, std::move(train)), .test = TableView(table, Rows(test.begin(), test.end()))};
}

/// Calls with the values of a column of times.
template <class Visit>
auto visit_times(const Table& table, const std::string& name, Visit&& visit) {
  const Column& column = table.column(name);
  if (!column.missing.empty()) {
    throw Error("split: column \"" + name + "\" has no time in row " + std::to_string(column.missing.front() + 1) +
                " and " + std::to_string(column.missing.size() - 1) + " more; remove these rows");
  }
  if (const auto* whole = std::get_if<std::vector<std::int64_t>>(&column.values)) return visit(*whole);
  if (const auto* numbers = std::get_if<std::vector<double>>(&column.values)) return visit(*numbers);
  throw Error("split: column \"" + name + "\" is text; a time is a number, for example of seconds");
}

Split split_by(const TableView& rows, const RandomSplit& rule) {
  const std::size_t test = test_rows(rows.rows(), rule.test);
  return cut(rows.table(), shuffled(rows.row_numbers(), Random(rule.seed)), 0, test);
}

Split split_by(const TableView& rows, const TemporalSplit& rule) {
  const std::size_t test = test_rows(rows.rows(), rule.test);
  Rows order = rows.row_numbers();
  visit_times(rows.table(), rule.time, [&](const auto& times) {
    std::ranges::sort(order, [&](auto a, auto b) { return std::pair(times[a], a) < std::pair(times[b], b); });
  });
  return cut(rows.table(), order, order.size() - test, order.size());
}

Split split_by(const TableView& rows, const LeaveLastOut& rule) {
  const Rows& order = rows.row_numbers();
  const auto users = data::codes_of(rows.table().column(rule.user), order);
  constexpr auto kNone = static_cast<std::size_t>(-1);
  std::vector<std::size_t> latest, count;  // by user: where in `order`; how many rows
  const auto find_latest = [&](const auto& is_later) {
    for (std::size_t i = 0; i < order.size(); ++i) {
      if (users[i] >= latest.size()) {
        latest.resize(users[i] + 1, kNone);
        count.resize(users[i] + 1, 0);
      }
      ++count[users[i]];
      auto& best = latest[users[i]];
      if (best == kNone || is_later(order[i], order[best])) best = i;
    }
  };
  if (rule.time.empty()) {
    find_latest([](auto a, auto b) { return a > b; });
  } else {
    visit_times(rows.table(), rule.time, [&](const auto& times) {
      find_latest([&](auto a, auto b) { return std::pair(times[a], a) > std::pair(times[b], b); });
    });
  }
  Rows train, test;
  for (std::size_t i = 0; i < order.size(); ++i) {
    (latest[users[i]] == i && count[users[i]] > 1 ? test : train).push_back(order[i]);
  }
  if (test.empty())
    throw Error("split: no user in \"" + rule.user + "\" has two rows, so none can be left out; split another way");
  return {.train = TableView(rows.table(), std::move(train)), .test = TableView(rows.table(), std::move(test))};
}

Split split_by(const TableView& rows, const KFold& rule) {
  const std::size_t count = rows.rows();
  if (rule.folds < 2 || rule.folds > count) {
    throw Error("split: " + std::to_string(rule.folds) + " folds of " + std::to_string(count) +
                " rows; give at least 2 and at most a fold a row");
  }
  if (rule.fold >= rule.folds) {
    throw Error("split: fold " + std::to_string(rule.fold) + " of " + std::to_string(rule.folds) +
                "; folds are counted from 0");
  }
  const auto begin = [&](std::size_t fold) {  // the first count % folds parts have a row more
    return fold * (count / rule.folds) + std::min(fold, count % rule.folds);
  };
  return cut(rows.table(), shuffled(rows.row_numbers(), Random(rule.seed)), begin(rule.fold), begin(rule.fold + 1));
}
}  // namespace

Split split(const TableView& rows, const SplitRule& rule) {
  return std::visit([&](const auto& its) { return split_by(rows, its); }, rule);
}

Split split_validation(const TableView& train, double share, std::uint64_t seed) {
  constexpr std::uint64_t kValidation = 0x76616C6964;  // "valid": a stream of its own
  const std::size_t test = test_rows(train.rows(), share);
  return cut(train.table(), shuffled(train.row_numbers(), Random(seed).fork(kValidation)), 0, test);
}
}  // namespace podium
