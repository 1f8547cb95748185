// Rows that are equal in two tables.
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <unordered_map>
#include <vector>

#include "podium/core/error.h"
#include "podium/data/split.h"

namespace podium {
namespace {
struct Pair {
  const Column *left, *right;
};

std::vector<Pair> common_columns(const Table& left, const Table& right) {
  std::vector<Pair> pairs;
  for (const auto& column : left.columns()) {
    if (!right.has(column.name)) continue;
    const Column& other = right.column(column.name);
    if (column.values.index() != other.values.index()) {
      throw Error("column \"" + column.name + "\" is of one type in train and of another in test; give it one type");
    }
    pairs.push_back({&column, &other});
  }
  if (pairs.empty()) throw Error("train and test have no column in common; give files of one kind");
  return pairs;
}

std::uint64_t hash_cell(const Column& column, std::uint32_t row, std::uint64_t seed) {
  return std::visit(
      [&](const auto& values) -> std::uint64_t {
        const auto& cell = values[row];
        if constexpr (std::is_same_v<std::decay_t<decltype(cell)>, std::string_view>) {
          return XXH3_64bits_withSeed(cell.data(), cell.size(), seed);
        } else {
          const auto value = cell + 0;  // so that -0.0 is 0.0
          return XXH3_64bits_withSeed(&value, sizeof value, seed);
        }
      },
      column.values);
}

bool equal_cells(const Column& left, std::uint32_t left_row, const Column& right, std::uint32_t right_row) {
  return std::visit(
      [&](const auto& values) {
        return values[left_row] == std::get<std::decay_t<decltype(values)>>(right.values)[right_row];
      },
      left.values);
}
}  // namespace

std::uint64_t count_equal_rows(const TableView& train, const TableView& test) {
  const auto pairs = common_columns(train.table(), test.table());
  std::unordered_multimap<std::uint64_t, std::uint32_t> known;
  known.reserve(train.rows());
  for (const auto row : train.row_numbers()) {
    std::uint64_t hash = 0;
    for (const auto& pair : pairs) hash = hash_cell(*pair.left, row, hash);
    // Equal rows of train would all be compared with each equal row of test: one of them is enough.
    const auto [first, last] = known.equal_range(hash);
    const bool is_known = std::any_of(first, last, [&](const auto& entry) {
      return std::ranges::all_of(
          pairs, [&](const Pair& pair) { return equal_cells(*pair.left, entry.second, *pair.left, row); });
    });
    if (!is_known) known.emplace(hash, row);
  }
  std::uint64_t equal = 0;
  for (const auto row : test.row_numbers()) {
    std::uint64_t hash = 0;
    for (const auto& pair : pairs) hash = hash_cell(*pair.right, row, hash);
    const auto [first, last] = known.equal_range(hash);
    equal += std::any_of(first, last, [&](const auto& entry) {
      return std::ranges::all_of(
          pairs, [&](const Pair& pair) { return equal_cells(*pair.left, entry.second, *pair.right, row); });
    });
  }
  return equal;
}
}  // namespace podium
