#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "podium/core/batch.h"
#include "podium/graph/graph.h"

namespace podium::nn {
/// Where in a batch each id of a table stands: ids sorted and made unique, each with its occurrences in the order of
/// the lookups and, within a lookup, of the rows. Its memory is kept from batch to batch.
class TableIndex {
 public:
  struct Occurrence {
    std::uint32_t row;     // position in the batch
    std::uint32_t lookup;  // index into the table's lookups
  };

  /// lookups: the Lookup nodes of one table.
  void build(const BatchView& batch, std::span<const graph::Lookup* const> lookups);

  std::span<const std::uint32_t> ids() const { return ids_; }  // rising
  /// All of them, id after id.
  std::span<const Occurrence> occurrences() const { return occurrences_; }
  std::span<const Occurrence> occurrences(std::size_t index) const {
    return std::span(occurrences_).subspan(begins_[index], begins_[index + 1] - begins_[index]);
  }

 private:
  // Sets keys and occurrences in the order of lookups and rows; returns the largest id.
  std::uint32_t collect(const BatchView& batch, std::span<const graph::Lookup* const> lookups);

  std::vector<std::uint32_t> ids_, begins_;
  std::vector<Occurrence> occurrences_, sorted_occurrences_;
  std::vector<std::uint32_t> keys_, sorted_keys_, counts_;
};
}  // namespace podium::nn
