#include "podium/recipe/from.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "podium/core/checksum.h"
#include "podium/core/error.h"
#include "podium/core/manifest.h"
#include "podium/model/carry_over.h"
#include "podium/recipe/build.h"
#include "podium/recipe/data.h"
#include "podium/train/train_state.h"

namespace podium::recipe {
namespace {
/// What resume_json writes beside the slots.
struct ResumeState {
  std::uint64_t step = 0;
  Map optimizer;  // its kind and those of its options that are said
};

std::string kind_of(const Map& optimizer) {
  const Value* kind = find(optimizer, "kind");
  const std::string* text = kind == nullptr ? nullptr : std::get_if<std::string>(&kind->held);
  return text == nullptr ? "" : *text;
}

std::optional<double> number_of(const Value& value) {
  if (const auto* whole = std::get_if<std::int64_t>(&value.held)) return static_cast<double>(*whole);
  const auto* number = std::get_if<double>(&value.held);
  return number == nullptr ? std::nullopt : std::optional(*number);
}

bool is_same(const Value& a, const Value& b) {
  const auto left = number_of(a), right = number_of(b);
  // Other programs keep their options as float32.
  if (left && right) return static_cast<float>(*left) == static_cast<float>(*right);
  return inline_toml(a) == inline_toml(b);
}

/// "learning_rate 0.1 (was 0.05), ...": the options that are no longer what they were; "" if there are none.
std::string changed_options(const Map& was, const Map& is) {
  std::string text;
  for (const auto& [name, old] : was) {
    const Value* now = find(is, name);
    if (now == nullptr || is_same(old, *now)) continue;
    text += (text.empty() ? "" : ", ") + name + " " + inline_toml(*now) + " (was " + inline_toml(old) + ")";
  }
  return text;
}

ResumeState read_resume_state(const std::string& json, const std::string& name) {
  const Value value = parse_json(json, name);
  const Map& map = map_of(value, name);
  ResumeState state;
  if (const Value* step = find(map, "step")) read_one(*step, name + ": step", state.step);
  if (const Value* optimizer = find(map, "optimizer")) state.optimizer = map_of(*optimizer, name + ": optimizer");
  return state;
}
/// An imported model may hold what its own program trains otherwise than Podium would: the recipe has to say so.
void refuse_silent_loss(const LoadedModel& from, const std::vector<std::string>& allowed) {
  std::string names, reasons;
  for (const auto& [name, reason] : from.record.gives_up) {
    if (std::ranges::find(allowed, name) != allowed.end()) continue;
    names += (names.empty() ? "\"" : ", \"") + name + "\"";
    reasons += (reasons.empty() ? "" : "; ") + name + ": " + reason;
  }
  if (names.empty()) return;
  throw Error(from.directory + " would not be trained as its own program trains it (" + reasons +
              "); to train it all the same, name what is given up: train.give_up = [" + names + "]");
}
}  // namespace

std::optional<LoadedModel> load_from(const Recipe& recipe) {
  if (recipe.train.from.empty()) return std::nullopt;
  try {
    LoadedModel from = load_all(recipe.train.from);
    refuse_silent_loss(from, recipe.train.give_up);
    return from;
  } catch (const Error& error) {
    throw Error(std::string("train.from: ") + error.what());
  }
}

Recipe with_features_of(Recipe recipe, const LoadedModel& model) {
  if (!std::holds_alternative<LayersOfFrom>(recipe.model)) return recipe;
  const auto said = std::exchange(recipe.features, {});
  std::string columns;
  for (const graph::Feature& feature : model.model.graph().features) {
    const std::string& column = graph::column_of(feature);
    FeatureSection section;
    section.type = type_of(feature);
    section.unknown_indices = graph::unknown_indices_of(feature);
    const auto same = [&column](const auto& entry) { return entry.first == column; };
    if (const auto found = std::ranges::find_if(said, same); found != said.end()) {
      section.vocabulary = found->second.vocabulary;
    }
    const auto before = std::ranges::find_if(recipe.features, same);
    if (before == recipe.features.end()) {
      recipe.features.emplace_back(column, std::move(section));
      columns += (columns.empty() ? "" : ", ") + column;
    } else if (before->second.type != section.type) {
      throw Error("train.from: " + model.directory + " reads column \"" + column +
                  "\" as values of two types, which no recipe can say");
    }
  }
  for (const auto& [column, section] : said) {
    if (std::ranges::find(recipe.features, column, &std::pair<std::string, FeatureSection>::first) ==
        recipe.features.end()) {
      throw Error("features." + column + ": is no feature of " + model.directory + ", which reads " + columns);
    }
  }
  return recipe;
}

Source source_of(const LoadedModel& from) {
  const std::string path = from.directory + "/" + kManifestName;
  return {.path = std::filesystem::absolute(path).lexically_normal().string(),
          .role = kFromRole,
          .rows = 0,
          .checksum = file_checksum(path)};
}

void go_on(const LoadedModel& from, const Recipe& recipe, Model& model, Trainer& trainer, Watcher& watcher) {
  carry_weights(from.model, model);
  const auto anew = [&](const std::string& why) { watcher.note(why + "; the optimizer starts anew"); };
  if (from.record.resume_state.empty()) return anew(from.directory + " holds no optimizer's state");
  const auto was = read_resume_state(from.record.resume_state, from.directory + ": the optimizer's state");
  const Value written = write_field(recipe.train.optimizer);
  const Map& is = std::get<Map>(written.held);
  if (kind_of(was.optimizer) != kind_of(is)) {
    return anew(from.directory + " was trained by the optimizer " + kind_of(was.optimizer) + " and the recipe says " +
                kind_of(is));
  }
  TrainState state;
  state.optimizer = nn::initial_state(recipe.train.optimizer, model.graph());
  if (!carry_slots(from.model, from.record, model, state.optimizer)) {
    return anew(from.directory + " holds the state of an optimizer of other options");
  }
  if (const std::string changed = changed_options(was.optimizer, is); !changed.empty()) {
    watcher.note("the optimizer of " + from.directory + " goes on with the recipe's " + changed);
  }
  state.optimizer.step = was.step;
  trainer.restore(std::move(state));
}
}  // namespace podium::recipe
