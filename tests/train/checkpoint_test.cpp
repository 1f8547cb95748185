#include "podium/train/checkpoint.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>

#include "podium/core/error.h"
#include "podium/core/publish.h"

namespace podium {
namespace {
nn::Tensor tensor(const std::string& name, std::vector<std::size_t> shape, float first) {
  nn::Tensor made{.name = name, .shape = std::move(shape), .values = {}};
  std::size_t size = 1;
  for (const auto extent : made.shape) size *= extent;
  made.values.resize(size);
  for (std::size_t i = 0; i < size; ++i) made.values[i] = first + static_cast<float>(i) / 3.0F;
  return made;
}

Checkpoint example() {
  Checkpoint checkpoint{.belongs_to = "{\"seed\": 1}", .weights = {}, .state = {}};
  checkpoint.weights.tensors = {tensor("embedding/a/weight", {3, 2}, 1.0F), tensor("dense_0/bias", {2}, -1.0F)};
  TrainState& state = checkpoint.state;
  state.optimizer.step = 17;
  state.optimizer.slots = {{tensor("embedding/a/weight/m", {3, 2}, 5.0F), tensor("embedding/a/weight/v", {3, 2}, 6.0F)},
                           {tensor("dense_0/bias/m", {2}, 7.0F), tensor("dense_0/bias/v", {2}, 8.0F)}};
  state.epoch = 1;
  state.step = 3;
  state.loss_sum = 1.0 / 3.0;
  state.metrics = {{0.1, 0.2}, {std::nan("")}};
  state.epochs = {{.epoch = 1, .train = {{"loss", 0.7}, {"rmse", 0.1 + 0.2}}, .validation = {}, .seconds = 0.25}};
  state.step_losses = {3.0, 1.0 / 7.0};
  return checkpoint;
}

void expect_equal(const std::vector<nn::Tensor>& left, const std::vector<nn::Tensor>& right) {
  ASSERT_EQ(left.size(), right.size());
  for (std::size_t i = 0; i < left.size(); ++i) {
    EXPECT_EQ(left[i].name, right[i].name);
    EXPECT_EQ(left[i].shape, right[i].shape);
    EXPECT_TRUE(std::ranges::equal(left[i].values, right[i].values)) << left[i].name;
  }
}

class CheckpointTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(::testing::TempDir()) / ("checkpoint_" + std::to_string(getpid()));
    std::filesystem::create_directories(folder_);
    path_ = (folder_ / ".checkpoint").string();
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::filesystem::path folder_;
  std::string path_;
};

TEST_F(CheckpointTest, GivesBackEveryBit) {
  const Checkpoint written = example();
  write_checkpoint(real_files(), path_, written);
  const Checkpoint read = read_checkpoint(path_);
  EXPECT_EQ(read.belongs_to, written.belongs_to);
  expect_equal(read.weights.tensors, written.weights.tensors);
  ASSERT_EQ(read.state.optimizer.slots.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) expect_equal(read.state.optimizer.slots[i], written.state.optimizer.slots[i]);
  EXPECT_EQ(read.state.optimizer.step, 17U);
  EXPECT_EQ(read.state.epoch, 1U);
  EXPECT_EQ(read.state.step, 3U);
  EXPECT_EQ(read.state.loss_sum, written.state.loss_sum);
  EXPECT_EQ(read.state.best_loss, std::numeric_limits<double>::infinity());
  EXPECT_EQ(read.state.metrics[0], written.state.metrics[0]);
  EXPECT_TRUE(std::isnan(read.state.metrics[1][0]));
  ASSERT_EQ(read.state.epochs.size(), 1U);
  EXPECT_EQ(read.state.epochs[0].train, written.state.epochs[0].train);
  EXPECT_EQ(read.state.epochs[0].seconds, 0.25);
  EXPECT_EQ(read.state.step_losses, written.state.step_losses);
  EXPECT_TRUE(read.state.best_weights.tensors.empty());
}

TEST_F(CheckpointTest, TheNextOneReplacesIt) {
  Checkpoint checkpoint = example();
  write_checkpoint(real_files(), path_, checkpoint);
  checkpoint.state.best_weights = checkpoint.weights;
  checkpoint.state.step = 4;
  write_checkpoint(real_files(), path_, checkpoint);
  const Checkpoint read = read_checkpoint(path_);
  EXPECT_EQ(read.state.step, 4U);
  expect_equal(read.state.best_weights.tensors, checkpoint.weights.tensors);
}

TEST_F(CheckpointTest, NeverReplacesOrRemovesWhatIsNoCheckpoint) {
  EXPECT_EQ(foreign_checkpoint(path_), "");
  write_checkpoint(real_files(), path_, example());
  EXPECT_EQ(foreign_checkpoint(path_), "");
  std::ofstream(path_ + "/notes") << "mine";
  EXPECT_EQ(foreign_checkpoint(path_), "holds \"notes\", which no checkpoint of Podium's wrote");
  EXPECT_THROW(write_checkpoint(real_files(), path_, example()), Error);
  remove_checkpoint(real_files(), path_);
  EXPECT_EQ(read_file(path_ + "/notes", 100), "mine");
  EXPECT_EQ(list_directory(path_).size(), 6U);
  std::filesystem::remove(path_ + "/notes");
  remove_checkpoint(real_files(), path_);
  EXPECT_TRUE(list_directory(folder_.string()).empty());
}

TEST_F(CheckpointTest, DamageIsAnError) {
  write_checkpoint(real_files(), path_, example());
  for (const auto& name : list_directory(path_)) {
    const std::string file = path_ + "/" + name, whole = read_file(file, 1 << 20);
    const auto put = [&](const std::string& text) { std::ofstream(file, std::ios::binary) << text; };
    put(whole.substr(0, whole.size() / 2));
    EXPECT_THROW(read_checkpoint(path_), Error) << name << " cut";
    std::string flipped = whole;
    flipped[whole.size() / 2] = static_cast<char>(flipped[whole.size() / 2] ^ 1);
    put(flipped);
    EXPECT_THROW(read_checkpoint(path_), Error) << name << " flipped";
    put(whole);
  }
  EXPECT_NO_THROW(read_checkpoint(path_));
  EXPECT_THROW(read_checkpoint(path_ + "x"), Error);
}
}  // namespace
}  // namespace podium
