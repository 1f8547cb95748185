#include "podium/model/rank.h"

#include <algorithm>

#include "podium/model/scorer.h"

namespace podium {
std::vector<Ranked> rank(const Model& model, std::string_view user, std::span<const std::string> candidates) {
  const Scorer scorer(model, Scorer::Prepare::nothing);
  std::vector<std::uint32_t> ids;
  for (const std::string& candidate : candidates) ids.push_back(scorer.item(candidate));
  std::vector<float> scores(ids.size());
  scorer.score(scorer.user(user), ids, scores);
  std::vector<Ranked> ranking;
  for (std::size_t i = 0; i < ids.size(); ++i) ranking.push_back({candidates[i], scores[i]});
  std::ranges::stable_sort(ranking, std::greater{}, &Ranked::score);
  return ranking;
}

std::vector<Ranked> rank(const Model& model, std::string_view user) {
  std::vector<std::string> items;
  const Strings known = known_items(model);
  for (std::size_t i = 0; i < known.size(); ++i) items.emplace_back(known[i]);
  return rank(model, user, items);
}

Strings known_items(const Model& model) {
  const Features& features = model.features();
  for (std::size_t i = 0; i < features.features.size(); ++i) {
    if (std::holds_alternative<NumericEncoder>(features.encoders[i])) continue;
    if (graph::column_of(features.features[i]) == model.options().item) return vocabulary_text(features.encoders[i]);
  }
  return {};
}
}  // namespace podium
