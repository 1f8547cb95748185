#pragma once
#include <gtest/gtest.h>

#include <span>
#include <string>
#include <string_view>

#include "podium/core/error.h"
#include "podium/core/random.h"
#include "podium/core/table.h"
#include "podium/data/csv.h"
#include "tests/support/temporary_directory.h"

namespace podium::tests {
/// The message of the Error that the call throws; a failure of the test and "" if it throws none.
template <class Call>
std::string error_of(const Call& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  ADD_FAILURE() << "no Error was thrown";
  return "";
}

/// A text file in memory, named "x.csv" in messages.
inline Table csv(std::string_view text, const std::vector<ColumnRequest>& columns = {},
                 const ReadOptions& options = {}) {
  return read_csv(std::as_bytes(std::span(text)), "x.csv", columns, options);
}

inline std::vector<std::string> texts(const Table& table, std::string_view column) {
  const auto& strings = std::get<Strings>(table.column(column).values);
  std::vector<std::string> result;
  for (std::size_t i = 0; i < strings.size(); ++i) result.emplace_back(strings[i]);
  return result;
}
inline std::vector<std::int64_t> integers(const Table& table, std::string_view column) {
  return std::get<std::vector<std::int64_t>>(table.column(column).values);
}
inline std::vector<double> numbers(const Table& table, std::string_view column) {
  return std::get<std::vector<double>>(table.column(column).values);
}

using Texts = std::vector<std::string>;
using Integers = std::vector<std::int64_t>;
using Numbers = std::vector<double>;
using Rows = std::vector<std::uint32_t>;
}  // namespace podium::tests
