#pragma once
#include <cstdint>
#include <vector>

#include "podium/classics/ratings.h"
#include "podium/core/random.h"

namespace podium::classics {
/// Ratings that own their memory.
struct OwnedRatings {
  std::vector<std::uint32_t> users = {}, items = {};
  std::vector<float> labels = {};
  std::size_t user_rows = 0, item_rows = 0;

  Ratings view() const {
    return {.users = users, .items = items, .labels = labels, .user_rows = user_rows, .item_rows = item_rows};
  }
  Pairs pairs() const { return {.users = users, .items = items}; }
  void add(std::uint32_t user, std::uint32_t item, float label) {
    users.push_back(user);
    items.push_back(item);
    labels.push_back(label);
  }
};

/// label = 3.5 + b_u + b_i + p_u . q_i + noise, with users and items drawn uniformly from 1 on: what a baseline can
/// find is known. Biases and the product have a standard deviation of about 0.5, 0.5 and 0.7.
struct Planted {
  std::size_t users = 60, items = 40, dim = 2;
  double noise = 0.2;
  std::uint64_t seed = 7;

  OwnedRatings rows(std::size_t count, std::uint64_t stream) const {
    const Random random(seed), draw = random.fork(stream);
    OwnedRatings ratings{.user_rows = users + 1, .item_rows = items + 1};
    for (std::size_t row = 0; row < count; ++row) {
      const auto user = static_cast<std::uint32_t>(1 + draw.below(users, 1, row));
      const auto item = static_cast<std::uint32_t>(1 + draw.below(items, 2, row));
      double label = 3.5 + 0.5 * random.normal(100, user) + 0.5 * random.normal(200, item);
      for (std::size_t k = 0; k < dim; ++k) {
        label += 0.5 * random.normal(300 + k, user) * random.normal(400 + k, item);
      }
      ratings.add(user, item, static_cast<float>(label + noise * draw.normal(3, row)));
    }
    return ratings;
  }
};
}  // namespace podium::classics
