#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "podium/interop/graph_importer.h"

namespace podium::interop {
enum class ColumnKind : std::uint8_t { text, whole, number, other };

/// A column as the caller gives it, perhaps cast to another kind.
struct RawColumn {
  std::string column;
  ColumnKind kind = ColumnKind::other;
  std::string type = {};   // as the file calls it, where it says
  bool is_cut = false;     // to a whole number, from one that has fractions
  std::int64_t wraps = 0;  // as IdMap's
};

/// What a value of another program's graph is for Podium, with its axes beyond the rows. Podium's vectors are flat: a
/// value of [rows, 1, 32] is one of width 32.
struct Term {
  std::variant<RawColumn, IdMap, graph::ValueId> what;
  std::vector<std::size_t> axes;
};
}  // namespace podium::interop
