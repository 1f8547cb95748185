// Keras' archives: their weights, and what of their configuration has no place in Podium.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include "podium/core/mapped_file.h"
#include "podium/interop/archive.h"
#include "podium/interop/keras/hdf5.h"
#include "podium/interop/keras/read.h"
#include "tests/interop/golden_models.h"
#include "tests/support/temporary_directory.h"

namespace podium::interop {
namespace {
using tests::golden_path;
using tests::message_of;

class KerasFile : public ::testing::Test {
 protected:
  Imported read(const std::string& from, const std::string& to) {
    std::string config = archive_.read("config.json");
    const auto at = config.find(from);
    if (at != std::string::npos) config.replace(at, from.size(), to);
    EXPECT_NE(at, std::string::npos) << from;
    const auto asset = [](const std::string&) { return std::optional<std::string>(); };
    return read_keras({.config = config, .weights = weights_, .asset = asset, .what = "model"}, {});
  }
  std::string message(const std::string& from, const std::string& to) {
    return message_of([&] { read(from, to); });
  }

  const MappedFile file_{golden_path("keras3_file.keras")};
  const Archive archive_{file_.bytes(), "keras3_file.keras"};
  const std::string weights_ = archive_.read("model.weights.h5");
};

TEST_F(KerasFile, HoldsItsWeightsAsHdf5) {
  const Hdf5 file(weights_, "weights");
  EXPECT_EQ(file.floats("layers/dense/vars/0").shape, (std::vector<std::size_t>{4, 3}));
  EXPECT_EQ(file.floats("layers/embedding/vars/0").shape, (std::vector<std::size_t>{6, 2}));
  EXPECT_TRUE(file.floats("optimizer/vars/1").shape.empty());  // the learning rate
  EXPECT_EQ(file.integer("optimizer/vars/0"), 1);              // the step
  EXPECT_NE(message_of([&] { file.floats("layers/nothing"); }).find("layers/nothing"), std::string::npos);
  EXPECT_NE(message_of([&] { file.floats("optimizer/vars/0"); }).find("float32"), std::string::npos);
}

TEST_F(KerasFile, CarriesAdagradsAccumulators) {
  const auto golden = tests::golden_scores("keras3_file");
  const Imported imported = import_model(golden_path("keras3_file.keras"));
  ASSERT_EQ(imported.record.resume.size(), 6U);
  // Keras: [mask, unknown, values ...]; Podium: [unknown, mask, values ...].
  const auto& theirs = golden.json.at("accumulators").at(0);
  std::vector<float> ours(12);
  ASSERT_EQ(imported.record.resume[0].bytes.size(), ours.size() * sizeof(float));
  std::memcpy(ours.data(), imported.record.resume[0].bytes.data(), ours.size() * sizeof(float));
  for (const auto& [row, own] : {std::pair(0U, 1U), {1U, 0U}, {2U, 2U}, {5U, 5U}}) {
    EXPECT_EQ(ours[2 * own], theirs.at(row).at(0).get<float>()) << row;
    EXPECT_EQ(ours[2 * own + 1], theirs.at(row).at(1).get<float>()) << row;
  }
}

TEST(OlderKerasFile, CarriesAdagradsAccumulatorsInTheOrderOfItsLayers) {
  for (const std::string name : {"keras2_13", "keras2_14"}) {
    const auto theirs = tests::golden_scores(name).json.at("sums_of_accumulators");
    const Imported imported = import_model(golden_path(name + ".keras"));
    ASSERT_EQ(imported.record.resume.size(), theirs.size());
    std::vector<float> sums;
    for (const TensorView& view : imported.record.resume) {
      std::vector<float> values(view.bytes.size() / sizeof(float));
      std::memcpy(values.data(), view.bytes.data(), view.bytes.size());
      sums.push_back(std::accumulate(values.begin(), values.end(), 0.0F));
    }
    auto expected = theirs.get<std::vector<float>>();
    std::ranges::sort(sums);  // the order of Podium's tensors is its own
    std::ranges::sort(expected);
    for (std::size_t i = 0; i < sums.size(); ++i) EXPECT_NEAR(sums[i], expected[i], 1e-4F) << name;
  }
}

TEST_F(KerasFile, SaysWhatBecomesOfItsOptimizer) {
  const auto notes = [&](const std::string& from, const std::string& to) {
    std::string text;
    for (const std::string& note : read(from, to).notes) text += note + "\n";
    return text;
  };
  const std::string adagrad = R"("class_name": "Adagrad")", adam = R"("class_name": "Adam")";
  EXPECT_TRUE(read(adagrad, adam).record.resume_state.empty());
  EXPECT_NE(notes(adagrad, adam)
                .find("the state of the optimizer Adam is left out; Podium reads Adagrad's; a training "
                      "that goes on from this model starts a new one"),
            std::string::npos);
  EXPECT_NE(notes(R"("weight_decay": null)", R"("weight_decay": 0.25)").find("weight_decay = 0.25"), std::string::npos);
  EXPECT_NE(notes(R"("learning_rate": 0.0010000000474974513)", R"("learning_rate": {"class_name": "CosineDecay"})")
                .find("Adagrad's learning_rate is no number in the file; a training that goes on needs it"),
            std::string::npos);
  EXPECT_NE(notes(R"("epsilon": 1e-07)", R"("epsilon": 1e300)").find("Adagrad's epsilon is no number"),
            std::string::npos);
}

TEST_F(KerasFile, WhatPodiumLacksIsNamed) {
  EXPECT_NE(message(R"("activation": "gelu")", R"("activation": "mish")").find("mish"), std::string::npos);
  EXPECT_NE(message(R"("class_name": "Flatten")", R"("class_name": "Normalization")").find("Normalization"),
            std::string::npos);
  EXPECT_NE(message(R"("num_oov_indices": 1)", R"("num_oov_indices": 2000000)").find("1048576"), std::string::npos);
  EXPECT_NE(message(R"("class_name": "Functional")", R"("class_name": "MyModel")").find("MyModel"), std::string::npos);
  EXPECT_NE(message(R"("output_mode": "int")", R"("output_mode": "one_hot")").find("output_mode"), std::string::npos);
}

TEST_F(KerasFile, ACircleOfLayersIsAnError) {
  EXPECT_NE(
      message(R"("keras_history": ["embedding_2", 0, 0])", R"("keras_history": ["flatten_2", 0, 0])").find("circle"),
      std::string::npos);
}

TEST_F(KerasFile, AnInputIsTakenForNoMoreThanItIs) {
  EXPECT_NE(message(R"("dtype": "string")", R"("dtype": "float32")").find("text"), std::string::npos);
  EXPECT_NE(message(R"("batch_shape": [null, 1])", R"("batch_shape": [null, 9])").find("several values"),
            std::string::npos);
}
}  // namespace
}  // namespace podium::interop
