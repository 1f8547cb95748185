#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "podium/core/error.h"

namespace podium::data {
/// Where something stands in a file, for messages: a line of a text file or a row of a binary one, from 1.
struct Place {
  std::string_view file;
  std::uint64_t number = 0;
  bool is_line = true;

  /// "ratings.csv:1042" or "ratings.parquet: row 1042".
  std::string text() const { return std::string(file) + (is_line ? ":" : ": row ") + std::to_string(number); }
  Error error(const std::string& what) const { return Error(text() + ": " + what); }
};

/// A cell as a message shows it: quoted, cut when long.
inline std::string shown(std::string_view cell) {
  constexpr std::size_t kLongest = 60;
  if (cell.size() <= kLongest) return "\"" + std::string(cell) + "\"";
  std::size_t cut = kLongest;
  while (cut > 0 && (static_cast<unsigned char>(cell[cut]) & 0xC0U) == 0x80U) --cut;  // not within a character
  return "\"" + std::string(cell.substr(0, cut)) + "...\"";
}
}  // namespace podium::data
