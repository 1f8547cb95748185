#include "podium/data/write_csv.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <fstream>
#include <string_view>

#include "podium/core/files.h"

namespace podium {
namespace {
void append(std::string_view text, std::string& out) {
  if (!text.empty() && text.find_first_of(",\"\r\n;\t|") == std::string_view::npos) {  // all that a reader may guess
    out += text;
    return;
  }
  out += '"';
  for (const char byte : text) {
    out += byte;
    if (byte == '"') out += '"';
  }
  out += '"';
}

template <class Number>
void append_number(Number value, std::string& out) {
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.append(digits.data(), end);
}

void append(std::int64_t value, std::string& out) { append_number(value, out); }
void append(double value, std::string& out) {
  const std::size_t before = out.size();
  append_number(value, out);
  if (std::string_view(out).substr(before).find_first_of(".en") == std::string_view::npos) out += ".0";
}

void append_rows(const TableView& rows, std::size_t first, std::size_t last, std::string& out) {
  const auto& columns = rows.table().columns();
  for (std::size_t i = first; i < last; ++i) {
    const auto row = rows.row_numbers()[i];
    for (std::size_t c = 0; c < columns.size(); ++c) {
      if (c != 0) out += ',';
      if (std::ranges::binary_search(columns[c].missing, row)) {
        if (columns.size() == 1) out += "\"\"";  // an empty line would be no row
        continue;
      }
      std::visit([&](const auto& values) { append(values[row], out); }, columns[c].values);
    }
    out += '\n';
  }
}

std::string header(const Table& table) {
  std::string out;
  for (const auto& column : table.columns()) {
    if (!out.empty()) out += ',';
    append(column.name, out);
  }
  return out + "\n";
}
}  // namespace

std::string to_csv(const TableView& rows) {
  std::string out = header(rows.table());
  append_rows(rows, 0, rows.rows(), out);
  return out;
}

void write_csv(const TableView& rows, const std::string& path) {
  constexpr std::size_t kRows = 8192;  // at a time, so that a large table isn't held twice
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  if (!file) throw file_error(path, "can't be written", errno);
  file << header(rows.table());
  for (std::size_t first = 0; first < rows.rows(); first += kRows) {
    std::string block;
    append_rows(rows, first, std::min(first + kRows, rows.rows()), block);
    file << block;
  }
  file.flush();
  if (!file) throw file_error(path, "can't be written", errno);
}
}  // namespace podium
