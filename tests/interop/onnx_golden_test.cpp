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
#include "tests/interop/kinds.h"

namespace podium::interop::tests {
namespace {
using Json = nlohmann::json;
using podium::tests::loaded, podium::tests::model_of_kind, podium::tests::names_of_kinds;
using podium::tests::names_of_ranking_kinds, podium::tests::ranking_model;

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
  const Table rows = podium::tests::rows_of_kinds();
  for (const auto& column : rows.columns()) columns[column.name] = std::visit(CellsJson{}, column.values);
  for (const std::string& name : names_of_kinds()) {
    const std::string to = folder + "/" + name;
    const Model model = model_of_kind(name);
    write_onnx(loaded(model), to, {});
    found[name] = {{"graph", graph_checksum(to)}, {"podium", model.predict(TableView(rows))}};
  }
  for (const std::string& name : names_of_ranking_kinds()) {
    const std::string to = folder + "/" + name;
    write_onnx(loaded(ranking_model(name)), to, {.graph = OnnxGraph::rank});
    found[name] = {{"graph", graph_checksum(to)}};
  }
  std::ofstream(folder + "/kinds.json") << Json{{"rows", columns}, {"kinds", found}}.dump(1);
}

const Json& golden() {
  static const Json json =
      Json::parse(podium::tests::read_text(PODIUM_SOURCE_DIR "/tests/interop/golden/onnx.json")).at("kinds");
  return json;
}

TEST(OnnxGolden, HasEveryKind) {
  EXPECT_EQ(names_of_kinds().size() + names_of_ranking_kinds().size(), golden().size());
}

class OnnxGoldenOf : public testing::TestWithParam<std::string> {};

TEST_P(OnnxGoldenOf, ScoresAsOnnxRuntimeDid) {
  const Model model = model_of_kind(GetParam());
  const Table rows = podium::tests::rows_of_kinds();
  const podium::tests::TemporaryDirectory folder;
  write_onnx(loaded(model), folder / "onnx", {});
  // What ONNX Runtime ran is what is written today; after a change, run make_onnx.py.
  EXPECT_EQ(graph_checksum(folder / "onnx"), golden().at(GetParam()).at("graph").get<std::string>());
  const auto scores = model.predict(TableView(rows));
  const auto& wanted = golden().at(GetParam()).at("output_1");
  ASSERT_EQ(scores.size(), wanted.size());
  for (std::size_t r = 0; r < scores.size(); ++r) {
    const float right = wanted[r].at(0).get<float>();
    EXPECT_NEAR(scores[r], right, 1e-5F * std::max(1.0F, std::abs(right))) << "row " << r;
  }
}
INSTANTIATE_TEST_SUITE_P(EveryKind, OnnxGoldenOf, testing::ValuesIn(names_of_kinds()),
                         [](const auto& kind) { return kind.param; });

class OnnxRankGoldenOf : public testing::TestWithParam<std::string> {};

TEST_P(OnnxRankGoldenOf, OrdersAsRankDoes) {
  const Model model = ranking_model(GetParam());
  const podium::tests::TemporaryDirectory folder;
  write_onnx(loaded(model), folder / "onnx", {.graph = OnnxGraph::rank});
  EXPECT_EQ(graph_checksum(folder / "onnx"), golden().at(GetParam()).at("graph").get<std::string>());
  for (const auto& [user, answer] : golden().at(GetParam()).at("users").items()) {
    const auto ranking = rank(model, user);
    ASSERT_EQ(ranking.size(), answer.at("top_items").size());
    for (std::size_t i = 0; i < ranking.size(); ++i) {
      EXPECT_EQ(ranking[i].item, answer.at("top_items")[i].get<std::string>());
      EXPECT_NEAR(ranking[i].score, answer.at("top_scores")[i].get<float>(), 1e-4F);
    }
  }
}
INSTANTIATE_TEST_SUITE_P(EveryKind, OnnxRankGoldenOf, testing::ValuesIn(names_of_ranking_kinds()),
                         [](const auto& kind) { return kind.param; });
}  // namespace
}  // namespace podium::interop::tests
