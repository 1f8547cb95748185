#include "podium/recipe/answer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "podium/core/error.h"
#include "podium/core/utf8.h"
#include "podium/data/read.h"
#include "podium/model/rank.h"
#include "podium/model/scorer.h"
#include "podium/recipe/build.h"
#include "podium/recipe/data.h"

namespace podium {
namespace {
using Json = nlohmann::ordered_json;

bool knows_empty_text(const Encoder& encoder) {
  const auto* vocabulary = std::get_if<StringVocabulary>(&encoder);
  return vocabulary != nullptr && vocabulary->index("") != 0;
}

/// The columns that the model's features read, each once. An empty cell is the empty text where that is a known value,
/// as the mask_token of an imported model is.
std::vector<ColumnRequest> requests_of(const Features& features) {
  std::vector<ColumnRequest> requests;
  for (std::size_t i = 0; i < features.features.size(); ++i) {
    const graph::Feature& feature = features.features[i];
    const std::string& column = graph::column_of(feature);
    const bool is_there = std::ranges::any_of(requests, [&](const auto& request) { return request.name == column; });
    if (is_there) continue;
    requests.emplace_back(column, recipe::column_type(recipe::type_of(feature)));
    if (knows_empty_text(features.encoders[i])) requests.back().missing = Missing::fill;
  }
  return requests;
}

Predictions predict_table(const Model& model, Table rows, std::size_t threads) {
  Predictions predictions{.rows = std::move(rows), .scores = {}, .unknown = {}};
  const Batch batch = encode(model.features(), predictions.rows);
  predictions.scores = model.predict(batch, threads);
  const auto unknown = count_unknown(model.features(), batch);
  for (std::size_t i = 0; i < unknown.size(); ++i) {
    if (unknown[i] > 0) predictions.unknown.emplace_back(graph::column_of(model.graph().features[i]), unknown[i]);
  }
  return predictions;
}

template <class T>
std::string shortest(T number) {
  std::array<char, 64> buffer{};
  return {buffer.data(), std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr};
}

std::string cell_text(const Column& column, std::size_t row) {
  struct Visitor {
    std::size_t row;
    std::string operator()(const Strings& values) const { return std::string(values[row]); }
    std::string operator()(const std::vector<std::int64_t>& values) const { return shortest(values[row]); }
    std::string operator()(const std::vector<double>& values) const { return shortest(values[row]); }
  };
  return std::visit(Visitor{row}, column.values);
}

Json cell_json(const Column& column, std::size_t row) {
  struct Visitor {
    std::size_t row;
    Json operator()(const Strings& values) const { return std::string(values[row]); }
    Json operator()(const std::vector<std::int64_t>& values) const { return values[row]; }
    Json operator()(const std::vector<double>& values) const { return values[row]; }
  };
  return std::visit(Visitor{row}, column.values);
}

Column column_of_cell(const ColumnRequest& request, const std::string& text) {
  if (request.type == ColumnType::text) {
    Strings values;
    values.push_back(text);
    return {.name = request.name, .values = std::move(values), .missing = {}};
  }
  const auto parse = [&](auto value, const char* what) {
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (code != std::errc() || end != text.data() + text.size()) {
      throw Error("feature " + request.name + "=" + text + ": the value is not " + what);
    }
    return value;
  };
  if (request.type == ColumnType::integer) {
    return {.name = request.name,
            .values = std::vector<std::int64_t>{parse(std::int64_t{0}, "a whole number")},
            .missing = {}};
  }
  const double number = parse(0.0, "a number");
  if (!std::isfinite(number)) throw Error("feature " + request.name + "=" + text + ": the value is not finite");
  return {.name = request.name, .values = std::vector<double>{number}, .missing = {}};
}
}  // namespace

UserRanking rank_items(const Model& model, const std::string& user, const std::vector<std::string>& candidates,
                       std::size_t top) {
  const Scorer scorer(model, Scorer::Prepare::nothing);
  UserRanking ranking{.user = user, .is_known = scorer.knows_user(scorer.user(user)), .items = {}};
  auto ranked = candidates.empty() ? rank(model, user) : rank(model, user, candidates);
  if (top > 0 && ranked.size() > top) ranked.resize(top);
  for (auto& [item, score] : ranked) {
    const bool is_known = scorer.knows_item(scorer.item(item));
    ranking.items.push_back({.item = std::move(item), .score = score, .is_known = is_known});
  }
  return ranking;
}

std::vector<std::string> read_candidates(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error(path + ": cannot be read");
  std::vector<std::string> candidates;
  std::size_t number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (utf8_prefix(line) != line.size()) throw Error(path + ":" + std::to_string(number) + ": is not UTF-8");
    if (line.find('\0') != std::string::npos) throw Error(path + ":" + std::to_string(number) + ": holds a NUL byte");
    if (!line.empty()) candidates.push_back(line);
  }
  if (candidates.empty()) throw Error(path + ": holds no candidate; write one item a line");
  return candidates;
}

Predictions predict_files(const LoadedModel& loaded, const std::vector<std::string>& paths, std::size_t threads) {
  const auto requests = requests_of(loaded.model.features());
  ReadOptions options;
  if (!loaded.record.recipe.empty()) {  // files look as those that the model was trained on
    const Recipe recipe = recipe_from_json(loaded.record.recipe, loaded.directory + "/model.json");
    options.delimiter = recipe.data.delimiter;
    options.names = recipe.data.names;
    options.missing = recipe.data.missing;
  }
  return predict_table(loaded.model, read_table(Sources(paths), requests, options), threads);
}

Predictions predict_row(const LoadedModel& loaded, const std::vector<std::pair<std::string, std::string>>& values) {
  const auto requests = requests_of(loaded.model.features());
  std::vector<std::string_view> known;
  for (const auto& request : requests) known.emplace_back(request.name);
  for (const auto& [column, text] : values) {
    if (utf8_prefix(text) != text.size()) throw Error("feature " + column + ": the value is not UTF-8");
    if (std::ranges::find(known, column) != known.end()) continue;
    const auto near = nearest_name(column, known);
    std::string message = "the model has no feature \"" + column + "\"";
    if (!near.empty()) message += "; did you mean " + std::string(near) + "?";
    message += " Its features are:";
    for (const auto name : known) message += " " + std::string(name);
    throw Error(message);
  }
  std::vector<Column> columns;
  for (const auto& request : requests) {
    const auto count = std::ranges::count(values, request.name, &std::pair<std::string, std::string>::first);
    if (count != 1) {
      throw Error("feature " + request.name +
                  (count == 0 ? " is missing; give it as " : " is given twice; give it once, as ") + request.name +
                  "=VALUE");
    }
    columns.push_back(column_of_cell(
        request, std::ranges::find(values, request.name, &std::pair<std::string, std::string>::first)->second));
  }
  return predict_table(loaded.model, Table(std::move(columns)), /*threads=*/1);
}

namespace recipe {
std::string csv_text(const Predictions& predictions) {
  const auto cell = [](const std::string& text) {
    if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
    std::string quoted = "\"";
    for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
    return quoted + "\"";
  };
  std::string text;
  for (const auto& column : predictions.rows.columns()) text += cell(column.name) + ",";
  text += "score\n";
  for (std::size_t row = 0; row < predictions.scores.size(); ++row) {
    for (const auto& column : predictions.rows.columns()) text += cell(cell_text(column, row)) + ",";
    text += shortest(predictions.scores[row]) + "\n";
  }
  return text;
}

std::string predictions_json(const Predictions& predictions) {
  Json rows = Json::array();
  for (std::size_t row = 0; row < predictions.scores.size(); ++row) {
    Json entry = Json::object();
    for (const auto& column : predictions.rows.columns()) entry[column.name] = cell_json(column, row);
    entry["score"] = predictions.scores[row];
    rows.push_back(std::move(entry));
  }
  Json unknown = Json::object();
  for (const auto& [column, count] : predictions.unknown) unknown[column] = count;
  return Json{{"predictions", rows}, {"unknown", unknown}}.dump(1);
}

std::string ranking_json(const UserRanking& ranking, const Model& model) {
  Json items = Json::array();
  for (const auto& item : ranking.items) {
    items.push_back({{model.options().item, item.item}, {"score", item.score}, {"known", item.is_known}});
  }
  return Json{{"user", ranking.user}, {"known", ranking.is_known}, {"ranking", items}}.dump(1);
}
}  // namespace recipe
}  // namespace podium
