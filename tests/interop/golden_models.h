#pragma once
// The models of tests/interop/golden, and the scores that their own programs gave.
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "podium/core/table.h"
#include "podium/interop/import.h"
#include "tests/support/message_of.h"
#include "tests/support/temporary_directory.h"

namespace podium::tests {
inline std::string golden_path(const std::string& name) {
  return std::string(PODIUM_SOURCE_DIR) + "/tests/interop/golden/" + name;
}

struct GoldenScores {
  Table rows;
  std::vector<float> scores;
  nlohmann::json json;
};

/// NAME.json: the rows, as text or whole numbers, and their scores.
inline GoldenScores golden_scores(const std::string& name) {
  GoldenScores golden;
  golden.json = nlohmann::json::parse(read_text(golden_path(name + ".json")));
  std::vector<Column> columns;
  for (const auto& [column, values] : golden.json.at("columns").items()) {
    if (values.at(0).is_string()) {
      Strings text;
      for (const auto& value : values) text.push_back(value.get<std::string>());
      columns.push_back({column, text, {}});
    } else {
      columns.push_back({column, values.get<std::vector<std::int64_t>>(), {}});
    }
  }
  golden.rows = Table(columns);
  golden.scores = golden.json.at("scores").get<std::vector<float>>();
  return golden;
}
}  // namespace podium::tests
