#include "podium/classics/biases.h"

#include <limits>

namespace podium::classics {
namespace {
// One half of a sweep: own[x] = sum over x's rows of (label - mean - other) / (damping + rows of x).
void solve(const Ratings& ratings, std::span<const std::uint32_t> own_ids, std::span<const std::uint32_t> other_ids,
           double mean, double damping, const std::vector<double>& other, std::vector<double>& own) {
  std::vector<double> counts(own.size(), damping);
  own.assign(own.size(), 0.0);
  for (std::size_t row = 0; row < ratings.rows(); ++row) {
    own[own_ids[row]] += ratings.labels[row] - mean - other[other_ids[row]];
    counts[own_ids[row]] += 1.0;
  }
  for (std::size_t id = 0; id < own.size(); ++id) own[id] = counts[id] > 0.0 ? own[id] / counts[id] : 0.0;
  own[0] = 0.0;  // the unknown's: what some unknown ids did says nothing about others
}

double mean_label(const Ratings& ratings) {
  double sum = 0.0;  // in double: a float sum of 100 million ratings has lost its last digits
  for (const float label : ratings.labels) sum += label;
  return sum / static_cast<double>(ratings.rows());
}

std::vector<float> floats(const std::vector<double>& values) { return {values.begin(), values.end()}; }
}  // namespace

Factors fit_global_mean(const Ratings& ratings) {
  check(ratings);
  return {.mean = static_cast<float>(mean_label(ratings))};
}

Factors fit_item_mean(const Ratings& ratings, double damping) {
  Factors factors = fit_global_mean(ratings);
  const std::vector<double> no_users(ratings.user_rows, 0.0);
  std::vector<double> item_bias(ratings.item_rows, 0.0);
  solve(ratings, ratings.items, ratings.users, mean_label(ratings), damping, no_users, item_bias);
  factors.item_bias = floats(item_bias);
  return factors;
}

Factors fit_biases(const Ratings& ratings, const BiasOptions& options) {
  Factors factors = fit_global_mean(ratings);
  const double mean = mean_label(ratings);
  std::vector<double> user_bias(ratings.user_rows, 0.0), item_bias(ratings.item_rows, 0.0);
  for (std::size_t sweep = 0; sweep < options.sweeps; ++sweep) {
    solve(ratings, ratings.items, ratings.users, mean, options.item_damping, user_bias, item_bias);
    solve(ratings, ratings.users, ratings.items, mean, options.user_damping, item_bias, user_bias);
  }
  factors.user_bias = floats(user_bias);
  factors.item_bias = floats(item_bias);
  return factors;
}

TunedBiases tune_biases(const Ratings& train, const Ratings& validation) {
  TunedBiases best{.options = {}, .validation_rmse = std::numeric_limits<double>::infinity()};
  for (const double user_damping : {2.0, 5.0, 10.0, 20.0}) {
    for (const double item_damping : {2.0, 5.0, 10.0}) {
      // Five sweeps order the grid as fifteen do.
      const BiasOptions options{.user_damping = user_damping, .item_damping = item_damping, .sweeps = 5};
      const double rmse = rmse_of(fit_biases(train, options), validation);
      if (rmse >= best.validation_rmse) continue;
      best = {.options = options, .validation_rmse = rmse};
    }
  }
  best.options.sweeps = BiasOptions{}.sweeps;
  return best;
}
}  // namespace podium::classics
