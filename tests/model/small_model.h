#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "podium/core/error.h"
#include "podium/core/table.h"
#include "podium/graph/builder.h"
#include "podium/model/model.h"
#include "podium/model/record.h"
#include "tests/support/message_of.h"
#include "tests/support/temporary_directory.h"

namespace podium::tests {
inline Strings strings(const std::vector<std::string>& values) {
  Strings made;
  for (const std::string& value : values) made.push_back(value);
  return made;
}

/// Three users, four titles (one not ASCII, one empty), whole years and a number.
inline Table small_table() {
  return Table({{"user", strings({"7", "42", "7", "9"}), {}},
                {"title", strings({"Speed (1994)", "Amélie (2001)", "M*A*S*H (1970)", "Up"}), {}},
                {"year", std::vector<std::int64_t>{1994, 2001, -1970, 2009}, {}},
                {"price", std::vector<double>{0.5, 1.5, 2.5, -3.0}, {}}});
}

/// Every kind of feature and node, on few rows.
inline Model small_model(std::uint64_t seed = 7) {
  GraphBuilder builder;
  const auto user = builder.embed("user", 4), title = builder.embed("title", 4);
  const auto year = builder.embed(graph::Integer{"year"}, graph::Table{.name = "year", .dim = 2});
  const auto both = builder.dropout(builder.concat({user, title, year, builder.number("price")}), 0.25F);
  const auto hidden = builder.dense(both, 3, relu);
  builder.output("rating", builder.bias(builder.add({builder.dense(hidden, 1), builder.dot(user, title)})));
  const Table table = small_table();
  return {builder, fit_features(builder.graph(), table), {.seed = seed, .user = "user", .item = "title"}};
}

inline const std::vector<float>& small_slots() {
  static const std::vector<float> slots = {0.1F, 0.2F, 0.3F};
  return slots;
}

inline ModelRecord small_record(const std::string& run = "{\"seconds\": 1}") {
  ModelRecord record;
  record.sources = {{"/data/ratings.csv", "path", 4, "49989e67ac5ceb6f4c031ce97276295b"}};
  record.split = R"({"kind":"random","test":0.2,"seed":42})";
  record.recipe = R"({"train":{"epochs":3}})";
  record.metrics = R"({"rmse":0.95})";
  record.run = run;
  record.report = "<!doctype html><title>report</title>";
  record.candidates = strings({"Amélie (2001)", "Speed (1994)", "Up"});
  record.history = History{{0, 0, 2, 3, 3}, {1, 2, 0}, {10, 20, 30}};
  record.resume = {view_of("dense_0/kernel/accumulator", small_slots())};
  record.resume_state = R"({"step":30})";
  return record;
}

/// Path below the directory to content, of every file.
inline std::map<std::string, std::string> contents_of(const std::string& directory) {
  std::map<std::string, std::string> contents;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    if (entry.is_regular_file()) {
      contents[entry.path().string().substr(directory.size() + 1)] = read_text(entry.path().string());
    }
  }
  return contents;
}

/// What Podium keeps hidden in a folder: leftovers.
inline std::vector<std::string> hidden_in(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(".tmp")) names.push_back(name);
  }
  return names;
}

}  // namespace podium::tests
