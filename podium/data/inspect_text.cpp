// A DataReport for people.
#include <algorithm>
#include <array>
#include <cstdio>

#include "podium/data/inspect.h"
#include "podium/data/place.h"

namespace podium {
namespace {
/// How many characters a terminal shows, near enough: bytes that don't follow a character's first.
std::size_t shown_width(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }));
}
std::string left(const std::string& text, std::size_t width) {
  const auto have = shown_width(text);
  return text + std::string(width > have ? width - have : 0, ' ');
}
std::string right(const std::string& text, std::size_t width) {
  const auto have = shown_width(text);
  return std::string(width > have ? width - have : 0, ' ') + text;
}

/// 1234567 as 1,234,567.
std::string grouped(std::uint64_t value) {
  std::string digits = std::to_string(value);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}
std::string number(double value) {
  std::array<char, 32> digits{};
  std::snprintf(digits.data(), digits.size(), "%.10g", value);
  return digits.data();
}

/// Lines whose cells stand below each other; the cells of `rights` columns are pushed to the right.
std::string aligned(const std::vector<std::vector<std::string>>& lines, const std::vector<bool>& rights) {
  std::vector<std::size_t> widths(rights.size(), 0);
  for (const auto& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], shown_width(line[i]));
  }
  std::string text;
  for (const auto& line : lines) {
    std::string out = " ";
    for (std::size_t i = 0; i < line.size(); ++i)
      out += " " + (rights[i] ? right(line[i], widths[i]) : left(line[i], widths[i])) + " ";
    out.erase(out.find_last_not_of(' ') + 1);
    text += out + "\n";
  }
  return text;
}

std::string columns_text(const DataReport& report) {
  std::vector<std::vector<std::string>> lines = {
      {"column", "type", "missing", "distinct", "from", "to", "role", "for example"}};
  for (const auto& column : report.columns) {
    std::string examples;
    for (const auto& example : column.examples) {
      std::string clean = data::shown(example);
      clean = column.type == "text" ? clean : example;
      std::ranges::replace_if(
          clean, [](char byte) { return static_cast<unsigned char>(byte) < ' '; }, ' ');
      examples += (examples.empty() ? "" : ", ") + clean;
    }
    lines.push_back({column.name, column.type, grouped(column.missing), grouped(column.distinct),
                     column.smallest ? number(*column.smallest) : "", column.largest ? number(*column.largest) : "",
                     column.role.empty() ? "" : column.role + " (" + column.reason + ")", examples});
  }
  return aligned(lines, {false, false, true, true, true, true, false, false});
}

std::string labels_text(const DataReport& report) {
  if (report.labels.empty()) return "";
  std::uint64_t most = 1;
  for (const auto& bin : report.labels) most = std::max(most, bin.rows);
  std::vector<std::vector<std::string>> lines;
  constexpr std::uint64_t kWidest = 40;
  for (const auto& bin : report.labels) {
    const std::string range = bin.low == bin.high ? number(bin.low) : number(bin.low) + " to " + number(bin.high);
    // Rounded up: what is there shows.
    lines.push_back({range, grouped(bin.rows), std::string((bin.rows * kWidest + most - 1) / most, '#')});
  }
  std::array<char, 96> summary{};
  std::snprintf(summary.data(), summary.size(), ": mean %.4g, standard deviation %.4g\n", report.label_mean,
                report.label_deviation);
  return "\nlabel " + report.roles.label + summary.data() + aligned(lines, {true, true, false});
}

std::string activity_text(const DataReport& report) {
  std::vector<std::vector<std::string>> lines = {
      {"rows of one", "count", "least", "25 %", "median", "75 %", "most", "mean"}};
  const auto add = [&](const std::string& name, const DataReport::Activity& activity) {
    if (activity.count == 0) return;
    std::vector<std::string> line = {name, grouped(activity.count)};
    for (const auto rows : activity.quantiles) line.push_back(grouped(rows));
    std::array<char, 32> mean{};
    std::snprintf(mean.data(), mean.size(), "%.1f", activity.mean);
    line.emplace_back(mean.data());
    lines.push_back(std::move(line));
  };
  add("user (" + report.roles.user + ")", report.users);
  add("item (" + report.roles.item + ")", report.items);
  return lines.size() == 1 ? "" : "\n" + aligned(lines, {false, true, true, true, true, true, true, true});
}
}  // namespace

std::string to_text(const DataReport& report) {
  std::string text;
  for (const auto& file : report.files)
    text += file.path + ": " + grouped(file.rows) + " rows, " + grouped(file.size) + " bytes\n";
  if (report.files.size() != 1) text += grouped(report.rows) + " rows\n";
  text += "\n" + columns_text(report) + labels_text(report) + activity_text(report);
  text += "\nrows that repeat an earlier one: " + grouped(report.duplicate_rows) + " in every column";
  if (report.users.count != 0 && report.items.count != 0)
    text += ", " + grouped(report.duplicate_pairs) + " in user and item";
  text += "\n";
  if (report.warnings.empty()) return text + "\nnothing looks wrong\n";
  text += "\nlooks wrong:\n";
  for (const auto& warning : report.warnings) text += "  " + warning + "\n";
  return text;
}
}  // namespace podium
