#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "podium/classics/ratings.h"

namespace podium::classics {
/// What every rating baseline comes to: mean + user_bias[u] + item_bias[i] + user_vectors[u] . item_vectors[i].
/// Row 0 (unknown), rows that no train row names, and parts that a fit does not use are 0, or empty.
struct Factors {
  float mean = 0.0F;
  std::vector<float> user_bias = {}, item_bias = {};        // [user_rows], [item_rows]
  std::vector<float> user_vectors = {}, item_vectors = {};  // [user_rows, dim], [item_rows, dim]
  std::size_t dim = 0;

  /// One prediction, in the label's unit. An index beyond the fitted rows counts as unknown.
  float predict(std::uint32_t user, std::uint32_t item) const;
  /// One prediction per pair, [rows]. Throws Error if the lengths differ.
  std::vector<float> predict(const Pairs& pairs) const;
};

/// Root of the mean squared difference between predictions and labels; rows summed in order. 0 without rows.
double rmse_of(const Factors& factors, const Ratings& ratings);
}  // namespace podium::classics
