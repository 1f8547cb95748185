#include "podium/model/rank.h"

#include <algorithm>

#include "podium/model/scorer.h"

namespace podium {
std::vector<Ranked> rank(const Model& model, std::string_view user, std::span<const std::string> candidates) {
  const Scorer scorer(model);
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
  for (std::size_t f = 0; f < model.graph().features.size(); ++f) {
    if (graph::column_of(model.graph().features[f]) != model.options().item) continue;
    if (const auto* strings = std::get_if<StringVocabulary>(&model.features().encoders[f])) {
      for (std::size_t i = 0; i < strings->size(); ++i) items.emplace_back(strings->values()[i]);
    } else if (const auto* integers = std::get_if<IntegerVocabulary>(&model.features().encoders[f])) {
      for (const std::int64_t value : integers->values()) items.push_back(std::to_string(value));
    }
    break;
  }
  return rank(model, user, items);
}
}  // namespace podium
