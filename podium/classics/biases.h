#pragma once
#include "podium/classics/factors.h"

namespace podium::classics {
/// The mean label of all rows. Throws Error as check(Ratings) does; so do the others.
Factors fit_global_mean(const Ratings& ratings);

/// mean + item_bias: an item's mean offset from the global mean, pulled towards 0 as if `damping` more rows had none.
/// damping >= 0.
Factors fit_item_mean(const Ratings& ratings, double damping = 5.0);

/// How strongly user_bias and item_bias are pulled towards 0, in rows without an offset (ridge regression's lambda).
struct BiasOptions {
  double user_damping = 5.0, item_damping = 3.0;
  std::size_t sweeps = 15;  // rounds of items, then users; each solves its half exactly
};

/// mean + user_bias + item_bias: minimizes sum (label - mean - b_u - b_i)^2 + user_damping sum b_u^2 + item_damping
/// sum b_i^2 by alternating sweeps.
/// Source: Koren, "Factor in the Neighbors", TKDD 2010, section 2.1.
Factors fit_biases(const Ratings& ratings, const BiasOptions& options = {});

/// The options that predict `validation` best after a fit on `train`, out of a fixed grid; ties to the earlier.
struct TunedBiases {
  BiasOptions options;
  double validation_rmse = 0.0;
};
TunedBiases tune_biases(const Ratings& train, const Ratings& validation);
}  // namespace podium::classics
