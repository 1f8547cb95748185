// What a .keras archive says beside its layers' names is read where it is proved what it means, and refused by name
// otherwise: a real archive (golden/make_golden.py) whose configuration a test edits.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "podium/core/mapped_file.h"
#include "podium/interop/archive.h"
#include "podium/interop/keras/read.h"
#include "tests/interop/golden_models.h"
#include "tests/support/message_of.h"

namespace podium::interop {
namespace {
using Json = nlohmann::ordered_json;
using tests::golden_path;
using tests::message_of;

class KerasMeaning : public ::testing::Test {
 protected:
  Json& layer(const std::string& kind) {
    for (Json& layer : config_["config"]["layers"]) {
      if (layer["class_name"] == kind) return layer;
    }
    throw Error("no layer " + kind);
  }
  Json& layers() { return config_["config"]["layers"]; }
  Json last_score() const {
    const Json& output = config_["config"]["output_layers"];
    const Json& reference = output[0].is_array() ? output[0] : output;
    return {{"class_name", "__keras_tensor__"},
            {"config", {{"shape", {nullptr, 1}}, {"dtype", "float32"}, {"keras_history", reference}}}};
  }
  /// Puts a layer behind the score.
  void append(const std::string& module, const std::string& kind, const Json& config, const Json& arguments,
              const Json& keywords = Json::object()) {
    Json own = config;
    own["name"] = "behind";
    layers().push_back({{"module", module},
                        {"class_name", kind},
                        {"config", own},
                        {"registered_name", nullptr},
                        {"name", "behind"},
                        {"inbound_nodes", {{{"args", arguments}, {"kwargs", keywords}}}}});
    config_["config"]["output_layers"] = {{"behind", 0, 0}};
  }
  Imported read(const ImportOptions& options = {}) const {
    const auto asset = [](const std::string&) { return std::optional<std::string>(); };
    return read_keras({.config = config_.dump(), .weights = weights_, .asset = asset, .what = "model"}, options);
  }
  std::string message(const ImportOptions& options = {}) const {
    return message_of([&] { read(options); });
  }
  /// What is added to each score of the archive as it is, which has to be the same for all.
  float added() const {
    const auto scores = read().model.predict(golden_.rows);
    for (std::size_t row = 0; row < scores.size(); ++row) {
      EXPECT_NEAR(scores[row] - golden_.scores[row], scores[0] - golden_.scores[0], 1e-5) << row;
    }
    return scores[0] - golden_.scores[0];
  }
  bool refuses(const std::string& part) const {
    const std::string said = message();
    EXPECT_NE(said.find(part), std::string::npos) << said;
    return said.find(part) != std::string::npos;
  }
  bool gives_up(const std::string& what) const { return read().record.gives_up.contains(what); }

  const MappedFile file_{golden_path("keras3_file.keras")};
  const Archive archive_{file_.bytes(), "keras3_file.keras"};
  const std::string weights_ = archive_.read("model.weights.h5");
  const tests::GoldenScores golden_ = tests::golden_scores("keras3_file");
  Json config_ = Json::parse(archive_.read("config.json"));
};

constexpr const char *kOps = "keras.src.ops.numpy", *kLayers = "keras.layers";

TEST_F(KerasMeaning, AConstantIsAddedHoweverItIsWritten) {
  const Json score = last_score(), plain = config_;
  append(kOps, "Add", {}, {score, 3.5});
  EXPECT_NEAR(added(), 3.5F, 1e-5);
  EXPECT_TRUE(gives_up("constants"));
  config_ = plain;
  append(kOps, "Add", {}, {3.5, score});
  EXPECT_NEAR(added(), 3.5F, 1e-5);
  config_ = plain;
  append(kOps, "Subtract", {}, Json::array(), {{"x2", 2}, {"x1", score}});  // in whatever order
  EXPECT_NEAR(added(), -2.0F, 1e-5);
  config_ = plain;
  const Json tensor = {{"class_name", "__tensor__"}, {"config", {{"value", {{3.5}}}, {"dtype", "float32"}}}};
  append(kLayers, "Add", {}, {{score, tensor}});
  EXPECT_NEAR(added(), 3.5F, 1e-5);
  config_ = plain;
  append(kLayers, "Rescaling", {{"scale", 1.0}, {"offset", -1.5}}, Json::array({score}));
  EXPECT_NEAR(added(), -1.5F, 1e-5);
}
TEST_F(KerasMeaning, FactorsOfOneColumnAreRead) {
  const Json score = last_score(), plain = config_;
  const auto factor = [&] { return read().model.predict(golden_.rows)[0] / golden_.scores[0]; };
  append(kOps, "Multiply", {}, {score, -2.0});
  EXPECT_NEAR(factor(), -2.0F, 1e-5);
  config_ = plain;
  append(kOps, "TrueDivide", {}, {score, 4.0});
  EXPECT_NEAR(factor(), 0.25F, 1e-5);
  config_ = plain;
  append(kLayers, "Average", {}, {{score, score, score}});
  EXPECT_NEAR(factor(), 1.0F, 1e-5);
  config_ = plain;
  append(kLayers, "Multiply", {}, {{score, score}});
  EXPECT_NEAR(factor(), golden_.scores[0], 1e-4);
  config_ = plain;
  append(kLayers, "Subtract", {}, {{score, score}});
  EXPECT_NEAR(factor(), 0.0F, 1e-5);
  config_ = plain;
  append(kOps, "TrueDivide", {}, {4.0, score});
  EXPECT_TRUE(refuses("\"behind\" divides by a computed value"));
}
TEST_F(KerasMeaning, AnOperationIsNoLayerOfItsName) {
  const Json score = last_score(), plain = config_;
  append(kOps, "Reshape", {{"newshape", {-1, 1}}}, Json::array({score}));
  EXPECT_NEAR(added(), 0.0F, 1e-5);
  config_ = plain;
  append(kOps, "Reshape", {{"newshape", {-1}}}, Json::array({score}));
  EXPECT_NEAR(added(), 0.0F, 1e-5);
  config_ = plain;
  append(kOps, "Reshape", {{"newshape", {1, -1}}}, Json::array({score}));
  EXPECT_TRUE(refuses("\"behind\" changes the number of rows"));
  config_ = plain;
  append(kOps, "Maximum", {}, {score, 1.0});
  EXPECT_TRUE(refuses("ops.Maximum"));
}
TEST_F(KerasMeaning, ConstantsThatBroadcastAreRefused) {
  const Json score = last_score(), plain = config_;
  append(kOps, "Multiply", {},
         {score, {{"class_name", "__tensor__"}, {"config", {{"value", {1.0, 2.0}}, {"dtype", "float32"}}}}});
  EXPECT_TRUE(refuses("\"behind\" computes with a number for each column"));
  config_ = plain;
  append(kOps, "Add", {},
         {score, {{"class_name", "__tensor__"}, {"config", {{"value", {{{1.0}}}}, {"dtype", "float32"}}}}});
  EXPECT_TRUE(refuses("more axes"));
  config_ = plain;
  append(kLayers, "Flatten", {}, {score, 2.0});
  EXPECT_TRUE(refuses("\"behind\" is called with a constant"));
}
TEST_F(KerasMeaning, WholeNumbersAreNotComputedWith) {
  Json input = layer("InputLayer");
  input["config"]["dtype"] = "int32";
  input["config"]["name"] = input["name"] = "count";
  layers().push_back(input);
  config_["config"]["input_layers"]["count"] = {"count", 0, 0};
  Json count = last_score();
  count["config"]["keras_history"] = {"count", 0, 0};
  append(kLayers, "Add", {}, Json::array({Json::array({count, count})}));
  EXPECT_TRUE(refuses("\"behind\" computes with the whole numbers of column \"count\""));
}
TEST_F(KerasMeaning, OtherPrecisionsAreRefused) {
  for (const char* policy : {"mixed_float16", "mixed_bfloat16", "float64"}) {
    layer("Dense")["config"]["dtype"]["config"]["name"] = policy;
    EXPECT_TRUE(refuses(policy));
    layer("Dense")["config"]["dtype"]["config"]["name"] = "float32";
    layer("Concatenate")["config"]["dtype"] = policy;
    EXPECT_TRUE(refuses(policy));
    layer("Concatenate")["config"]["dtype"] = "float32";
  }
  EXPECT_NEAR(added(), 0.0F, 1e-5);
}
TEST_F(KerasMeaning, ClassesOfOthersAreRefusedWhateverTheirName) {
  layer("Dense")["registered_name"] = "shop>Dense";
  EXPECT_TRUE(refuses("shop>Dense"));
  layer("Dense")["registered_name"] = nullptr;
  layer("Dense")["module"] = "shop.layers";
  EXPECT_TRUE(refuses("shop.layers.Dense"));
  layer("Dense")["module"] = nullptr;  // of a class that is not registered
  layer("Dense")["registered_name"] = "Dense";
  EXPECT_TRUE(refuses("which is not Keras' own"));
  layer("Dense")["module"] = kLayers;
  EXPECT_NEAR(added(), 0.0F, 1e-5);
  config_["module"] = nullptr;
  EXPECT_TRUE(refuses("\"model\" is of the class"));
}
TEST_F(KerasMeaning, AModelWithinTheModelCastsNothingInSilence) {
  const Json inside = {{"class_name", "InputLayer"},
                       {"config", {{"name", "in"}, {"batch_shape", {nullptr, 1}}, {"dtype", "float32"}}},
                       {"name", "in"},
                       {"inbound_nodes", Json::array()}};
  const Json reference = Json::array({Json::array({"in", 0, 0})});
  append("keras.src.models.functional", "Functional",
         {{"trainable", true},
          {"layers", Json::array({inside})},
          {"input_layers", reference},
          {"output_layers", reference}},
         Json::array({last_score()}), {{"mask", Json::array({nullptr})}});
  EXPECT_NEAR(added(), 0.0F, 1e-5);
  layers().back()["config"]["layers"][0]["config"]["dtype"] = "int32";
  EXPECT_TRUE(refuses("\"in\" casts what its model is called with to int32"));
}
TEST_F(KerasMeaning, ADictionarysInputsHaveTheirLayersNames) {
  Json& inputs = config_["config"]["input_layers"];
  std::swap(inputs["user"], inputs["title"]);
  EXPECT_TRUE(refuses("of a dictionary; give both one name"));
}
TEST_F(KerasMeaning, OptionsThatAreNotKnownAreRefusedUnlessTheyAreOff) {
  layer("Dense")["config"]["later_option"] = nullptr;
  EXPECT_NEAR(added(), 0.0F, 1e-5);
  layer("Dense")["config"]["later_option"] = "on";
  EXPECT_TRUE(refuses("later_option"));
}
TEST_F(KerasMeaning, CallsInAnotherWayThanAtPredictionAreRefused) {
  append(kLayers, "Dropout", {{"rate", 0.5}}, Json::array({last_score()}), {{"training", false}, {"mask", nullptr}});
  EXPECT_NEAR(added(), 0.0F, 1e-5);
  layers().back()["inbound_nodes"][0]["kwargs"]["training"] = true;
  EXPECT_TRUE(refuses("\"behind\" is called with training=true"));
}
TEST_F(KerasMeaning, BoundsAndOtherActivationsAreRefused) {
  append(kLayers, "ReLU", {{"max_value", 6.0}, {"negative_slope", 0.0}, {"threshold", 0.0}},
         Json::array({last_score()}));
  EXPECT_TRUE(refuses("relu with a bound"));
}
TEST_F(KerasMeaning, WhatTrainingWouldNotKeepIsGivenUp) {
  EXPECT_TRUE(read().record.gives_up.empty());
  const Json plain = config_;
  Json& dense = layer("Dense")["config"];
  dense["trainable"] = false;
  EXPECT_TRUE(gives_up("freezing"));
  dense["trainable"] = true;
  dense["kernel_constraint"] = {{"class_name", "NonNeg"}, {"config", Json::object()}};
  EXPECT_TRUE(gives_up("constraints"));
  dense["kernel_constraint"] = nullptr;
  dense["kernel_regularizer"] = {{"class_name", "L1"}, {"config", {{"l1", 0.25}}}};
  EXPECT_TRUE(gives_up("regularizers"));
  dense["kernel_regularizer"] = {{"class_name", "L2"}, {"config", {{"l2", 0.25}}}};  // as Podium's
  const Imported imported = read();
  EXPECT_TRUE(imported.record.gives_up.empty());
  const auto& nodes = imported.model.graph().nodes;
  EXPECT_TRUE(std::ranges::any_of(nodes, [](const graph::Node& node) {
    const auto* own = std::get_if<graph::Dense>(&node);
    return own != nullptr && own->l2 == 0.25F;
  }));
  config_ = plain;
  config_["config"]["trainable"] = false;
  EXPECT_TRUE(gives_up("freezing"));
}
TEST_F(KerasMeaning, OutputsHaveTheirOwnNamesAndOneOrder) {
  const Json score = last_score();
  append(kOps, "Add", {}, {score, 3.5});
  const Json first = score["config"]["keras_history"];
  config_["config"]["output_layers"] = {{"rating", first}, {"click", {"behind", 0, 0}}};
  EXPECT_EQ(read().model.graph().outputs.front().name, "click");  // by their keys, as a SavedModel has them
  EXPECT_EQ(read({.output = "rating"}).model.graph().outputs.front().name, "rating");
  EXPECT_NE(message({.output = "dense"}).find("it has \"click\", \"rating\""), std::string::npos);
}
}  // namespace
}  // namespace podium::interop
