#include "podium/recipe/checkpointing.h"

#include "podium/core/error.h"
#include "podium/recipe/value.h"
#include "podium/train/checkpoint.h"

namespace podium::recipe {
namespace {
/// "train.epochs was 3 and is 5" for the first difference, or "".
std::string difference(const Value& was, const Value& is, const std::string& path) {
  const Map *old_map = std::get_if<Map>(&was.held), *new_map = std::get_if<Map>(&is.held);
  if (old_map != nullptr && new_map != nullptr) {
    for (const auto& [key, value] : *old_map) {
      const std::string below = path.empty() ? key : path + "." + key;
      const Value* other = find(*new_map, key);
      if (other == nullptr) return below + " was " + inline_toml(value) + " and is not set";
      if (auto text = difference(value, *other, below); !text.empty()) return text;
    }
    for (const auto& [key, value] : *new_map) {
      if (find(*old_map, key) == nullptr) {
        return (path.empty() ? key : path + "." + key) + " was not set and is " + inline_toml(value);
      }
    }
    return "";
  }
  const std::string old_text = inline_toml(was), new_text = inline_toml(is);
  return old_text == new_text ? "" : path + " was " + old_text + " and is " + new_text;
}
}  // namespace

std::string binding_of(const Recipe& recipe, const std::vector<Source>& sources, const std::string& kernel) {
  Value value = parse_json(to_json(recipe), "recipe");
  auto& map = std::get<Map>(value.held);
  Map files;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    files.emplace_back(std::to_string(i) + " (" + sources[i].path + ")", Value{sources[i].checksum});
  }
  map.emplace_back("checksum of file", Value{std::move(files)});
  map.emplace_back("kernel", Value{kernel});
  return to_json_text(value);
}

Checkpointing::Checkpointing(Files& files, std::string folder, std::string binding, const Recipe& recipe)
    : files_(files),
      folder_(std::move(folder)),
      binding_(std::move(binding)),
      every_steps_(recipe.train.checkpoint_steps),
      every_minutes_(recipe.train.checkpoint_minutes) {}

std::string Checkpointing::path() const { return folder_ + "/.checkpoint"; }

bool Checkpointing::exists() const { return path_exists(path()); }

void Checkpointing::check_place() const {
  const std::string foreign = foreign_checkpoint(path());
  if (foreign.empty()) return;
  throw Error(path() + ": is there already and " + foreign + "; move it away, or train under another --name");
}

void Checkpointing::restore(Model& model, Trainer& trainer) const {
  Checkpoint checkpoint = read_checkpoint(path());
  if (checkpoint.belongs_to != binding_) {
    const auto text = difference(parse_json(checkpoint.belongs_to, path()), parse_json(binding_, "recipe"), "");
    throw Error(path() + ": belongs to another training (" + text + "); train without --resume to start anew");
  }
  nn::check_weights(model.graph(), checkpoint.weights);
  model.weights() = std::move(checkpoint.weights);
  trainer.restore(std::move(checkpoint.state));
}

void Checkpointing::after_step(const Model& model, const Trainer& trainer) {
  ++steps_;
  const bool by_steps = every_steps_ > 0 && steps_ % every_steps_ == 0;
  const bool by_time =
      every_minutes_ > 0.0 && std::chrono::duration<double>(Clock::now() - last_).count() > 60.0 * every_minutes_;
  if (by_steps || by_time) save(model, trainer);
}

void Checkpointing::save(const Model& model, const Trainer& trainer) {
  files_.make_directories(folder_);
  write_checkpoint(files_, path(), {.belongs_to = binding_, .weights = model.weights(), .state = trainer.state()});
  last_ = Clock::now();
}

void Checkpointing::remove() {
  if (exists()) remove_checkpoint(files_, path());
}
}  // namespace podium::recipe
