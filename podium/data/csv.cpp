#include "podium/data/csv.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "podium/data/utf8.h"

namespace podium::data {
namespace {
constexpr std::size_t kBlock = std::size_t{256} << 10U;  // fits the second-level cache
constexpr std::size_t kLongestRow = std::size_t{16}
                                    << 20U;  // a quote that nobody closes ends here, not at the memory's

std::string guess_delimiter(std::string_view text, char quote) {
  constexpr std::string_view kCandidates = ",\t;|";
  std::array<std::size_t, kCandidates.size()> counts{};
  bool quoted = false;
  for (const char byte : text) {
    if (quote != 0 && byte == quote) quoted = !quoted;
    if (quoted) continue;
    if (byte == '\n') break;
    const auto which = kCandidates.find(byte);
    if (which != std::string_view::npos) ++counts[which];
  }
  const auto most = static_cast<std::size_t>(std::ranges::max_element(counts) - counts.begin());
  return std::string(1, kCandidates[most]);
}

/// Makes doubled quotes single, in place; the new length.
std::size_t unescape(char* text, std::size_t size, char quote) {
  std::size_t to = 0;
  for (std::size_t from = 0; from < size; ++from) {
    text[to++] = text[from];
    if (text[from] == quote) ++from;
  }
  return to;
}
}  // namespace

CsvReader::CsvReader(ByteSource& source, std::string name, std::string delimiter, char quote)
    : source_(source), name_(std::move(name)), delimiter_(std::move(delimiter)), quote_(quote), buffer_(kBlock) {
  if (delimiter_.find_first_of("\r\n") != std::string::npos ||
      (quote_ != 0 && delimiter_.find(quote_) != std::string::npos)) {
    throw Error("delimiter " + shown(delimiter_) + " holds a line end or the quote; choose another");
  }
}

/// Moves what is left to the buffer's front and reads more behind it; false at the source's end.
bool CsvReader::refill() {
  if (at_end_) return false;
  std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = 0;
  if (end_ == buffer_.size()) {
    if (buffer_.size() >= kLongestRow) {
      throw Error(name_ + ":" + std::to_string(next_line_) +
                  ": a row of more than 16 MB begins here; is a quote not closed?");
    }
    buffer_.resize(2 * buffer_.size());
  }
  const auto size = source_.read(std::as_writable_bytes(std::span(buffer_).subspan(end_)));
  const bool new_plain = is_plain_ascii({buffer_.data() + end_, size});
  plain_ = new_plain && (plain_ || end_ == 0);
  end_ += size;
  at_end_ = size == 0;
  saw_bytes_ = saw_bytes_ || size != 0;
  return !at_end_;
}

void CsvReader::begin() {
  started_ = true;
  while (end_ < 4096 && refill()) {  // enough to look at
  }
  const std::string_view text(buffer_.data(), end_);
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
    throw Error(name_ + ": is UTF-16; convert it to UTF-8, for example with `iconv -f UTF-16 -t UTF-8`");
  }
  if (text.starts_with("\xEF\xBB\xBF")) begin_ = 3;
  if (delimiter_.empty()) delimiter_ = guess_delimiter(text.substr(begin_), quote_);
}

bool CsvReader::next() {
  if (!started_) begin();
  begin_ = std::max(begin_, next_);
  while (true) {
    if (begin_ == end_) {
      next_ = 0;
      if (!refill()) return false;
    }
    if (scan() == Scan::more) {
      next_ = 0;  // refill moves the row to the front
      refill();
      continue;
    }
    const bool is_empty = cells_.size() == 1 && cells_[0].text.empty() && !cells_[0].quoted;
    if (!is_empty) break;
    begin_ = next_;
  }
  if (!plain_) check_utf8({buffer_.data() + begin_, next_ - begin_});
  for (const auto which : escaped_) {
    auto& text = cells_[which].text;
    char* const first = buffer_.data() + (text.data() - buffer_.data());
    text = text.substr(0, unescape(first, text.size(), quote_));
  }
  return true;
}

bool CsvReader::delimiter_at(std::size_t at) const {
  return delimiter_.size() == 1 || std::string_view(buffer_.data() + at, end_ - at).starts_with(delimiter_);
}

/// Cuts one row into cells, from begin_. next_ and next_line_ are set if it is complete.
CsvReader::Scan CsvReader::scan() {
  const char first = delimiter_.front();
  const char* const bytes = buffer_.data();
  line_ = next_line_;
  cells_.clear();
  escaped_.clear();
  std::size_t at = begin_;
  while (true) {
    if (quote_ != 0 && at < end_ && bytes[at] == quote_) {
      if (scan_quoted(at) == Scan::more) {
        next_line_ = line_;
        return Scan::more;
      }
    } else {
      const std::size_t cell = at;
      while (at < end_ && bytes[at] != '\n' && !(bytes[at] == first && delimiter_at(at))) ++at;
      std::size_t size = at - cell;
      if ((at == end_ || bytes[at] == '\n') && size != 0 && bytes[at - 1] == '\r') --size;
      cells_.push_back({.text = {bytes + cell, size}});
    }
    if (at >= end_) {  // also if only a part of a longer delimiter is here
      if (!at_end_) {
        next_line_ = line_;
        return Scan::more;
      }
      next_ = end_;
      return Scan::complete;
    }
    if (bytes[at] == '\n') {
      next_ = at + 1;
      ++next_line_;
      return Scan::complete;
    }
    at += delimiter_.size();
  }
}

/// A cell in quotes; `at` moves from its first quote to the delimiter or line feed behind it.
CsvReader::Scan CsvReader::scan_quoted(std::size_t& at) {
  const std::size_t cell = at + 1;
  bool escaped = false;
  std::size_t close = cell;
  for (;; ++close) {
    if (close >= end_) {
      if (!at_end_) return Scan::more;
      throw place().error(
          "a quote is opened in this row and never closed; close it, or double a quote that is meant as one");
    }
    if (buffer_[close] == '\n') ++next_line_;
    if (buffer_[close] != quote_) continue;
    if (close + 1 >= end_ && !at_end_) return Scan::more;  // the next byte decides
    if (close + 1 >= end_ || buffer_[close + 1] != quote_) break;
    escaped = true;
    ++close;
  }
  if (escaped) escaped_.push_back(cells_.size());
  cells_.push_back({.text = {buffer_.data() + cell, close - cell}, .quoted = true});
  at = close + 1;
  if (at + 1 < end_ && buffer_[at] == '\r' && buffer_[at + 1] == '\n') ++at;
  if (at + 1 == end_ && buffer_[at] == '\r') {
    if (!at_end_) return Scan::more;
    ++at;
  }
  if (end_ - std::min(at, end_) < delimiter_.size() && !at_end_) {
    if (at < end_ && buffer_[at] == '\n') return Scan::complete;
    return Scan::more;
  }
  if (at >= end_ || buffer_[at] == '\n' || (buffer_[at] == delimiter_.front() && delimiter_at(at)))
    return Scan::complete;
  throw place().error("after the closing quote of " + shown(cells_.back().text) +
                      " something other than a delimiter follows; double a quote that is meant as one");
}

void CsvReader::check_utf8(std::string_view row) const {
  const auto bad = find_not_utf8(row);
  if (bad == std::string_view::npos) return;
  Place bad_place = place();
  bad_place.number +=
      static_cast<std::uint64_t>(std::count(row.begin(), row.begin() + static_cast<std::ptrdiff_t>(bad), '\n'));
  throw bad_place.error(describe_not_utf8(row, bad));
}
}  // namespace podium::data
