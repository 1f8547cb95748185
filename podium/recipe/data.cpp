#include "podium/recipe/data.h"

#include <algorithm>
#include <filesystem>
#include <numeric>

#include "podium/core/error.h"
#include "podium/data/read.h"
#include "podium/data/split.h"
#include "podium/recipe/build.h"

namespace podium::recipe {
namespace {
ColumnType type_of(const Recipe& recipe, const std::string& column) {
  if (column == recipe.task.label) return ColumnType::number;
  for (const auto& [name, feature] : recipe.features) {
    if (name != column) continue;
    return column_type(feature.type);
  }
  return column == recipe.data.time ? ColumnType::automatic : ColumnType::text;
}

std::vector<ColumnRequest> requests_of(const Recipe& recipe, bool with_label) {
  std::vector<ColumnRequest> requests;
  for (const auto& column : columns_of(recipe)) {
    const bool is_label = column == recipe.task.label;
    if (is_label && !with_label) continue;
    ColumnRequest request(column, type_of(recipe, column));
    if (is_label) request.missing = Missing::refuse;  // a filled label would be learnt
    requests.push_back(std::move(request));
  }
  return requests;
}

ReadOptions read_options(const Recipe& recipe) {
  ReadOptions options;
  options.delimiter = recipe.data.delimiter;
  options.names = recipe.data.names;
  options.missing = recipe.data.missing;
  options.checksums = true;
  return options;
}

std::vector<Source> recorded(const std::vector<SourceFile>& files, const std::string& role, std::size_t first,
                             std::size_t count) {
  std::vector<Source> sources;
  for (std::size_t i = first; i < first + count; ++i) {
    sources.push_back({.path = std::filesystem::absolute(files[i].path).lexically_normal().string(),
                       .role = role,
                       .rows = files[i].rows,
                       .checksum = files[i].checksum});
  }
  return sources;
}

SplitRule rule_of(const Recipe& recipe) {
  struct Visitor {
    const DataSection& data;
    SplitRule operator()(const RandomSplit& rule) const {
      return podium::RandomSplit{.test = rule.test, .seed = rule.seed};
    }
    SplitRule operator()(const TemporalSplit& rule) const {
      return podium::TemporalSplit{.time = data.time, .test = rule.test};
    }
    SplitRule operator()(const LeaveLastOut&) const {
      return podium::LeaveLastOut{.user = data.user, .time = data.time};
    }
    SplitRule operator()(const KFold& rule) const {
      return podium::KFold{.folds = rule.folds, .fold = rule.fold, .seed = rule.seed};
    }
  };
  return std::visit(Visitor{recipe.data}, recipe.data.split);
}

/// Rows [first, end) of the table.
std::vector<std::uint32_t> row_range(std::size_t first, std::size_t end) {
  std::vector<std::uint32_t> rows(end - first);
  std::iota(rows.begin(), rows.end(), static_cast<std::uint32_t>(first));
  return rows;
}

/// Train files, then test files, as one table.
RecipeData read_given_parts(const Recipe& recipe) {
  const std::size_t train_files = resolve_sources(Sources(recipe.data.train)).size();
  std::vector<std::string> paths = recipe.data.train;
  paths.insert(paths.end(), recipe.data.test.begin(), recipe.data.test.end());
  ReadResult read = read_files(Sources(paths), requests_of(recipe, true), read_options(recipe));
  RecipeData data;
  data.table = std::move(read.table);
  std::size_t train_rows = 0;
  for (std::size_t i = 0; i < train_files; ++i) train_rows += read.files[i].rows;
  data.train = row_range(0, train_rows);
  data.test = row_range(train_rows, data.table.rows());
  data.sources = recorded(read.files, "train", 0, train_files);
  for (auto& source : recorded(read.files, "test", train_files, read.files.size() - train_files)) {
    data.sources.push_back(std::move(source));
  }
  data.shared_rows = count_equal_rows(data.train_rows(), data.test_rows());
  return data;
}

RecipeData read_and_split(const Recipe& recipe) {
  ReadResult read = read_files(Sources(recipe.data.path), requests_of(recipe, true), read_options(recipe));
  RecipeData data;
  data.table = std::move(read.table);
  data.sources = recorded(read.files, "path", 0, read.files.size());
  const podium::Split parts = split(data.table, rule_of(recipe));
  data.train = parts.train.row_numbers();
  data.test = parts.test.row_numbers();
  return data;
}
}  // namespace

ColumnType column_type(FeatureType type) {
  switch (type) {
    case FeatureType::text:
      return ColumnType::text;
    case FeatureType::integer:
      return ColumnType::integer;
    case FeatureType::number:
      break;
  }
  return ColumnType::number;
}

RecipeData read_data(const Recipe& recipe) {
  RecipeData data = recipe.data.train.empty() ? read_and_split(recipe) : read_given_parts(recipe);
  if (data.train.empty()) throw Error("the train part has no rows");
  if (data.test.empty()) throw Error("the test part has no rows");
  if (recipe.data.validation > 0.0) {
    const podium::Split parts = split_validation(data.train_rows(), recipe.data.validation, recipe.train.seed);
    const auto train = parts.train.row_numbers(), validation = parts.test.row_numbers();
    data.train = train;
    data.validation = validation;
  }
  return data;
}

Table read_columns(const Recipe& recipe, const std::vector<std::string>& paths, bool with_label) {
  return read_table(Sources(paths), requests_of(recipe, with_label), read_options(recipe));
}
}  // namespace podium::recipe
