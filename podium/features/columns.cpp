#include "podium/features/columns.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "podium/core/error.h"

namespace podium::features {
namespace {
std::string where(const Column& column, std::uint32_t row) {
  return "column \"" + column.name + "\", row " + std::to_string(std::uint64_t{row} + 1) + ": ";
}
}  // namespace

std::vector<std::uint32_t> present(const Column& column, std::span<const std::uint32_t> rows) {
  std::vector<std::uint32_t> kept;
  kept.reserve(rows.size());
  for (const std::uint32_t row : rows) {
    if (!std::binary_search(column.missing.begin(), column.missing.end(), row)) kept.push_back(row);
  }
  return kept;
}

std::int64_t to_integer(std::string_view text, const Column& column, std::uint32_t row) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    throw Error(where(column, row) + "\"" + std::string(text) +
                "\" is not a whole number of 64 bits; correct it, or let the feature be text");
  }
  return value;
}

float to_number(std::string_view text, const Column& column, std::uint32_t row) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    throw Error(where(column, row) + "\"" + std::string(text) + "\" is not a number; write it like 3.5");
  }
  return checked(value, column, row);
}

float checked(double value, const Column& column, std::uint32_t row) {
  const auto number = static_cast<float>(value);
  if (!std::isfinite(number)) {
    throw Error(where(column, row) + "the number is missing, infinite or beyond a float; fill it or leave the row out");
  }
  return number;
}

void refuse_fractions(const Column& column) {
  throw Error("column \"" + column.name +
              "\" holds numbers with fractions, which have no vocabulary; use a numeric feature, or text");
}
}  // namespace podium::features
