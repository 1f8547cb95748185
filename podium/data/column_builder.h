#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "podium/core/table.h"
#include "podium/data/place.h"
#include "podium/data/read.h"

namespace podium::data {
/// Collects one column, cell after cell, from files of any kind. All throw Error with the place if the cell is not of
/// the column's type, or of another type than the cells before.
class ColumnBuilder {
 public:
  ColumnBuilder(ColumnRequest request, Missing missing, std::optional<std::string> fill);

  const std::string& name() const { return request_.name; }
  std::uint64_t rows() const { return rows_; }
  /// A cell of a text file: read as the request says. Unquoted and empty: missing.
  void add_cell(std::string_view cell, bool quoted, const Place& place);
  /// Cells of a file that has types.
  void add_text(std::string_view value, const Place& place);
  void add_integer(std::int64_t value, const Place& place);
  void add_number(double value, const Place& place);
  void add_missing(const Place& place);

  /// The column, its missing cells treated as the rule says. The builder is then empty.
  Column finish();

 private:
  enum class State {
    undecided,  // nothing but missing cells so far
    integer,
    number,
    text,
    maybe_integer,  // automatic: every cell so far is a whole number as printed; held as integers
    maybe_number  // automatic: every cell so far is a number; held as text, so that nothing is lost if the next is not
  };
  void settle(State state, const Place& place);
  void become_text();
  void add_automatic(std::string_view cell);
  void push_missing();
  void decide();
  void fill_missing();

  ColumnRequest request_;
  Missing missing_rule_;
  std::optional<std::string> fill_;
  State state_;
  Strings texts_;
  std::vector<std::int64_t> integers_;
  std::vector<double> numbers_;
  std::uint64_t rows_ = 0;
  std::vector<std::uint64_t> missing_;
  std::string first_missing_;  // its place
};
}  // namespace podium::data
