#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <variant>
#include <vector>

namespace podium {
/// Ids of one feature: one per row, or, where `offsets` is not empty, a ragged list: row r's ids are
/// ids[offsets[r]] to ids[offsets[r + 1]] (offsets has rows + 1 entries).
struct Ids {
  std::vector<std::uint32_t> ids;
  std::vector<std::uint64_t> offsets;
  std::size_t rows() const { return offsets.empty() ? ids.size() : offsets.size() - 1; }
};

/// Numbers of one feature, one per row.
using Numbers = std::vector<float>;

/// Encoded rows: what the columns of a table become once, before the first epoch. One entry per feature of the
/// graph, in the graph's order (a FeatureId is an index into `features`), each of `rows` rows.
struct Batch {
  std::size_t rows = 0;
  std::vector<std::variant<Ids, Numbers>> features;
};

/// Some rows of encoded data, in an order of their own: what one step or one request computes.
struct BatchView {
  const Batch* data = nullptr;
  std::span<const std::uint32_t> rows;  // row numbers in *data
};
}  // namespace podium
