#include "podium/data/roles.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <initializer_list>
#include <span>
#include <string_view>

#include "podium/core/error.h"

namespace podium::data {
namespace {
constexpr std::uint64_t kFew = 20;  // distinct values that a label has at most, if only they tell
using Columns = std::vector<DataReport::ColumnReport>;
using Words = std::span<const std::string_view>;
// The words that a name may hold, the most telling first.
constexpr auto kLabelWords =
    std::to_array<std::string_view>({"rating", "label", "score", "stars", "clicked", "click", "purchased", "liked",
                                     "target", "quantity", "playcount", "count"});
constexpr auto kTimeWords = std::to_array<std::string_view>({"timestamp", "datetime", "time", "date", "unixtime"});
constexpr auto kUserWords = std::to_array<std::string_view>(
    {"user", "customer", "member", "visitor", "account", "client", "reader", "listener", "session", "uid"});
constexpr auto kItemWords =
    std::to_array<std::string_view>({"item", "product", "movie", "film", "article", "track", "song", "artist", "book",
                                     "sku", "asin", "isbn", "business", "game", "title", "iid"});

std::string lower(std::string_view name) {
  std::string result;
  for (const char byte : name) result += static_cast<char>(std::tolower(static_cast<unsigned char>(byte)));
  return result;
}

bool is_numeric(const DataReport::ColumnReport& column) { return column.type != "text"; }

void give(DataReport::ColumnReport& column, std::string role, std::string reason) {
  column.role = std::move(role);
  column.reason = std::move(reason);
}

/// The column without a part whose name holds the most telling of the words and that `fits`; null if none does. Among
/// columns with one word an id goes before a title or genre.
template <class Fits>
DataReport::ColumnReport* by_name(Columns& columns, Words words, const Fits& fits) {
  for (const auto word : words) {
    DataReport::ColumnReport* best = nullptr;
    for (auto& column : columns) {
      const auto name = lower(column.name);
      if (!column.role.empty() || name.find(word) == std::string::npos || !fits(column)) continue;
      const bool is_id = name == word || name.ends_with("id");
      if (best == nullptr || (is_id && !lower(best->name).ends_with("id"))) best = &column;
    }
    if (best != nullptr) return best;
  }
  return nullptr;
}

bool looks_like_time(const DataReport::ColumnReport& column) {
  if (!is_numeric(column) || !column.smallest) return false;
  constexpr double k1980 = 3.2e8, k2100 = 4.1e9;
  const double low = *column.smallest, high = *column.largest;
  return (low >= k1980 && high <= k2100) || (low >= k1980 * 1e3 && high <= k2100 * 1e3);
}

void take_known(DataReport& report, const Roles& known) {
  const std::initializer_list<std::pair<const char*, const std::string*>> parts = {
      {"user", &known.user}, {"item", &known.item}, {"label", &known.label}, {"time", &known.time}};
  for (const auto& [role, name] : parts) {
    if (name->empty()) continue;
    const auto found = std::ranges::find(report.columns, *name, &DataReport::ColumnReport::name);
    if (found == report.columns.end()) {
      std::vector<std::string_view> names;
      for (const auto& column : report.columns) names.push_back(column.name);
      const auto near = nearest_name(*name, names);
      throw Error("no column \"" + *name + "\" for the " + role +
                  (near.empty() ? "; name one that is there" : "; did you mean \"" + std::string(near) + "\"?"));
    }
    give(*found, role, "as stated");
  }
}

bool has(const DataReport& report, std::string_view role) {
  return std::ranges::any_of(report.columns, [&](const auto& column) { return column.role == role; });
}

template <class Fits>
void guess_by_name(DataReport& report, const char* role, Words words, const Fits& fits) {
  if (has(report, role)) return;
  if (auto* const column = by_name(report.columns, words, fits)) give(*column, role, "by its name");
}

template <class Fits>
void guess_by_values(DataReport& report, const char* role, const char* reason, const Fits& fits) {
  if (has(report, role)) return;
  for (auto& column : report.columns) {
    if (column.role.empty() && fits(column)) return give(column, role, reason);
  }
}
}  // namespace

void guess_roles(DataReport& report, const Roles& known) {
  take_known(report, known);
  const auto any = [](const auto&) { return true; };
  const auto repeats = [&](const auto& column) {
    return column.type != "number" && column.distinct > 1 && 2 * column.distinct <= report.rows + 1;
  };
  // Before user and item, whose words a label's name may hold: "user_rating".
  guess_by_name(report, "label", kLabelWords, is_numeric);
  guess_by_name(report, "time", kTimeWords, is_numeric);
  guess_by_name(report, "user", kUserWords, any);
  guess_by_name(report, "item", kItemWords, any);
  guess_by_values(report, "time", "its values are times since 1970", looks_like_time);
  // Labels mostly stand behind the ids.
  std::ranges::reverse(report.columns);
  guess_by_values(report, "label", "a number of few values", [](const auto& column) {
    return is_numeric(column) && column.distinct > 1 && column.distinct <= kFew;
  });
  std::ranges::reverse(report.columns);
  guess_by_values(report, "user", "the first column whose values repeat", repeats);
  guess_by_values(report, "item", "the next column whose values repeat", repeats);
  for (const auto& column : report.columns) {
    if (column.role == "user") report.roles.user = column.name;
    if (column.role == "item") report.roles.item = column.name;
    if (column.role == "label") report.roles.label = column.name;
    if (column.role == "time") report.roles.time = column.name;
  }
}
}  // namespace podium::data
