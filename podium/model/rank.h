#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "podium/model/model.h"

namespace podium {
struct Ranked {
  std::string item;
  float score = 0.0F;
};

/// The candidates in falling order of score for a user; of equal scores the one given first stands first. A user or
/// candidate that the model does not know is scored as its unknown index; scores have the bits of Model::predict.
/// Throws Error as Scorer does.
std::vector<Ranked> rank(const Model& model, std::string_view user, std::span<const std::string> candidates);

/// The same for all items that the model knows.
std::vector<Ranked> rank(const Model& model, std::string_view user);

/// Those items, in the order of their ids; none if the item is no feature of the model.
Strings known_items(const Model& model);
}  // namespace podium
