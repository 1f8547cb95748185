#pragma once
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "podium/data/column_builder.h"
#include "podium/data/read.h"

namespace podium::data {
/// The columns of a read, filled file after file.
class Collector {
 public:
  /// Throws Error if a column is asked for twice.
  Collector(std::vector<ColumnRequest> requests, const ReadOptions& options);

  /// One builder, or null where the column is not wanted, per column of `file`. Without requests, the first file's
  /// columns are what is wanted. Throws Error if a wanted column is not there (with the nearest name) or twice; `place`
  /// is where the names stand ("ratings.csv:1").
  std::vector<ColumnBuilder*> match(const std::string& place, const std::vector<std::string>& columns);
  /// Throws Error if a missing cell is refused.
  Table finish();

 private:
  void add(ColumnRequest request);

  const ReadOptions& options_;
  std::vector<std::unique_ptr<ColumnBuilder>> builders_;
};

/// SourceFile::keys.
using Keys = std::vector<std::pair<std::string, std::string>>;
/// As Collector::match, the keys behind the columns; a column of the file hides a key of its name.
std::vector<ColumnBuilder*> match_with_keys(Collector& collector, const std::string& place,
                                            std::vector<std::string> columns, const Keys& keys);
/// The keys' values, `rows` times each. matched: of match_with_keys; `width`: how many of it are the file's own
/// columns.
void add_keys(const Keys& keys, const std::vector<ColumnBuilder*>& matched, std::size_t width, std::uint64_t rows,
              const std::string& file);
Error no_rows(const std::string& file);
}  // namespace podium::data
