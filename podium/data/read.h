#pragma once
#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "podium/core/table.h"

namespace podium {
enum class ColumnType {
  automatic,  // integer if every cell is a whole number as printed ("7", not "007"), else number, else text
  text,       // never guessed: "007" stays
  integer,
  number
};

/// What becomes of a cell without a value: an empty cell of a text file (a quoted empty cell is an empty text), a null
/// or NaN of Parquet and Arrow, "nan" in a column of numbers.
enum class Missing {
  refuse,  // Error with the count and the first place
  keep,    // "", 0 or NaN, listed in Column::missing
  fill  // ReadOptions::fill's value, else: text "", a number its column's mean; an integer needs a value. Also listed
};

/// A column to read. Text files are read as `type` says. Parquet and Arrow keep their own types (every integer, bool,
/// date and timestamp is int64 in the file's unit, every float a double), but that `number` turns integers into
/// doubles.
struct ColumnRequest {
  std::string name;
  ColumnType type = ColumnType::automatic;
  std::optional<Missing> missing = {};  // instead of ReadOptions::missing

  ColumnRequest(const char* column) : name(column) {}             // NOLINT(google-explicit-constructor): a name is a
  ColumnRequest(std::string column) : name(std::move(column)) {}  // NOLINT(google-explicit-constructor): whole request
  ColumnRequest(std::string column, ColumnType its_type, std::optional<Missing> its_missing = {})
      : name(std::move(column)), type(its_type), missing(its_missing) {}
};

/// Files to read, in this order: each a file, a glob (`*`, `?`, `[...]`; matches are sorted), or a folder of Parquet or
/// Arrow files, whose subfolders named `key=value` become columns.
struct Sources {
  std::vector<std::string> paths;
  Sources(const char* path) : paths{path} {}                                // NOLINT(google-explicit-constructor)
  Sources(std::string path) : paths{std::move(path)} {}                     // NOLINT(google-explicit-constructor)
  Sources(std::vector<std::string> several) : paths(std::move(several)) {}  // NOLINT(google-explicit-constructor)
  Sources(std::initializer_list<std::string> several) : paths(several) {}
};

struct ReadOptions {
  std::string delimiter = {};  // of text files, one or more bytes; "": tab for .tsv, else found in the first line
  std::vector<std::string> names = {};  // for text files without a header: the columns' names
  char quote = '"';                     // of text files; 0: quotes are bytes like any other
  Missing missing = Missing::refuse;
  std::map<std::string, std::string> fill = {};  // by column, for Missing::fill: a value as a text file would write it
  bool checksums = false;                        // fill SourceFile::checksum
};

/// One file that was read, for a model's record.
struct SourceFile {
  std::string path;
  std::uint64_t size = 0;  // bytes
  std::uint64_t rows = 0;
  std::string checksum;  // XXH3-128 of the file's bytes, 32 hex digits; "" if not asked for
  std::vector<std::pair<std::string, std::string>> keys;  // from folders named key=value
};

struct ReadResult {
  Table table;
  std::vector<SourceFile> files;
};

/// Reads `columns` (none: all of the first file) of CSV, TSV and other delimited text (also gzip), Parquet, Arrow IPC
/// files and streams; the kind is told by a file's first bytes and its extension. Only the columns asked for are kept,
/// and of Parquet and Arrow only they are read. The table's columns are in the order asked for, its rows in the files'.
/// Text is UTF-8. Throws Error with file and line (or row) for whatever can't be read as asked: a file or column that
/// is not there (with the nearest name), a malformed row, a column named twice, bytes that are not UTF-8, NUL bytes, a
/// cell that is not of its column's type or infinite, a missing cell that is refused, no rows at all, a damaged file.
ReadResult read_files(const Sources& sources, const std::vector<ColumnRequest>& columns,
                      const ReadOptions& options = {});
/// The same, the table alone.
Table read_table(const Sources& sources, const std::vector<ColumnRequest>& columns, const ReadOptions& options = {});

/// The files that `sources` name, with sizes and keys; nothing is read. Throws Error if one is not there or not
/// readable.
std::vector<SourceFile> resolve_sources(const Sources& sources);
}  // namespace podium
