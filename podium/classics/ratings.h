#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

#include "podium/core/error.h"

namespace podium::classics {
/// Train rows of ratings, as features/ encodes them; the memory is somebody else's.
///   users, items  [rows], each below user_rows and item_rows; index 0 is every unknown value's
///   labels        [rows], finite
struct Ratings {
  std::span<const std::uint32_t> users, items;
  std::span<const float> labels;
  std::size_t user_rows = 0, item_rows = 0;  // vocabulary size + 1

  std::size_t rows() const { return labels.size(); }
};

/// Users and items of rows whose labels are to be predicted, [rows] each.
struct Pairs {
  std::span<const std::uint32_t> users, items;

  std::size_t rows() const { return users.size(); }
};

/// Throws Error if there is no row, the lengths differ, an index is out of range or a label is not finite (with its
/// row).
void check(const Ratings& ratings);
/// Throws Error if the lengths differ. Indices may be of any size: what was not trained counts as unknown.
void check(const Pairs& pairs);
}  // namespace podium::classics
