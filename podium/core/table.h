#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "podium/core/strings.h"

namespace podium {
/// One named column in memory: text, whole numbers or numbers. Missing cells hold "", 0 or NaN and are
/// listed by row in `missing` (rising); readers refuse or fill them unless asked to keep them.
struct Column {
  using Values = std::variant<Strings, std::vector<std::int64_t>, std::vector<double>>;
  std::string name;
  Values values;
  std::vector<std::uint64_t> missing;

  std::size_t rows() const {
    return std::visit([](const auto& held) { return held.size(); }, values);
  }
};

/// Columns of one length with distinct names.
class Table {
 public:
  Table() = default;
  /// Throws Error if two columns have one name or lengths differ.
  explicit Table(std::vector<Column> columns);

  std::size_t rows() const { return columns_.empty() ? 0 : columns_.front().rows(); }
  const std::vector<Column>& columns() const { return columns_; }
  bool has(std::string_view name) const;
  /// Throws Error naming the nearest column if there is none of that name.
  const Column& column(std::string_view name) const;

 private:
  std::vector<Column> columns_;
};

/// Some rows of a table, in an order of their own; valid while the table lives and stays where it is.
class TableView {
 public:
  /// All rows, in order.
  TableView(const Table& table);  // NOLINT(google-explicit-constructor): a table is its own widest view
  TableView(Table&&) = delete;
  /// Row numbers of `table`; each below table.rows().
  TableView(const Table& table, std::vector<std::uint32_t> rows) : table_(&table), rows_(std::move(rows)) {}

  std::size_t rows() const { return rows_.size(); }
  const Table& table() const { return *table_; }
  /// Row numbers in table().
  const std::vector<std::uint32_t>& row_numbers() const { return rows_; }

 private:
  const Table* table_;
  std::vector<std::uint32_t> rows_;
};

/// The candidate nearest to `word` by edit distance, or "" if none is near enough to be a misspelling.
std::string_view nearest_name(std::string_view word, const std::vector<std::string_view>& candidates);
}  // namespace podium
