#include "podium/classics/matrix_factorization.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "podium/core/aligned.h"
#include "podium/core/random.h"

namespace podium::classics {
namespace {
constexpr std::size_t kLanes = 8;  // floats side by side in one AVX2 register; also the order of a dot product's sum
constexpr std::size_t kMaxEpochs = 80;

struct Row {
  std::uint32_t user, item;
  float label;  // scaled
};

double standard_deviation(const Ratings& ratings, double mean) {
  double sum = 0.0;
  for (const float label : ratings.labels) sum += (label - mean) * (label - mean);
  return std::sqrt(sum / static_cast<double>(ratings.rows()));
}

/// The descent on one set of rows, epoch by epoch, and what it has come to.
class Descent {
 public:
  Descent(const Ratings& ratings, const MfOptions& options)
      : ratings_(ratings), options_(options), width_((options.dim + kLanes - 1) / kLanes * kLanes) {
    const double rows = static_cast<double>(ratings.rows());
    mean_ = std::accumulate(ratings.labels.begin(), ratings.labels.end(), 0.0) / rows;
    scale_ = standard_deviation(ratings, mean_);
    const Random random(options.seed);
    draw(random.fork(1), ratings.users, ratings.user_rows, user_);
    draw(random.fork(2), ratings.items, ratings.item_rows, item_);
    user_bias_.assign(ratings.user_rows, 0.0F);
    item_bias_.assign(ratings.item_rows, 0.0F);
    shuffle(random.fork(3));
  }

  void run_epoch() {
    const float rate = static_cast<float>(options_.learning_rate), l2 = static_cast<float>(options_.l2);
    for (const Row& row : rows_) {
      float* const user = user_.data() + row.user * width_;
      float* const item = item_.data() + row.item * width_;
      float &user_bias = user_bias_[row.user], &item_bias = item_bias_[row.item];
      const float error = row.label - user_bias - item_bias - dot(user, item);
      user_bias += rate * (error - l2 * user_bias);
      item_bias += rate * (error - l2 * item_bias);
      for (std::size_t k = 0; k < width_; ++k) {
        const float u = user[k], i = item[k];
        user[k] = u + rate * (error * i - l2 * u);
        item[k] = i + rate * (error * u - l2 * i);
      }
    }
  }

  /// RMSE of other rows, in the labels' unit; not finite when the descent has diverged.
  double rmse(const Ratings& other) const {
    double sum = 0.0;
    for (std::size_t row = 0; row < other.rows(); ++row) {
      const std::size_t u = other.users[row], i = other.items[row];
      const float scaled = user_bias_[u] + item_bias_[i] + dot(user_.data() + u * width_, item_.data() + i * width_);
      const double error = mean_ + scale_ * scaled - other.labels[row];
      sum += error * error;
    }
    return std::sqrt(sum / static_cast<double>(other.rows()));
  }

  Factors factors() const {
    const float scale = static_cast<float>(scale_);
    Factors result{.mean = static_cast<float>(mean_), .dim = options_.dim};
    for (const float bias : user_bias_) result.user_bias.push_back(scale * bias);
    for (const float bias : item_bias_) result.item_bias.push_back(scale * bias);
    result.user_vectors = unpadded(user_, user_bias_.size(), scale);
    result.item_vectors = unpadded(item_, item_bias_.size(), 1.0F);
    return result;
  }

 private:
  // Small normal numbers for ids that a row names; 0 for others, and for columns past dim, which then stay 0.
  void draw(const Random& random, std::span<const std::uint32_t> ids, std::size_t id_rows, AlignedFloats& vectors) {
    vectors.assign(id_rows * width_, 0.0F);
    std::vector<bool> seen(id_rows, false);
    for (const std::uint32_t id : ids) seen[id] = true;
    for (std::size_t id = 1; id < id_rows; ++id) {
      if (!seen[id]) continue;
      for (std::size_t k = 0; k < options_.dim; ++k) {
        vectors[id * width_ + k] = static_cast<float>(0.1 * random.normal(id, k));
      }
    }
  }

  void shuffle(const Random& random) {
    const double scale = scale_ > 0.0 ? scale_ : 1.0;
    for (std::size_t row = 0; row < ratings_.rows(); ++row) {
      if (ratings_.users[row] == 0 || ratings_.items[row] == 0) continue;  // unknown ids learn nothing
      rows_.push_back(
          {ratings_.users[row], ratings_.items[row], static_cast<float>((ratings_.labels[row] - mean_) / scale)});
    }
    for (std::size_t left = rows_.size(); left > 1; --left) {
      std::swap(rows_[left - 1], rows_[random.below(left, 0, left)]);
    }
  }

  float dot(const float* a, const float* b) const {
    std::array<float, kLanes> lanes{};
    for (std::size_t k = 0; k < width_; k += kLanes) {
      for (std::size_t lane = 0; lane < kLanes; ++lane) lanes[lane] += a[k + lane] * b[k + lane];
    }
    return ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
  }

  std::vector<float> unpadded(const AlignedFloats& vectors, std::size_t id_rows, float scale) const {
    std::vector<float> result;
    result.reserve(id_rows * options_.dim);
    for (std::size_t id = 0; id < id_rows; ++id) {
      for (std::size_t k = 0; k < options_.dim; ++k) result.push_back(scale * vectors[id * width_ + k]);
    }
    return result;
  }

  const Ratings& ratings_;
  const MfOptions options_;
  const std::size_t width_;  // dim rounded up to whole lanes
  double mean_ = 0.0, scale_ = 1.0;
  AlignedFloats user_, item_;  // [user_rows, width], [item_rows, width]
  std::vector<float> user_bias_, item_bias_;
  std::vector<Row> rows_;
};

void check(const MfOptions& options) {
  if (options.dim == 0) throw Error("matrix factorization: dim is 0; give at least 1");
  for (const double number : {options.learning_rate, options.l2}) {
    if (std::isfinite(number) && number >= 0.0) continue;
    throw Error("matrix factorization: learning_rate and l2 must be finite and at least 0, not " +
                std::to_string(number));
  }
}

struct Outcome {
  double rmse = std::numeric_limits<double>::infinity();
  std::size_t epochs = 0;
};

// Epochs until the validation error has not fallen for three; the best of them.
Outcome run_until_worse(const Ratings& train, const Ratings& validation, const MfOptions& options) {
  Descent descent(train, options);
  Outcome best;
  for (std::size_t epoch = 1; epoch <= options.epochs; ++epoch) {
    descent.run_epoch();
    const double rmse = descent.rmse(validation);
    if (rmse < best.rmse) best = {.rmse = rmse, .epochs = epoch};
    if (!std::isfinite(rmse) || epoch >= best.epochs + 3) break;
  }
  return best;
}
}  // namespace

Factors fit_matrix_factorization(const Ratings& ratings, const MfOptions& options) {
  check(ratings);
  check(options);
  Descent descent(ratings, options);
  for (std::size_t epoch = 0; epoch < options.epochs; ++epoch) descent.run_epoch();
  return descent.factors();
}

TunedMf tune_matrix_factorization(const Ratings& train, const Ratings& validation, std::uint64_t seed,
                                  ThreadPool& pool) {
  check(train);
  check(validation);
  std::vector<MfOptions> grid;
  // Longest first, so that no worker ends long after the others. Half the learning rate gains 0.0005 RMSE on MovieLens
  // 100K for twice the time.
  for (const auto& [dim, l2] :
       {std::pair{64, 0.10}, {64, 0.07}, {32, 0.13}, {32, 0.10}, {32, 0.08}, {32, 0.06}, {32, 0.04}, {32, 0.02}}) {
    grid.push_back({.dim = static_cast<std::size_t>(dim), .epochs = kMaxEpochs, .l2 = l2, .seed = seed});
  }
  std::vector<Outcome> outcomes(grid.size());
  pool.run(grid.size(), [&](std::size_t candidate, std::size_t) {
    outcomes[candidate] = run_until_worse(train, validation, grid[candidate]);
  });
  const auto best = std::ranges::min_element(outcomes, {}, &Outcome::rmse);
  TunedMf tuned{.options = grid[static_cast<std::size_t>(best - outcomes.begin())],
                .validation_rmse = best->rmse,
                .candidates = grid.size()};
  tuned.options.epochs = best->epochs;
  return tuned;
}
}  // namespace podium::classics
