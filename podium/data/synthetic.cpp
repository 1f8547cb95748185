#include "podium/data/synthetic.h"

#include <algorithm>
#include <cmath>
#include <unordered_set>
#include <utility>
#include <vector>

#include "podium/core/error.h"
#include "podium/core/random.h"

namespace podium {
namespace {
// What is drawn has a stream of its own, so that one option doesn't shift another's numbers.
enum Stream : std::uint64_t { kUserVector = 1, kItemVector, kUserBias, kItemBias, kTrend, kUser, kItem, kNoise, kTime };

/// Draws 0 .. count - 1 in proportion to (k + 1)^-exponent.
class Zipf {
 public:
  Zipf(std::size_t count, double exponent) {
    double sum = 0.0;
    for (std::size_t k = 1; k <= count; ++k) sums_.push_back(sum += std::pow(static_cast<double>(k), -exponent));
  }
  std::size_t operator()(double uniform) const {
    const auto found = std::ranges::upper_bound(sums_, uniform * sums_.back());
    return std::min(static_cast<std::size_t>(found - sums_.begin()), sums_.size() - 1);
  }

 private:
  std::vector<double> sums_;
};

struct Planted {
  std::size_t dim;
  std::vector<double> user_vectors, item_vectors;  // [users, dim], [items, dim]
  std::vector<double> user_bias, item_bias, trend;

  double inner_product(std::size_t user, std::size_t item) const {
    double sum = 0.0;
    for (std::size_t d = 0; d < dim; ++d) sum += user_vectors[user * dim + d] * item_vectors[item * dim + d];
    return sum;
  }
};

std::vector<double> normals(const Random& random, Stream stream, std::size_t count, double deviation) {
  std::vector<double> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = deviation * random.normal(stream, i);
  return values;
}

Planted plant(const SyntheticOptions& options, const Random& random) {
  // dim products of two N(0, s^2) have variance dim * s^4 in all.
  const double deviation =
      options.dim == 0 ? 0.0 : std::sqrt(options.signal / std::sqrt(static_cast<double>(options.dim)));
  constexpr double kBias = 0.4;
  return {.dim = options.dim,
          .user_vectors = normals(random, kUserVector, options.users * options.dim, deviation),
          .item_vectors = normals(random, kItemVector, options.items * options.dim, deviation),
          .user_bias = normals(random, kUserBias, options.users, kBias),
          .item_bias = normals(random, kItemBias, options.items, kBias),
          .trend = normals(random, kTrend, options.items, options.drift)};
}

/// Distinct (user, item), as user * items + item.
std::vector<std::uint64_t> draw_pairs(const SyntheticOptions& options, const Random& random) {
  const Zipf users(options.users, options.popularity / 2), items(options.items, options.popularity);
  const std::uint64_t all = std::uint64_t{options.users} * options.items;
  std::unordered_set<std::uint64_t> drawn;
  std::vector<std::uint64_t> pairs;
  for (std::size_t row = 0; row < options.rows; ++row) {
    constexpr std::uint64_t kAttempts = 64;
    std::uint64_t pair = 0;
    for (std::uint64_t attempt = 0; attempt < kAttempts; ++attempt) {
      const auto user = users(random.uniform(kUser + (attempt << 8U), row));
      pair = user * options.items + items(random.uniform(kItem + (attempt << 8U), row));
      if (!drawn.contains(pair)) break;
    }
    while (!drawn.insert(pair).second) pair = (pair + 1) % all;  // nearly full: the next one that is free
    pairs.push_back(pair);
  }
  return pairs;
}

std::string title(std::size_t item) {
  const std::string number = std::to_string(item + 1), year = " (" + std::to_string(1930 + item * 7 % 70) + ")";
  if (item % 7 == 3) return "Film, The " + number + year;  // as real titles have it, to be quoted in CSV
  if (item % 11 == 5) return "\"Caf\u00e9\" " + number + year;
  return "Film " + number + year;
}
}  // namespace

Table synthetic_ratings(const SyntheticOptions& options) {
  if (options.rows == 0 || options.rows > std::uint64_t{options.users} * options.items) {
    throw Error("synthetic ratings: " + std::to_string(options.rows) + " rows of " + std::to_string(options.users) +
                " users and " + std::to_string(options.items) + " items; give 1 to users * items rows");
  }
  const Random random(options.seed);
  const Planted planted = plant(options, random);
  std::vector<std::int64_t> user_ids, item_ids, times;
  std::vector<double> ratings;
  Strings titles;
  std::int64_t seconds = 880000000;
  for (std::size_t row = 0; const auto pair : draw_pairs(options, random)) {
    const std::size_t user = pair / options.items, item = pair % options.items;
    const double time = 2.0 * static_cast<double>(row) / static_cast<double>(options.rows) - 1.0;
    const double rating = 3.5 + planted.user_bias[user] + planted.item_bias[item] + planted.inner_product(user, item) +
                          planted.trend[item] * time + options.noise * random.normal(kNoise, row);
    ratings.push_back(std::clamp(std::round(rating), 1.0, 5.0));
    seconds += static_cast<std::int64_t>(random.below(600, kTime, row));
    user_ids.push_back(static_cast<std::int64_t>(user) + 1);
    item_ids.push_back(static_cast<std::int64_t>(item) + 1);
    titles.push_back(title(item));
    times.push_back(seconds);
    ++row;
  }
  std::vector<Column> columns;
  columns.push_back({.name = "user_id", .values = std::move(user_ids), .missing = {}});
  columns.push_back({.name = "item_id", .values = std::move(item_ids), .missing = {}});
  columns.push_back({.name = "movie_title", .values = std::move(titles), .missing = {}});
  columns.push_back({.name = "user_rating", .values = std::move(ratings), .missing = {}});
  columns.push_back({.name = "timestamp", .values = std::move(times), .missing = {}});
  return Table(std::move(columns));
}
}  // namespace podium
