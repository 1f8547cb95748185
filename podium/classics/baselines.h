#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "podium/classics/ratings.h"

namespace podium::classics {
struct BaselineOptions {
  std::uint64_t seed = 1;   // of the validation part, samples, initial vectors and row order
  std::size_t threads = 0;  // 0: all cores; never changes a bit of the result
  /// Above so many train rows the matrix factorization is tuned and fitted, and the biases are tuned, on a seeded
  /// sample of about that size.
  std::size_t max_rows = 5'000'000;
};

/// What a model has to beat.
struct Baseline {
  std::string name = {};                // "matrix_factorization"
  std::string note = {};                // the options that were chosen, and a sample if one was used
  std::vector<float> predictions = {};  // of the test rows, [rows]
  double seconds = 0.0;                 // tuning, fit and prediction
};

/// global_mean, item_mean, user_item_bias and matrix_factorization, in this order, fitted on `train` alone. Options
/// are chosen on a seeded tenth of the train rows, then the fit is repeated on all of them; below 50 train rows the
/// defaults are taken. Throws Error as check(Ratings) and check(Pairs) do.
std::vector<Baseline> rating_baselines(const Ratings& train, const Pairs& test, const BaselineOptions& options = {});
}  // namespace podium::classics
