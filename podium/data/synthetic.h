#pragma once
#include <cstdint>

#include "podium/core/table.h"

namespace podium {
/// Interactions whose cause is known, for tests and benchmarks that need no real data. A rating is
///   3.5 + user bias + item bias + user vector . item vector + drift * time * item trend + noise,
/// rounded and cut to 1 .. 5; biases N(0, 0.4^2), the inner product N(0, signal^2) overall, time in [-1, 1].
/// No user rates an item twice.
struct SyntheticOptions {
  std::size_t users = 943, items = 1682, rows = 100000;  // rows at most users * items
  std::size_t dim = 8;                                   // of the planted vectors
  double popularity =
      0.8;                 // the k-th item is drawn in proportion to k^-popularity (Zipf); users to k^(-popularity / 2)
  double signal = 0.6;     // standard deviation of what the vectors add
  double noise = 0.8;      // standard deviation of what nothing explains
  double drift = 0.0;      // how much an item's rating rises or falls over the half of the time
  std::uint64_t seed = 1;  // same options, same table, bit for bit with one math library
};

/// Columns user_id (integer from 1), item_id (integer from 1, 1 the most popular), movie_title (text, one per item),
/// user_rating (number), timestamp (integer, seconds, rising by row). Throws Error for options that fit no table.
Table synthetic_ratings(const SyntheticOptions& options);
}  // namespace podium
