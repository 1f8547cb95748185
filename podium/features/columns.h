#pragma once
#include <charconv>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "podium/core/table.h"

namespace podium::features {
/// A whole number in its shortest decimal digits, in memory of its own.
class Digits {
 public:
  explicit Digits(std::int64_t value) : end_(std::to_chars(text_, text_ + sizeof(text_), value).ptr) {}
  std::string_view view() const { return {text_, static_cast<std::size_t>(end_ - text_)}; }

 private:
  char text_[24];
  const char* end_;
};

/// Which of `rows` (row numbers of the column) hold a cell that is not missing.
std::vector<std::uint32_t> present(const Column& column, std::span<const std::uint32_t> rows);

/// The text of a column's row as a whole number, or as a finite number. Throws Error naming column and row (from 1).
std::int64_t to_integer(std::string_view text, const Column& column, std::uint32_t row);
float to_number(std::string_view text, const Column& column, std::uint32_t row);
/// The number, if a float can hold it. Throws Error naming column and row if it is not finite.
float checked(double value, const Column& column, std::uint32_t row);

/// Throws Error that a column of fractions has no vocabulary.
[[noreturn]] void refuse_fractions(const Column& column);
}  // namespace podium::features
