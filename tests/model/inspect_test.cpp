#include "podium/model/inspect.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "podium/core/publish.h"
#include "podium/model/save.h"
#include "tests/model/small_model.h"

namespace podium {
namespace {
using tests::contents_of;
using tests::TemporaryDirectory;
using Json = nlohmann::json;
using Feature = ModelReport::Feature;

TEST(Inspect, NamesSeveralUnknownIndices) {
  const TemporaryDirectory directory;
  GraphBuilder builder;
  builder.output("y", builder.embed(graph::Text{"user", 5}, {.name = "user", .dim = 1}));
  const Table known = tests::small_table();
  save(Model(builder, fit_features(builder.graph(), known), {}), directory / "m");
  const ModelReport report = inspect_model(directory / "m");
  EXPECT_EQ(report.features, (std::vector<Feature>{{"user", "text", 3, 5}}));
  EXPECT_NE(to_text(report).find("  features    user: text, 3 values and 5 unknown indices\n"), std::string::npos);
}

TEST(Inspect, ASoundModelIsDescribed) {
  const TemporaryDirectory directory;
  save(tests::small_model(), tests::small_record(), directory / "ranking");
  const ModelReport report = inspect_model(directory / "ranking");
  EXPECT_EQ(report.problems, std::vector<std::string>{});
  EXPECT_EQ(report.directory, directory / "ranking/1");
  EXPECT_EQ(report.files.size(), 9U);
  EXPECT_EQ(
      report.features,
      (std::vector<Feature>{
          {"user", "text", 3, 1}, {"title", "text", 4, 1}, {"year", "integer", 4, 1}, {"price", "number", 0, 0}}));
  EXPECT_NE(to_text(report).find("  features    user: text, 3 values; title: text, 4 values; "
                                 "year: whole numbers, 4 values; price: a number\n"),
            std::string::npos)
      << to_text(report);
  // Tables 4x4, 5x4 and 5x2, dense 11x3 + 3 and 3x1 + 1, bias 1.
  EXPECT_EQ(report.parameters, 16U + 20U + 10U + 36U + 4U + 1U);
  EXPECT_EQ(report.candidates, 3U);
  EXPECT_EQ(report.interactions, 3U);
  EXPECT_TRUE(report.can_resume);
  ASSERT_TRUE(report.self_test);
  EXPECT_TRUE(report.self_test->passed);
  EXPECT_EQ(report.self_test->rows, 32U);
  EXPECT_EQ(report.self_test->largest_difference, 0.0);
  EXPECT_NE(to_text(report).find("  sound: every checksum agrees\n"), std::string::npos);
}

TEST(Inspect, ASoundModelAsJson) {
  const TemporaryDirectory directory;
  save(tests::small_model(), tests::small_record(), directory / "ranking");
  const ModelReport report = inspect_model(directory / "ranking");
  const Json json = Json::parse(to_json(report));
  EXPECT_EQ(json["kind"], "model");
  EXPECT_EQ(json["directory"], directory / "ranking/1");
  EXPECT_EQ(json["sound"], true);
  EXPECT_EQ(json["problems"], Json::array());
  EXPECT_EQ(json["user"], "user");
  EXPECT_EQ(json["item"], "title");
  EXPECT_EQ(json["outputs"], Json(report.outputs));
  EXPECT_EQ(json["seed"], report.seed);
  EXPECT_EQ(json["kernel"], report.kernel);
  EXPECT_EQ(json["recorded_kernel"], report.recorded_kernel);
  EXPECT_EQ(json["features"][0], Json::parse(R"({"column":"user","type":"text","values":3,"unknown_indices":1})"));
  EXPECT_EQ(json["features"][3], Json::parse(R"({"column":"price","type":"number"})"));
  EXPECT_EQ(json["sources"], Json::parse(R"([{"path":"/data/ratings.csv","role":"path","rows":4,
                                              "checksum":"49989e67ac5ceb6f4c031ce97276295b"}])"));
  EXPECT_EQ(json["metrics"], Json::parse(R"({"rmse":0.95})"));
  EXPECT_EQ(json["parameters"], report.parameters);
  EXPECT_EQ(json["weights"].size(), report.weights.size());
  EXPECT_EQ(json["weights"][0]["shape"], Json(report.weights[0].shape));
  EXPECT_EQ(json["candidates"], 3);
  EXPECT_EQ(json["interactions"], 3);
  EXPECT_EQ(json["can_resume"], true);
  EXPECT_EQ(json["self_test"], Json::parse(R"({"rows":32,"same_kernel":true,"passed":true,"largest_difference":0.0})"));
  EXPECT_EQ(json["files"].size(), 9U);
}

TEST(Inspect, JsonLacksWhatAModelLacks) {
  const TemporaryDirectory directory;
  save(tests::small_model(), directory / "ranking");
  const Json json = Json::parse(to_json(inspect_model(directory / "ranking")));
  EXPECT_FALSE(json.contains("metrics"));
  EXPECT_FALSE(json.contains("interactions"));
  EXPECT_EQ(json["sources"], Json::array());
  EXPECT_EQ(json["can_resume"], false);
  for (const auto& [name, value] : json.items()) EXPECT_TRUE(!value.is_null() && value != "") << name;
}

TEST(Inspect, EveryDamagedFileIsListed) {
  const TemporaryDirectory directory;
  save(tests::small_model(), directory / "ranking");
  tests::write_text(directory / "ranking/1/weights.safetensors", "cut");
  tests::write_text(directory / "ranking/1/extra", "more");
  const ModelReport report = inspect_model(directory / "ranking");
  ASSERT_EQ(report.problems.size(), 2U);
  EXPECT_NE(report.problems[0].find("1/extra: is not in the MANIFEST"), std::string::npos);
  EXPECT_NE(report.problems[1].find("1/weights.safetensors: is not what was written"), std::string::npos);
  EXPECT_NE(to_text(report).find("  not sound\n"), std::string::npos);
  const Json json = Json::parse(to_json(report));
  EXPECT_EQ(json["sound"], false);
  EXPECT_EQ(json["problems"], Json(report.problems));
  EXPECT_EQ(json["files"].size(), report.files.size());
  EXPECT_EQ(json.size(), 5U) << json;  // what can't be known is absent
}

/// Publishes a version's files anew, all whole by their MANIFEST, with another text in `name`.
void reseal(const std::string& model, const std::string& name, const std::string& text) {
  std::vector<NewFile> mixed;
  for (const auto& [path, old] : contents_of(model + "/1")) {
    if (path != "MANIFEST") mixed.push_back({path, path == name ? text : old, {}});
  }
  publish_version(real_files(), model, mixed);
}

TEST(Inspect, JsonSaysWhatCouldBeRead) {
  const TemporaryDirectory directory;
  save(tests::small_model(), tests::small_record(), directory / "ranking");
  reseal(directory / "ranking", "weights.safetensors", "no tensors");
  const Json json = Json::parse(to_json(inspect_model(directory / "ranking")));
  EXPECT_EQ(json["sound"], false);
  EXPECT_EQ(json["problems"].size(), 1U);
  EXPECT_EQ(json["user"], "user");
  EXPECT_EQ(json["metrics"]["rmse"], 0.95);
  for (const char* absent : {"kernel", "features", "weights", "parameters", "self_test", "candidates", "can_resume"}) {
    EXPECT_FALSE(json.contains(absent)) << absent;
  }
}

TEST(Inspect, TheSelfTestNoticesOtherWeights) {  // whole files, sealed anew, but the weights of another seed
  const TemporaryDirectory directory;
  save(tests::small_model(7), directory / "ranking");
  save(tests::small_model(8), directory / "other");
  reseal(directory / "ranking", "weights.safetensors", tests::read_text(directory / "other/1/weights.safetensors"));
  const ModelReport report = inspect_model(directory / "ranking");
  ASSERT_TRUE(report.self_test);
  EXPECT_FALSE(report.self_test->passed);
  EXPECT_EQ(report.problems.size(), 1U);
  const Json json = Json::parse(to_json(report));
  EXPECT_EQ(json["sound"], false);
  EXPECT_EQ(json["self_test"]["passed"], false);
  EXPECT_GT(json["self_test"]["largest_difference"], 0.0);
  EXPECT_TRUE(json.contains("features"));
}
}  // namespace
}  // namespace podium
