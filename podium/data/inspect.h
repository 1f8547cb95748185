#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "podium/core/table.h"
#include "podium/data/read.h"

namespace podium {
/// Which columns play which part; "" where none does.
struct Roles {
  std::string user, item, label, time;
};

/// What a table of interactions holds, and what looks wrong with it. Plain data: doors render it as they like.
struct DataReport {
  struct ColumnReport {
    std::string name, type;  // "text", "integer" or "number"
    std::uint64_t missing = 0, distinct = 0;
    std::optional<double> smallest, largest;  // of numbers
    std::vector<std::string> examples;        // the first distinct values, at most three
    std::string role;                         // "user", "item", "label", "time" or ""
    std::string reason;                       // why it is guessed to be that
  };
  /// How many labels lie in [low, high); in the last one also those that equal high.
  struct Bin {
    double low = 0.0, high = 0.0;
    std::uint64_t rows = 0;
  };
  /// Rows of one user (or of one item): how they are spread.
  struct Activity {
    std::uint64_t count = 0;                   // how many users
    std::array<std::uint64_t, 5> quantiles{};  // rows at 0, 25, 50, 75 and 100 %
    double mean = 0.0;
  };
  std::vector<SourceFile> files;
  std::uint64_t rows = 0;
  std::vector<ColumnReport> columns;
  Roles roles;
  std::uint64_t duplicate_rows = 0;   // equal to an earlier row in every column
  std::uint64_t duplicate_pairs = 0;  // with the user and item of an earlier row
  std::vector<Bin> labels;            // one per value if there are few, else ten of one width; empty without a label
  double label_mean = 0.0, label_deviation = 0.0;
  Activity users, items;
  std::vector<std::string> warnings;  // each says what is wrong and what to do
};

/// Reads all columns and looks at them. `known` roles are taken as they are, the others guessed from names and values.
/// Throws Error as read_files does, and for a known role that is no column.
DataReport inspect_data(const Sources& sources, const ReadOptions& options = {}, const Roles& known = {});
/// The same of a table in memory (`files` stays empty).
DataReport inspect_table(const Table& table, const Roles& known = {});
/// For people: aligned lines, the label's histogram in letters.
std::string to_text(const DataReport& report);
/// For programs: one JSON object. What the table has not, a label or users for instance, is absent.
std::string to_json(const DataReport& report);
}  // namespace podium
