// Holds what Podium writes as ONNX, and what it answers itself, against what ONNX Runtime answered.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "podium/core/checksum.h"
#include "podium/interop/onnx/write.h"
#include "podium/interop/proto/onnx.pb.h"
#include "podium/model/rank.h"
#include "tests/interop/onnx_kinds.h"

namespace podium::interop::tests {
namespace {
using Json = nlohmann::json;

/// Of the graph alone: what stands around it names the version of Podium.
std::string graph_checksum(const std::string& folder) {
  onnx::ModelProto model;
  EXPECT_TRUE(model.ParseFromString(podium::tests::read_text(folder + "/model.onnx")));
  const std::string graph = model.graph().SerializeAsString();
  return checksum(std::as_bytes(std::span(graph)));
}

struct CellsJson {
  Json operator()(const Strings& values) const {
    Json cells = Json::array();
    for (std::size_t i = 0; i < values.size(); ++i) cells.push_back(std::string(values[i]));
    return cells;
  }
  Json operator()(const std::vector<std::int64_t>& values) const { return values; }
  Json operator()(const std::vector<double>& values) const { return values; }
};

/// make_onnx.py's and conformance's door: the models, and the rows that it should ask ONNX Runtime about.
TEST(OnnxGolden, WritesTheModelsForOnnxRuntime) {
  const podium::tests::TemporaryDirectory temporary;
  const char* kept = std::getenv("PODIUM_ONNX_KINDS");
  const std::string folder = kept != nullptr ? kept : temporary.path();
  Json columns = Json::object(), found = Json::object();
  const Table rows = scored_rows();
  for (const auto& column : rows.columns()) columns[column.name] = std::visit(CellsJson{}, column.values);
  for (const auto& [name, model] : kinds()) {
    const std::string to = folder + "/" + name;
    write_onnx(loaded(model), to, {});
    found[name] = {{"graph", graph_checksum(to)}, {"podium", model.predict(TableView(rows))}};
  }
  for (const auto& [name, model] : rank_kinds()) {
    const std::string to = folder + "/" + name;
    write_onnx(loaded(model), to, {.graph = OnnxGraph::rank});
    found[name] = {{"graph", graph_checksum(to)}};
  }
  std::ofstream(folder + "/kinds.json") << Json{{"rows", columns}, {"kinds", found}}.dump(1);
}

const Json& golden() {
  static const Json json =
      Json::parse(podium::tests::read_text(PODIUM_SOURCE_DIR "/tests/interop/golden/onnx.json")).at("kinds");
  return json;
}

TEST(OnnxGolden, EveryKindScoresAsOnnxRuntimeDid) {
  const auto all = kinds();
  const Table rows = scored_rows();
  EXPECT_EQ(all.size() + rank_kinds().size(), golden().size());
  for (const auto& [name, model] : all) {
    SCOPED_TRACE(name);
    const podium::tests::TemporaryDirectory folder;
    write_onnx(loaded(model), folder / "onnx", {});
    // What ONNX Runtime ran is what is written today; after a change, run make_onnx.py.
    EXPECT_EQ(graph_checksum(folder / "onnx"), golden().at(name).at("graph").get<std::string>());
    const auto scores = model.predict(TableView(rows));
    const auto& wanted = golden().at(name).at("output_1");
    ASSERT_EQ(scores.size(), wanted.size());
    for (std::size_t r = 0; r < scores.size(); ++r) {
      const float right = wanted[r].at(0).get<float>();
      EXPECT_NEAR(scores[r], right, 1e-5F * std::max(1.0F, std::abs(right))) << "row " << r;
    }
  }
}

TEST(OnnxGolden, ARankGraphOrdersAsRankDoes) {
  for (const auto& [name, model] : rank_kinds()) {
    SCOPED_TRACE(name);
    const podium::tests::TemporaryDirectory folder;
    write_onnx(loaded(model), folder / "onnx", {.graph = OnnxGraph::rank});
    EXPECT_EQ(graph_checksum(folder / "onnx"), golden().at(name).at("graph").get<std::string>());
    for (const auto& [user, answer] : golden().at(name).at("users").items()) {
      const auto ranking = rank(model, user);
      ASSERT_EQ(ranking.size(), answer.at("top_items").size());
      for (std::size_t i = 0; i < ranking.size(); ++i) {
        EXPECT_EQ(ranking[i].item, answer.at("top_items")[i].get<std::string>());
        EXPECT_NEAR(ranking[i].score, answer.at("top_scores")[i].get<float>(), 1e-4F);
      }
    }
  }
}
}  // namespace
}  // namespace podium::interop::tests
