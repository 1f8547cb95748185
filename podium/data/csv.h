#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "podium/data/byte_source.h"
#include "podium/data/collector.h"
#include "podium/data/place.h"
#include "podium/data/read.h"

namespace podium::data {
struct Cell {
  std::string_view text;  // without its quotes, a doubled quote within made single
  bool quoted = false;
};

/// Rows of delimited text, one after another (RFC 4180): a cell may stand in quotes and then hold delimiters, line ends
/// and doubled quotes; within an unquoted cell a quote is a byte like any other. Lines end with LF or CR LF; empty
/// lines are skipped. A byte order mark of UTF-8 is skipped. Holds one block of the source at a time.
class CsvReader {
 public:
  /// name: of the file, for messages. delimiter, quote: as in ReadOptions; "" is found in the first line: the one of
  /// , tab ; | that is there most often.
  CsvReader(ByteSource& source, std::string name, std::string delimiter, char quote = '"');

  /// The next row; false at the end. Throws Error with the line for a quote that is not closed or followed by something
  /// other than a delimiter, bytes that are not UTF-8, and a row beyond 16 MB.
  bool next();
  /// The row's cells, until next() is called again.
  std::span<const Cell> cells() const { return cells_; }
  /// Its first line, from 1.
  Place place() const { return {.file = name_, .number = line_}; }
  bool saw_bytes() const { return saw_bytes_; }

 private:
  enum class Scan { complete, more };  // more: the block ends within the row
  bool refill();
  void begin();
  Scan scan();
  Scan scan_quoted(std::size_t& at);
  bool delimiter_at(std::size_t at) const;
  void check_utf8(std::string_view row) const;

  ByteSource& source_;
  std::string name_, delimiter_;
  char quote_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0, end_ = 0;  // of the buffer's bytes that are not yet rows
  std::size_t next_ = 0;             // where the row after this one begins
  bool at_end_ = false, started_ = false, saw_bytes_ = false, plain_ = true;
  std::uint64_t line_ = 0, next_line_ = 1;
  std::vector<Cell> cells_;
  std::vector<std::size_t> escaped_;  // cells with doubled quotes
};

/// All rows of a text file into the collector, by its options; `keys` are the file's, as in SourceFile. Returns the
/// rows. Throws Error if there is no header or a row has more or fewer cells than it.
std::uint64_t read_rows(ByteSource& source, const std::string& name, const ReadOptions& options, const Keys& keys,
                        Collector& collector);
}  // namespace podium::data

namespace podium {
/// The rows of a text file that is in memory, as read_table reads one; `name` is the file's in messages.
Table read_csv(std::span<const std::byte> bytes, const std::string& name, const std::vector<ColumnRequest>& columns,
               const ReadOptions& options = {});
}  // namespace podium
