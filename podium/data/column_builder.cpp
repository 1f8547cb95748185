#include "podium/data/column_builder.h"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

namespace podium::data {
namespace {
template <class Number>
bool parse(std::string_view text, Number& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

/// Whether printing the number gives the same bytes: no leading zeros, no "-0".
bool is_as_printed(std::string_view digits) {
  const bool negative = digits.front() == '-';
  const std::string_view bare = negative ? digits.substr(1) : digits;
  return bare.front() != '0' || (bare.size() == 1 && !negative);
}

/// Whether a number's text begins as a number does and not as a code does ("007").
bool is_number_like(std::string_view text) {
  if (text.front() == '-') text.remove_prefix(1);
  return !(text.size() > 1 && text[0] == '0' && text[1] >= '0' && text[1] <= '9');
}

std::string wrong(const std::string& column, std::string_view cell, std::string_view wanted) {
  std::string message = column + " " + shown(cell) + " is not " + std::string(wanted);
  if (cell.find(',') != std::string_view::npos) return message + "; write it with a dot";
  return message + "; correct the cell, or read the column as text";
}
}  // namespace

ColumnBuilder::ColumnBuilder(ColumnRequest request, Missing missing, std::optional<std::string> fill)
    : request_(std::move(request)), missing_rule_(missing), fill_(std::move(fill)), state_(State::undecided) {}

void ColumnBuilder::add_cell(std::string_view cell, bool quoted, const Place& place) {
  if (cell.empty() && !quoted) return add_missing(place);
  switch (request_.type) {
    case ColumnType::text:
      return add_text(cell, place);
    case ColumnType::integer: {
      std::int64_t value = 0;
      if (cell.empty()) return add_missing(place);
      if (!parse(trim(cell), value)) throw place.error(wrong(name(), cell, "a whole number"));
      return add_integer(value, place);
    }
    case ColumnType::number: {
      double value = 0.0;
      if (cell.empty()) return add_missing(place);
      if (!parse(trim(cell), value)) throw place.error(wrong(name(), cell, "a number"));
      return add_number(value, place);
    }
    case ColumnType::automatic:
      if (state_ == State::undecided) state_ = State::maybe_integer;
      if (state_ == State::integer || state_ == State::number) settle(State::text, place);  // throws: files disagree
      return add_automatic(cell);
  }
}

void ColumnBuilder::add_automatic(std::string_view cell) {
  ++rows_;
  if (state_ == State::maybe_integer) {
    std::int64_t value = 0;
    if (parse(cell, value) && is_as_printed(cell)) return integers_.push_back(value);
    become_text();
    state_ = State::maybe_number;
  }
  double value = 0.0;
  if (state_ == State::maybe_number && !(parse(cell, value) && std::isfinite(value) && is_number_like(cell))) {
    state_ = State::text;
  }
  texts_.push_back(cell);
}

void ColumnBuilder::become_text() {
  auto next_missing = missing_.begin();
  std::array<char, 24> digits{};
  for (std::size_t row = 0; row < integers_.size(); ++row) {
    if (next_missing != missing_.end() && *next_missing == row) {
      texts_.push_back("");
      ++next_missing;
      continue;
    }
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), integers_[row]).ptr;
    texts_.push_back({digits.data(), static_cast<std::size_t>(end - digits.data())});
  }
  integers_ = {};
}

/// The column is of this type from now on: the missing cells so far take it too.
void ColumnBuilder::settle(State state, const Place& place) {
  if (state_ == state) return;
  if (state_ == State::maybe_number && state == State::text) {
    state_ = State::text;
    return;
  }
  if (state_ == State::maybe_integer && state == State::integer) {
    state_ = State::integer;
    return;
  }
  if (state_ == State::maybe_integer && state == State::text) {
    become_text();
    state_ = State::text;
    return;
  }
  if (state_ != State::undecided) {
    throw place.error("column \"" + name() +
                      "\" is of another type than in the rows before; give all files' column one type");
  }
  state_ = state;
  if (state == State::text) become_text();  // all missing
  if (state == State::number) {
    numbers_.assign(integers_.size(), std::numeric_limits<double>::quiet_NaN());
    integers_ = {};
  }
}

void ColumnBuilder::add_text(std::string_view value, const Place& place) {
  if (request_.type == ColumnType::integer || request_.type == ColumnType::number) {
    throw place.error("column \"" + name() +
                      "\" is text where numbers are wanted; give the file's column a number type");
  }
  settle(State::text, place);
  texts_.push_back(value);
  ++rows_;
}

void ColumnBuilder::add_integer(std::int64_t value, const Place& place) {
  if (request_.type == ColumnType::number) return add_number(static_cast<double>(value), place);
  settle(State::integer, place);
  integers_.push_back(value);
  ++rows_;
}

void ColumnBuilder::add_number(double value, const Place& place) {
  if (std::isnan(value)) {
    if (missing_rule_ == Missing::refuse) {
      throw place.error(name() + " is NaN; remove the row, or choose to fill missing values");
    }
    settle(State::number, place);
    return add_missing(place);
  }
  if (std::isinf(value)) throw place.error(name() + " is infinite; remove the row or correct the cell");
  if (request_.type == ColumnType::integer) {
    // 2^63 is the first double that int64 lacks.
    if (value != std::floor(value) || value < -0x1p63 || value >= 0x1p63) {
      throw place.error(wrong(name(), std::to_string(value), "a whole number"));
    }
    return add_integer(static_cast<std::int64_t>(value), place);
  }
  settle(State::number, place);
  numbers_.push_back(value);
  ++rows_;
}

void ColumnBuilder::add_missing(const Place& place) {
  if (missing_.empty()) first_missing_ = place.text();
  missing_.push_back(rows_);
  push_missing();
  ++rows_;
}

void ColumnBuilder::push_missing() {
  switch (state_) {
    case State::text:
    case State::maybe_number:
      return texts_.push_back("");
    case State::number:
      return numbers_.push_back(std::numeric_limits<double>::quiet_NaN());
    case State::undecided:
    case State::integer:
    case State::maybe_integer:
      return integers_.push_back(0);
  }
}

/// What an automatic column has become, now that all cells are known.
void ColumnBuilder::decide() {
  const Place nowhere{};
  if (state_ == State::maybe_integer) state_ = State::integer;
  if (state_ == State::undecided) {
    settle(request_.type == ColumnType::integer  ? State::integer
           : request_.type == ColumnType::number ? State::number
                                                 : State::text,
           nowhere);
  }
  if (state_ != State::maybe_number) return;
  numbers_.resize(texts_.size(), std::numeric_limits<double>::quiet_NaN());
  for (std::size_t row = 0; row < texts_.size(); ++row) parse(texts_[row], numbers_[row]);  // "" stays NaN
  texts_ = {};
  state_ = State::number;
}

void ColumnBuilder::fill_missing() {
  if (state_ == State::text) {
    if (!fill_ || fill_->empty()) return;
    Strings filled;
    filled.reserve(texts_.size(), texts_.bytes().size() + missing_.size() * fill_->size());
    auto next = missing_.begin();
    for (std::size_t row = 0; row < texts_.size(); ++row) {
      const bool is_missing = next != missing_.end() && *next == row;
      if (is_missing) ++next;
      filled.push_back(is_missing ? std::string_view(*fill_) : texts_[row]);
    }
    texts_ = std::move(filled);
    return;
  }
  if (state_ == State::integer) {
    std::int64_t value = 0;
    if (!fill_)
      throw Error(first_missing_ + ": " + name() +
                  " is missing, and whole numbers have no mean; state a value to fill it with");
    if (!parse(*fill_, value))
      throw Error("fill value of column \"" + name() + "\": " + shown(*fill_) + " is not a whole number; give one");
    for (const auto row : missing_) integers_[row] = value;
    return;
  }
  double value = 0.0;
  if (fill_) {
    if (!parse(*fill_, value) || !std::isfinite(value))
      throw Error("fill value of column \"" + name() + "\": " + shown(*fill_) + " is not a number; give one");
  } else {
    if (missing_.size() == numbers_.size())
      throw Error(first_missing_ + ": every " + name() +
                  " is missing, so there is no mean; state a value to fill it with");
    for (const double number : numbers_) value += std::isnan(number) ? 0.0 : number;
    value /= static_cast<double>(numbers_.size() - missing_.size());
  }
  for (const auto row : missing_) numbers_[row] = value;
}

Column ColumnBuilder::finish() {
  if (!missing_.empty() && missing_rule_ == Missing::refuse) {
    const auto others = missing_.size() - 1;
    throw Error(
        first_missing_ + ": " + name() + " is missing" +
        (others == 0 ? "" : ", as in " + std::to_string(others) + " more of " + std::to_string(rows_) + " rows") +
        "; remove " + (others == 0 ? "the row" : "the rows") + ", or choose to fill missing values");
  }
  decide();
  if (!missing_.empty() && missing_rule_ == Missing::fill) fill_missing();
  Column column{.name = name(), .values = {}, .missing = std::move(missing_)};
  if (state_ == State::text) column.values = std::move(texts_);
  if (state_ == State::integer) column.values = std::move(integers_);
  if (state_ == State::number) column.values = std::move(numbers_);
  return column;
}
}  // namespace podium::data
