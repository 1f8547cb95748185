#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "podium/recipe/options.h"

namespace podium {
/// All that one training needs to know: what a recipe file says, checked, with defaults where it says nothing.
struct Recipe {
  recipe::DataSection data;
  /// Columns in the order in which the recipe has them, which is the model's. If there are none: user and item, and
  /// with the layers of train.from's model that model's (recipe/from.h adds them).
  std::vector<std::pair<std::string, recipe::FeatureSection>> features;
  recipe::ModelKind model;
  recipe::TaskSection task;
  recipe::TrainSection train;
  recipe::SaveSection save;
};

/// Reads a recipe file and lays `overrides` ("train.epochs=10") over it; its relative paths start at its folder, those
/// of the overrides at the current one. Throws Error with file and line: unknown keys and values (with the nearest),
/// wrong types and ranges, what is missing.
Recipe read_recipe(const std::string& path, const std::vector<std::string>& overrides = {});

/// The same from text; `name` stands for the file in errors, `folder` is where relative paths start.
Recipe parse_recipe(std::string_view text, const std::string& name, const std::string& folder = "",
                    const std::vector<std::string>& overrides = {});

/// Every key with its value as JSON, paths made absolute, without train.threads, which changes no result: what
/// model.json records. Equal recipes give equal text.
std::string to_json(const Recipe& recipe);
/// Reads what to_json wrote. Throws Error naming `name`.
Recipe recipe_from_json(std::string_view json, const std::string& name);

/// Every key with its value as a recipe file, without what to_json leaves out.
std::string to_toml(const Recipe& recipe);

namespace recipe {
/// Every key of a recipe, in the order of the sections.
std::vector<KeyHelp> describe();
}  // namespace recipe
}  // namespace podium
