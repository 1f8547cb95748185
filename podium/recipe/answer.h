#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "podium/core/table.h"
#include "podium/model/load.h"

namespace podium {
struct RankedItem {
  std::string item;
  float score = 0.0F;
  bool is_known = true;  // false: scored as the unknown item
};

struct UserRanking {
  std::string user;
  bool is_known = true;  // false: scored as the unknown user
  std::vector<RankedItem> items;
};

/// The `top` candidates (0: all of them) for a user, best first, ties in the order given. Without candidates: among all
/// items that the model knows. Throws Error if the model needs more than a user and an item.
UserRanking rank_items(const Model& model, const std::string& user, const std::vector<std::string>& candidates,
                       std::size_t top);

/// One item a line, in UTF-8; empty lines are left out, an item may stand there twice. Throws Error with the line.
std::vector<std::string> read_candidates(const std::string& path);

/// Rows with the model's prediction of each.
struct Predictions {
  Table rows;  // the features' columns
  std::vector<float> scores;
  /// Rows whose value of a feature the model does not know, by column; only those that have some.
  std::vector<std::pair<std::string, std::size_t>> unknown;
};

/// Predicts every row of files; only the model's columns are read. threads: as Model::predict's.
Predictions predict_files(const LoadedModel& loaded, const std::vector<std::string>& paths, std::size_t threads = 0);

/// Predicts one row given as column and value. Throws Error for a feature that lacks or is not the model's, naming the
/// nearest.
Predictions predict_row(const LoadedModel& loaded, const std::vector<std::pair<std::string, std::string>>& values);

namespace recipe {
/// Columns and "score" as CSV; a cell is quoted where it must be. Scores in the shortest digits that give the float
/// back.
std::string csv_text(const Predictions& predictions);
/// {"predictions": [{"user_id": "42", "movie_title": "Speed (1994)", "score": 3.5}, ...], "unknown": {...}}
std::string predictions_json(const Predictions& predictions);
/// {"user": "42", "known": true, "ranking": [{"movie_title": "Speed (1994)", "score": 3.5, "known": true}, ...]}
std::string ranking_json(const UserRanking& ranking, const Model& model);
}  // namespace recipe
}  // namespace podium
