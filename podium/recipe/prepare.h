#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "podium/classics/ratings.h"
#include "podium/model/load.h"
#include "podium/recipe/build.h"
#include "podium/recipe/data.h"
#include "podium/recipe/run.h"

namespace podium::recipe {
/// Users and items of some rows as places in their vocabularies, [rows] each, from 1; 0 is unknown.
struct IdPairs {
  std::vector<std::uint32_t> users, items;
};

/// One part of the rows, encoded.
struct EncodedRows {
  Batch batch;
  std::vector<float> labels;
  IdPairs ids;
};

/// The model's own vocabulary of a column if it has one; else one of the train rows, for slices and baselines.
struct IdFeature {
  Features features;      // the feature; its encoder only if it is not the model's own
  std::size_t index = 0;  // in the model's features, if is_own
  bool is_own = false;
  std::size_t rows = 0;  // vocabulary size + 1
};
IdFeature id_feature(const Features& features, const std::string& column, const TableView& train);

/// A column's values as places in the vocabulary, from 1, [rows]; 0 is unknown.
std::vector<std::uint32_t> ids_of(const IdFeature& feature, const TableView& rows, const Batch& batch);

/// Encodes rows with their labels.
EncodedRows encode_rows(const Recipe& recipe, const Features& features, const IdFeature& user, const IdFeature& item,
                        const TableView& rows);

/// Everything that is known before the first weight is drawn.
struct Prepared {
  GraphBuilder builder = {};
  Features features = {};
  IdFeature user = {}, item = {};
  EncodedRows train = {}, validation = {}, test = {};
  std::vector<std::int64_t> times = {};  // of the train rows, then the validation rows; empty unless whole numbers
  RunPlan plan = {};
};

/// Fits the features and encodes all rows, once. from: the model to go on from, null for none. Throws Error if its
/// layers are not the recipe's.
Prepared prepare(const Recipe& recipe, const RecipeData& data, const LoadedModel* from = nullptr);

/// A user whom the model knows, to show what can be asked; "" if it knows none.
std::string first_user(const Prepared& prepared);

/// Throws Error if the model alone is larger than this machine's memory.
void check_memory(const RunPlan& plan);
/// "3.2 GB"
std::string bytes_text(std::uint64_t bytes);
}  // namespace podium::recipe
