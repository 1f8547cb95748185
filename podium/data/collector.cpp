#include "podium/data/collector.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace podium::data {
namespace {
Error no_column(const std::string& place, const std::string& wanted, const std::vector<std::string>& columns) {
  std::string message = place + ": no column \"" + wanted + "\"";
  const std::vector<std::string_view> names(columns.begin(), columns.end());
  if (const auto near = nearest_name(wanted, names); !near.empty()) {
    message += "; did you mean \"" + std::string(near) + "\"?";
  }
  const bool looks_like_data = std::ranges::any_of(columns, [](const std::string& name) {
    double ignored = 0.0;
    const auto parsed = std::from_chars(name.data(), name.data() + name.size(), ignored);
    return !name.empty() && parsed.ec == std::errc() && parsed.ptr == name.data() + name.size();
  });
  if (looks_like_data)
    return Error(message + "; the first row looks like data: if there is no header, give the columns' names");
  message += " The columns are:";
  constexpr std::size_t kMost = 30;
  for (std::size_t i = 0; i < std::min(columns.size(), kMost); ++i) message += (i == 0 ? " " : ", ") + columns[i];
  if (columns.size() > kMost) message += " and " + std::to_string(columns.size() - kMost) + " more";
  return Error(message);
}
}  // namespace

Collector::Collector(std::vector<ColumnRequest> requests, const ReadOptions& options) : options_(options) {
  for (auto& request : requests) {
    for (const auto& builder : builders_) {
      if (builder->name() == request.name) throw Error("column \"" + request.name + "\" is asked for twice; ask once");
    }
    add(std::move(request));
  }
}

void Collector::add(ColumnRequest request) {
  const Missing missing = request.missing.value_or(options_.missing);
  std::optional<std::string> fill;
  if (const auto stated = options_.fill.find(request.name); stated != options_.fill.end()) fill = stated->second;
  builders_.push_back(std::make_unique<ColumnBuilder>(std::move(request), missing, std::move(fill)));
}

std::vector<ColumnBuilder*> Collector::match(const std::string& place, const std::vector<std::string>& columns) {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const auto again = std::find(columns.begin(), columns.begin() + static_cast<std::ptrdiff_t>(i), columns[i]);
    const bool is_twice = again != columns.begin() + static_cast<std::ptrdiff_t>(i);
    if (is_twice) throw Error(place + ": column " + shown(columns[i]) + " appears twice; rename one of the two");
  }
  if (builders_.empty()) {
    for (const auto& column : columns) add(column);
  }
  std::vector<ColumnBuilder*> matched(columns.size(), nullptr);
  for (const auto& builder : builders_) {
    const auto found = std::ranges::find(columns, builder->name());
    if (found == columns.end()) throw no_column(place, builder->name(), columns);
    matched[static_cast<std::size_t>(found - columns.begin())] = builder.get();
  }
  return matched;
}

Table Collector::finish() {
  std::vector<Column> columns;
  for (const auto& builder : builders_) columns.push_back(builder->finish());
  builders_.clear();
  return Table(std::move(columns));
}

std::vector<ColumnBuilder*> match_with_keys(Collector& collector, const std::string& place,
                                            std::vector<std::string> columns, const Keys& keys) {
  const std::size_t width = columns.size();
  for (const auto& [key, value] : keys) columns.push_back(key);
  std::vector<bool> is_hidden(columns.size(), false);
  for (std::size_t i = width; i < columns.size(); ++i) {
    const auto own_end = columns.begin() + static_cast<std::ptrdiff_t>(width);
    is_hidden[i] = std::find(columns.begin(), own_end, columns[i]) != own_end;
  }
  std::vector<std::string> visible;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (!is_hidden[i]) visible.push_back(columns[i]);
  }
  const auto found = collector.match(place, visible);
  std::vector<ColumnBuilder*> matched;
  for (std::size_t i = 0, next = 0; i < columns.size(); ++i) matched.push_back(is_hidden[i] ? nullptr : found[next++]);
  return matched;
}

void add_keys(const Keys& keys, const std::vector<ColumnBuilder*>& matched, std::size_t width, std::uint64_t rows,
              const std::string& file) {
  for (std::size_t i = 0; i < keys.size(); ++i) {
    ColumnBuilder* const builder = matched[width + i];
    if (builder == nullptr) continue;
    const std::string& value = keys[i].second;
    const bool is_null = value == "__HIVE_DEFAULT_PARTITION__";
    for (std::uint64_t row = 1; row <= rows; ++row) {
      builder->add_cell(is_null ? std::string_view() : value, !is_null,
                        {.file = file, .number = row, .is_line = false});
    }
  }
}

Error no_rows(const std::string& file) { return Error(file + ": has no rows; give a file with some"); }
}  // namespace podium::data
