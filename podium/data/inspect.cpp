#include "podium/data/inspect.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numeric>

#include "podium/core/error.h"
#include "podium/data/codes.h"
#include "podium/data/place.h"
#include "podium/data/roles.h"

namespace podium {
namespace {
using Rows = std::vector<std::uint32_t>;
using Codes = std::vector<std::uint32_t>;

std::string printed(double value) {
  std::array<char, 32> digits{};
  return {digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr};
}
std::string as_text(std::string_view value) { return std::string(value); }
std::string as_text(std::int64_t value) { return std::to_string(value); }
std::string as_text(double value) { return printed(value); }

/// Numbers of a column that are there; empty for text.
std::vector<double> present_numbers(const Column& column) {
  std::vector<double> numbers;
  const auto take = [&](const auto& values) {
    auto next = column.missing.begin();
    for (std::size_t row = 0; row < values.size(); ++row) {
      const bool is_missing = next != column.missing.end() && *next == row;
      if (is_missing)
        ++next;
      else
        numbers.push_back(static_cast<double>(values[row]));
    }
  };
  if (const auto* whole = std::get_if<std::vector<std::int64_t>>(&column.values)) take(*whole);
  if (const auto* floats = std::get_if<std::vector<double>>(&column.values)) take(*floats);
  return numbers;
}

DataReport::ColumnReport report_column(const Column& column, const Codes& codes) {
  constexpr std::array<const char*, 3> kTypes = {"text", "integer", "number"};
  DataReport::ColumnReport report;
  report.name = column.name;
  report.type = kTypes.at(column.values.index());
  report.missing = column.missing.size();
  std::vector<bool> is_missing_code(data::distinct(codes), false);
  for (const auto row : column.missing) is_missing_code[codes[row]] = true;
  // A missing cell's "" or 0 may be a value elsewhere; then it counts as one.
  report.distinct = data::distinct(codes);
  if (column.missing.size() == column.rows()) report.distinct = 0;
  constexpr std::size_t kExamples = 3;
  std::uint32_t next = 0;
  std::visit(
      [&](const auto& values) {
        for (std::size_t row = 0; row < codes.size() && report.examples.size() < kExamples; ++row) {
          if (codes[row] != next) continue;  // codes count up by first rows
          ++next;
          if (!is_missing_code[codes[row]]) report.examples.push_back(as_text(values[row]));
        }
      },
      column.values);
  const auto numbers = present_numbers(column);
  if (!numbers.empty()) {
    const auto [low, high] = std::ranges::minmax(numbers);
    report.smallest = low;
    report.largest = high;
  }
  return report;
}

DataReport::Activity activity_of(const Codes& codes) {
  std::vector<std::uint64_t> counts(data::distinct(codes), 0);
  for (const auto code : codes) ++counts[code];
  std::ranges::sort(counts);
  DataReport::Activity activity{.count = counts.size(), .quantiles = {}, .mean = 0.0};
  for (std::size_t quarter = 0; quarter < activity.quantiles.size(); ++quarter) {
    activity.quantiles.at(quarter) = counts[(counts.size() - 1) * quarter / 4];
  }
  activity.mean = static_cast<double>(codes.size()) / static_cast<double>(counts.size());
  return activity;
}

void look_at_labels(const Column& column, DataReport& report) {
  auto labels = present_numbers(column);
  if (labels.empty()) return;
  const auto count = static_cast<double>(labels.size());
  report.label_mean = std::accumulate(labels.begin(), labels.end(), 0.0) / count;
  double squares = 0.0;
  for (const double label : labels) squares += (label - report.label_mean) * (label - report.label_mean);
  report.label_deviation = std::sqrt(squares / count);
  std::ranges::sort(labels);
  std::vector<double> values = labels;
  values.erase(std::unique(values.begin(), values.end()), values.end());
  constexpr std::size_t kFew = 12, kBins = 10;
  if (values.size() <= kFew) {
    for (const double value : values) {
      const auto [first, last] = std::equal_range(labels.begin(), labels.end(), value);
      report.labels.push_back({.low = value, .high = value, .rows = static_cast<std::uint64_t>(last - first)});
    }
    return;
  }
  const double low = labels.front(), width = (labels.back() - low) / kBins;
  for (std::size_t bin = 0; bin < kBins; ++bin) {
    const bool is_last = bin + 1 == kBins;
    report.labels.push_back({.low = low + width * static_cast<double>(bin),
                             .high = is_last ? labels.back() : low + width * static_cast<double>(bin + 1),
                             .rows = 0});
  }
  for (const double label : labels) {
    const auto bin = static_cast<std::size_t>((label - low) / width);
    ++report.labels[std::min(bin, kBins - 1)].rows;
  }
}

void warn_of_text(const Column& column, DataReport& report) {
  const auto* texts = std::get_if<Strings>(&column.values);
  if (texts == nullptr) return;
  std::uint64_t padded = 0, numeric = 0, empty = 0;
  std::string odd;
  for (std::size_t row = 0; row < texts->size(); ++row) {
    const std::string_view text = (*texts)[row];
    empty += text.empty();
    padded += !text.empty() && (text.front() == ' ' || text.back() == ' ');
    double ignored = 0.0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), ignored);
    const bool is_number = !text.empty() && parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
    numeric += is_number;
    if (!is_number && !text.empty() && odd.empty()) odd = data::shown(text) + " in row " + std::to_string(row + 1);
  }
  const std::string name = "\"" + column.name + "\": ";
  if (padded != 0)
    report.warnings.push_back(
        name + std::to_string(padded) +
        " values begin or end with a space, and count as other values than those without; remove the spaces");
  const std::uint64_t there = texts->size() - empty;
  if (!odd.empty() && numeric * 10 >= there * 9)
    report.warnings.push_back(name + "nearly all values are numbers, but not " + odd +
                              "; correct it, or the column is text");
  if (empty > column.missing.size())
    report.warnings.push_back(name + std::to_string(empty - column.missing.size()) +
                              " values are empty text; is this a value?");
}

void warn(const Table& table, DataReport& report) {
  for (std::size_t i = 0; i < report.columns.size(); ++i) {
    const auto& column = report.columns[i];
    const std::string name = "\"" + column.name + "\": ";
    if (column.missing != 0) {
      report.warnings.push_back(name + std::to_string(column.missing) + " of " + std::to_string(report.rows) +
                                " values are missing; training refuses them unless data.missing says how to fill them");
    }
    if (column.distinct == 1 && report.rows > 1 && column.missing == 0)
      report.warnings.push_back(name + "is the same in every row, so that nothing can be learned from it");
    if ((column.role == "user" || column.role == "item") && column.distinct == report.rows && report.rows > 1) {
      report.warnings.push_back(name + "no " + column.role +
                                " appears twice, so that nothing is learned of any; is this the right column?");
    }
    warn_of_text(table.columns()[i], report);
  }
  if (report.duplicate_rows != 0)
    report.warnings.push_back(
        std::to_string(report.duplicate_rows) +
        " rows repeat an earlier row in every column; a random split puts some into train and test");
  if (report.duplicate_pairs > report.duplicate_rows)
    report.warnings.push_back(std::to_string(report.duplicate_pairs) +
                              " rows have the user and item of an earlier row; keep the latest, unless each counts");
  if (report.roles.user.empty()) report.warnings.push_back("no column looks like the user; name it in the recipe");
  if (report.roles.item.empty()) report.warnings.push_back("no column looks like the item; name it in the recipe");
  if (report.roles.label.empty())
    return report.warnings.push_back("no column looks like a label to predict (a number); name it in the recipe");
  const Column& labels = table.column(report.roles.label);
  const auto numbers = present_numbers(labels);
  constexpr double kFar = 6.0;  // deviations from the mean; of a normal label one in 500 million
  const auto far = std::ranges::count_if(
      numbers, [&](double label) { return std::abs(label - report.label_mean) > kFar * report.label_deviation; });
  if (far != 0)
    report.warnings.push_back("\"" + labels.name + "\": " + std::to_string(far) +
                              " labels lie more than 6 standard deviations from the mean " +
                              printed(report.label_mean) + "; are they errors?");
}
}  // namespace

DataReport inspect_table(const Table& table, const Roles& known) {
  DataReport report;
  report.rows = table.rows();
  if (report.rows == 0) throw Error("there are no rows to inspect; give some");
  const TableView view(table);
  const Rows& rows = view.row_numbers();
  Codes all(rows.size(), 0), users, items;
  std::vector<Codes> codes;
  for (const auto& column : table.columns()) {
    codes.push_back(data::codes_of(column, rows));
    all = data::codes_of_pairs(all, codes.back());
    report.columns.push_back(report_column(column, codes.back()));
  }
  data::guess_roles(report, known);
  report.duplicate_rows = report.rows - data::distinct(all);
  for (std::size_t i = 0; i < codes.size(); ++i) {
    if (report.columns[i].role == "user")
      users = std::move(codes[i]);
    else if (report.columns[i].role == "item")
      items = std::move(codes[i]);
  }
  if (!users.empty()) report.users = activity_of(users);
  if (!items.empty()) report.items = activity_of(items);
  if (!users.empty() && !items.empty())
    report.duplicate_pairs = report.rows - data::distinct(data::codes_of_pairs(users, items));
  if (!report.roles.label.empty()) look_at_labels(table.column(report.roles.label), report);
  warn(table, report);
  return report;
}

DataReport inspect_data(const Sources& sources, const ReadOptions& options, const Roles& known) {
  ReadOptions all = options;
  all.missing = Missing::keep;
  auto [table, files] = read_files(sources, {}, all);
  auto report = inspect_table(table, known);
  report.files = std::move(files);
  return report;
}
}  // namespace podium
