#include "podium/recipe/from.h"

#include <filesystem>

#include "podium/core/checksum.h"
#include "podium/core/error.h"
#include "podium/core/manifest.h"
#include "podium/model/carry_over.h"
#include "podium/recipe/data.h"
#include "podium/train/train_state.h"

namespace podium::recipe {
namespace {
/// What resume_json writes beside the slots.
struct ResumeState {
  std::uint64_t step = 0;
  std::string optimizer;  // its kind; "" if it is not said
};

std::string kind_of(const Value& optimizer) {
  const Map* map = std::get_if<Map>(&optimizer.held);
  const Value* kind = map == nullptr ? nullptr : find(*map, "kind");
  const std::string* text = kind == nullptr ? nullptr : std::get_if<std::string>(&kind->held);
  return text == nullptr ? "" : *text;
}

ResumeState read_resume_state(const std::string& json, const std::string& name) {
  const Value value = parse_json(json, name);
  const Map& map = map_of(value, name);
  ResumeState state;
  if (const Value* step = find(map, "step")) read_one(*step, name + ": step", state.step);
  if (const Value* optimizer = find(map, "optimizer")) state.optimizer = kind_of(*optimizer);
  return state;
}
}  // namespace

std::optional<LoadedModel> load_from(const Recipe& recipe) {
  if (recipe.train.from.empty()) return std::nullopt;
  try {
    return load_all(recipe.train.from);
  } catch (const Error& error) {
    throw Error(std::string("train.from: ") + error.what());
  }
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
  const std::string is = kind_of(write_field(recipe.train.optimizer));
  if (was.optimizer != is) {
    return anew(from.directory + " was trained by the optimizer " + was.optimizer + " and the recipe says " + is);
  }
  TrainState state;
  state.optimizer = nn::initial_state(recipe.train.optimizer, model.graph());
  if (!carry_slots(from.model, from.record, model, state.optimizer)) {
    return anew(from.directory + " holds the state of an optimizer of other options");
  }
  state.optimizer.step = was.step;
  trainer.restore(std::move(state));
}
}  // namespace podium::recipe
