#include "podium/recipe/recipe.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "podium/core/error.h"

namespace podium::recipe {
namespace {
/// More than any recipe needs; a wrong file (the data, say) is told early.
constexpr std::size_t kLargestRecipe = 1 << 20;

template <class Section>
void read_section(const Map& map, const Value& whole, std::string_view name, Section& section) {
  const Value* found = find(map, name);
  const Value empty{Map{}, {whole.place.name, whole.place.folder, 0}};
  read_field(found == nullptr ? empty : *found, std::string(name), section);
}

void check_together(const Recipe& recipe, const Map& map, const Value& whole) {
  const auto at = [&](std::string_view section, std::string_view key) -> const Value& {
    const Value* outer = find(map, section);
    if (outer == nullptr) return whole;
    const Map* inner = std::get_if<Map>(&outer->held);
    const Value* found = inner == nullptr ? nullptr : find(*inner, key);
    return found == nullptr ? *outer : *found;
  };
  const auto& data = recipe.data;
  if (data.train.empty() != data.test.empty()) {
    fail(at("data", "train"), data.train.empty() ? "data.train" : "data.test",
         "is missing; train and test files go together");
  }
  if (data.path.empty() && data.train.empty()) {
    fail(at("data", "path"), "data.path", "is missing; name the file of interactions");
  }
  const bool needs_time = data.train.empty() && std::holds_alternative<TemporalSplit>(data.split);
  if (needs_time && data.time.empty()) {
    fail(at("data", "split"), "data.split", "needs times; name their column as data.time");
  }
  if (const auto* k_fold = std::get_if<KFold>(&data.split); k_fold != nullptr && k_fold->fold >= k_fold->folds) {
    fail(at("data", "split"), "data.split.fold",
         "is " + std::to_string(k_fold->fold) + "; it has to be below folds, " + std::to_string(k_fold->folds));
  }
  if (recipe.train.early_stopping.patience > 0 && data.validation == 0.0) {
    fail(at("train", "early_stopping"), "train.early_stopping",
         "needs validation rows; set data.validation, say to 0.1");
  }
  if (!recipe.train.from.empty() && !recipe.train.init.empty()) {
    fail(at("train", "from"), "train.from", "and train.init both say what the weights start as; leave one out");
  }
  if (data.user.empty()) fail(at("data", "user"), "data.user", "is empty; name the column whose question it is");
  if (data.item.empty()) fail(at("data", "item"), "data.item", "is empty; name the column that is ranked");
  if (recipe.task.label.empty()) fail(at("task", "label"), "task.label", "is empty; name the column to predict");
  if (data.user == data.item) fail(at("data", "item"), "data.item", "is the same column as data.user");
  for (const auto& [name, column] : {std::pair("data.user", data.user), std::pair("data.item", data.item)}) {
    if (column == recipe.task.label)
      fail(at("task", "label"), "task.label", "is the same column as " + std::string(name));
  }
  for (const auto& [column, feature] : recipe.features) {
    if (column == recipe.task.label) {
      fail(at("features", column), "features." + column, "is the label, which the model has to predict");
    }
    if (feature.vocabulary == "from" && recipe.train.from.empty()) {
      fail(at("features", column), "features." + column + ".vocabulary",
           "is \"from\", the values of train.from's model, and train.from is missing; name a model there, or say "
           "\"train\"");
    }
  }
}

bool has_layers_of_from(const Recipe& recipe) { return std::holds_alternative<LayersOfFrom>(recipe.model); }

/// With the layers of train.from's model, what a feature is stands there; only the values that are known may change.
void check_layers_of_from(const Recipe& recipe, const Map& map, const Value& whole) {
  if (recipe.train.from.empty()) {
    const Value* model = find(map, "model");
    fail(model == nullptr ? whole : *model, "model.kind",
         "is \"from\", the layers of train.from's model, and train.from is missing; name a model there");
  }
  const Value* features = find(map, "features");
  if (features == nullptr) return;
  for (const auto& [column, value] : map_of(*features, "features")) {
    for (const auto& [key, held] : map_of(value, "features." + column)) {
      if (key == "vocabulary") continue;
      fail(held, "features." + column + "." + key,
           "has no place beside model.kind = \"from\": train.from's model says it; leave all but vocabulary out");
    }
  }
}

Recipe understand(const Value& whole) {
  const Map& map = map_of(whole, "recipe");
  check_keys(map, "", {"data", "features", "model", "task", "train", "save"});
  Recipe recipe;
  read_section(map, whole, "data", recipe.data);
  if (const Value* features = find(map, "features")) {
    for (const auto& [column, value] : map_of(*features, "features")) {
      read_field(value, "features." + column, recipe.features.emplace_back(column, FeatureSection{}).second);
    }
  }
  read_section(map, whole, "model", recipe.model);
  const Value* task = find(map, "task");
  if (const List* tasks = task == nullptr ? nullptr : std::get_if<List>(&task->held)) {
    if (tasks->size() != 1) fail(*task, "task", "is a list; this version trains one task");
    read_field(tasks->front(), "task", recipe.task);
  } else {
    read_section(map, whole, "task", recipe.task);
  }
  read_section(map, whole, "train", recipe.train);
  read_section(map, whole, "save", recipe.save);
  check_together(recipe, map, whole);
  if (has_layers_of_from(recipe)) {
    check_layers_of_from(recipe, map, whole);
    return recipe;
  }
  if (recipe.features.empty()) recipe.features = {{recipe.data.user, {}}, {recipe.data.item, {}}};
  return recipe;
}

/// Makes paths absolute wherever a field says that it is one.
struct PathMaker {
  static void make_absolute(std::string& path, const FilePath& file) {
    if (path.empty() || std::ranges::find(file.words, path) != file.words.end()) return;
    path = std::filesystem::absolute(path).lexically_normal().string();
  }
  static void make_absolute(std::vector<std::string>& paths, const FilePath& file) {
    for (auto& path : paths) make_absolute(path, file);
  }
  template <class T, class... Rule>
  void operator()(std::string_view, T& member, std::string_view, const Rule&... rule) {
    if constexpr ((std::is_same_v<Rule, FilePath> || ...)) (make_absolute(member, rule), ...);
  }
};

Map written(const Recipe& recipe) {
  Recipe absolute = recipe;
  PathMaker make;
  DataSection::fields(absolute.data, make);
  TrainSection::fields(absolute.train, make);
  Map features;
  for (auto& [column, feature] : absolute.features) {
    FeatureSection::fields(feature, make);
    Value section = write_field(feature);
    if (has_layers_of_from(recipe)) {
      std::erase_if(std::get<Map>(section.held), [](const auto& entry) { return entry.first != "vocabulary"; });
    }
    features.emplace_back(column, std::move(section));
  }
  Value train = write_field(absolute.train);
  std::erase_if(std::get<Map>(train.held), [](const auto& entry) {
    return entry.first == "threads" || entry.first == "checkpoint_steps" || entry.first == "checkpoint_minutes";
  });
  return {{"data", write_field(absolute.data)},
          {"features", Value{std::move(features)}},
          {"model", write_field(absolute.model)},
          {"task", write_field(absolute.task)},
          {"train", std::move(train)},
          {"save", write_field(absolute.save)}};
}
}  // namespace
}  // namespace podium::recipe

namespace podium {
Recipe parse_recipe(std::string_view text, const std::string& name, const std::string& folder,
                    const std::vector<std::string>& overrides) {
  if (text.size() > recipe::kLargestRecipe) throw Error(name + ": larger than 1 MiB; this is not a recipe");
  recipe::Value whole = recipe::parse_toml(text, name, folder);
  for (const auto& assignment : overrides) recipe::apply_override(whole, assignment);
  return recipe::understand(whole);
}

Recipe read_recipe(const std::string& path, const std::vector<std::string>& overrides) {
  std::error_code code;
  if (std::filesystem::is_directory(path, code)) throw Error(path + ": a folder; a recipe is a TOML file");
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error(path + ": cannot be read; give the path of a recipe (`podium init DATA` writes one)");
  std::string text(recipe::kLargestRecipe + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return parse_recipe(text, path, std::filesystem::path(path).parent_path().string(), overrides);
}

std::string to_json(const Recipe& recipe) { return recipe::to_json_text({recipe::written(recipe)}); }

Recipe recipe_from_json(std::string_view json, const std::string& name) {
  return recipe::understand(recipe::parse_json(json, name));
}

std::string to_toml(const Recipe& recipe) { return recipe::to_toml_text(recipe::written(recipe)); }

namespace recipe {
std::vector<KeyHelp> describe() {
  std::vector<KeyHelp> keys;
  const auto add = [&](const std::string& path, const auto& options) {
    Describer describer{path};
    if constexpr (is_variant<std::remove_cvref_t<decltype(options)>>) {
      describer.describe_kinds(path, options, "what the model is");
    } else {
      std::remove_cvref_t<decltype(options)>::fields(options, describer);
    }
    keys.insert(keys.end(), describer.keys.begin(), describer.keys.end());
  };
  add("data", DataSection{});
  add("features.COLUMN", FeatureSection{});
  add("model", ModelKind{});
  add("task", TaskSection{});
  add("train", TrainSection{});
  add("save", SaveSection{});
  return keys;
}
}  // namespace recipe
}  // namespace podium
