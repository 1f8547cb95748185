#include "podium/core/table.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "podium/core/error.h"

namespace podium {
namespace {
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> previous(b.size() + 1), current(b.size() + 1);
  std::iota(previous.begin(), previous.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    current[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      current[j + 1] = std::min({previous[j + 1] + 1, current[j] + 1, previous[j] + (a[i] == b[j] ? 0 : 1)});
    }
    std::swap(previous, current);
  }
  return previous.back();
}
}  // namespace

std::string_view nearest_name(std::string_view word, const std::vector<std::string_view>& candidates) {
  std::string_view best;
  std::size_t distance = std::max<std::size_t>(2, word.size() / 3) + 1;
  for (const auto candidate : candidates) {
    const std::size_t d = edit_distance(word, candidate);
    if (d < distance) {
      distance = d;
      best = candidate;
    }
  }
  return best;
}

Table::Table(std::vector<Column> columns) : columns_(std::move(columns)) {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (columns_[i].rows() != columns_.front().rows()) {
      throw Error("column \"" + columns_[i].name + "\" has " + std::to_string(columns_[i].rows()) + " rows and \"" +
                  columns_.front().name + "\" has " + std::to_string(columns_.front().rows()));
    }
    for (std::size_t j = 0; j < i; ++j) {
      if (columns_[i].name == columns_[j].name) throw Error("column \"" + columns_[i].name + "\" appears twice");
    }
  }
}

bool Table::has(std::string_view name) const {
  return std::ranges::any_of(columns_, [&](const Column& column) { return column.name == name; });
}

const Column& Table::column(std::string_view name) const {
  std::vector<std::string_view> names;
  for (const auto& column : columns_) {
    if (column.name == name) return column;
    names.emplace_back(column.name);
  }
  std::string message = "no column \"" + std::string(name) + "\"";
  const auto near = nearest_name(name, names);
  if (!near.empty()) message += "; did you mean \"" + std::string(near) + "\"?";
  message += " The columns are:";
  for (const auto known : names) message += " " + std::string(known);
  throw Error(message);
}

TableView::TableView(const Table& table) : table_(&table), rows_(table.rows()) {
  if (table.rows() > std::numeric_limits<std::uint32_t>::max()) {
    throw Error("a table of " + std::to_string(table.rows()) + " rows; at most 4294967295 are supported");
  }
  std::iota(rows_.begin(), rows_.end(), 0U);
}
}  // namespace podium
