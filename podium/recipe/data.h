#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "podium/core/table.h"
#include "podium/data/read.h"
#include "podium/model/record.h"
#include "podium/recipe/recipe.h"

/// The rows that a recipe names, and what is done with each.
namespace podium::recipe {
/// The role, among a model's sources, of the model that it went on from.
inline constexpr const char* kFromRole = "from";

/// How a feature's column is read.
ColumnType column_type(FeatureType type);

struct RecipeData {
  Table table;
  std::vector<std::uint32_t> train, validation, test;  // row numbers of `table`, each in one of them at most
  std::vector<Source> sources;
  std::uint64_t shared_rows = 0;  // of given test files: rows that stand in the train files too

  TableView train_rows() const { return {table, train}; }
  TableView validation_rows() const { return {table, validation}; }
  TableView test_rows() const { return {table, test}; }
};

/// Reads only the recipe's columns: the user, item and categorical columns of text files as text unless the feature
/// says otherwise. Splits as the recipe says; `validation` is a share of the train rows, drawn by the split's seed.
/// Throws Error for whatever is wrong with the files, or if a part that is needed has no rows.
RecipeData read_data(const Recipe& recipe);

/// The recipe's columns of other files, as read_data reads them; with or without the label.
Table read_columns(const Recipe& recipe, const std::vector<std::string>& paths, bool with_label);
}  // namespace podium::recipe
