// Weights that are spread over several safetensors files, by the index beside them.
#include "podium/interop/weights/shards.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "podium/core/random.h"
#include "podium/interop/weights/read.h"
#include "tests/support/message_of.h"
#include "tests/support/temporary_directory.h"

namespace podium::interop {
namespace {
using tests::message_of, tests::TemporaryDirectory, tests::write_text;

/// A file of tensors [1] of these names, with the values 1, 2, ...
std::string file_of(const std::vector<std::string>& names) {
  std::vector<std::vector<float>> values;
  for (std::size_t i = 0; i < names.size(); ++i) values.push_back({static_cast<float>(i + 1)});
  std::vector<TensorView> views;
  for (std::size_t i = 0; i < names.size(); ++i) views.push_back(view_of(names[i], values[i]));
  return safetensors_bytes(views);
}

/// Two files, x and y in the first and z in the second, as Hugging Face's tools write them.
class ShardsOf : public testing::Test {
 protected:
  ShardsOf() {
    write_text(folder_ / "model-00001-of-00002.safetensors", file_of({"x", "y"}));
    write_text(folder_ / "model-00002-of-00002.safetensors", file_of({"z"}));
  }
  std::string with_index(const std::string& text, const std::string& name = "model.safetensors.index.json") {
    write_text(folder_ / name, text);
    return folder_ / name;
  }
  std::string error_of(const std::string& text) {
    const std::string path = with_index(text);
    const std::string message = message_of([&] { const TensorFile file(path); });
    EXPECT_TRUE(message == "no error" || message.starts_with(path)) << message;
    return message;
  }
  static void expect(const std::string& message, const std::vector<std::string>& parts) {
    for (const std::string& part : parts) EXPECT_NE(message.find(part), std::string::npos) << message;
  }

  TemporaryDirectory folder_;
  const std::string index_ = R"({"metadata": {"total_size": 12}, "weight_map": {
    "x": "model-00001-of-00002.safetensors", "y": "model-00001-of-00002.safetensors",
    "z": "model-00002-of-00002.safetensors"}})";
};

TEST_F(ShardsOf, AreReadAsOneFileWhateverTheIndexIsCalled) {
  for (const char* name : {"model.safetensors.index.json", "other.index.json", "index"}) {
    const TensorFile file(with_index("\n " + index_, name));
    EXPECT_EQ(file.names(), (std::vector<std::string>{"x", "y", "z"}));
    EXPECT_EQ(file.floats("y").array.values, std::vector<float>{2});
    EXPECT_EQ(file.floats("z").array.values, std::vector<float>{1});
    expect(message_of([&] { (void)file.floats("w"); }), {name, "\"w\""});
  }
}

TEST_F(ShardsOf, MakeTheModelOfALayout) {
  const Layout layout{
      .columns = {{"id", Layout::Rows{}}},
      .layers = {{"row", Layout::Embedding{"id", "z"}, ""}, {"score", Layout::Bias{.tensors = "y"}, ""}}};
  const Imported imported = import_weights(with_index(index_), layout);
  const Table rows({{"id", std::vector<std::int64_t>{0}, {}}});
  EXPECT_EQ(imported.model.predict(rows), std::vector<float>{3});
  EXPECT_EQ(std::ranges::count(imported.notes, "no layer names these tensors, which were left out: x"), 1);
}

TEST_F(ShardsOf, ATensorThatItsFileLacksIsNamedWithTheFile) {
  expect(error_of(R"({"weight_map": {"z": "model-00001-of-00002.safetensors"}})"),
         {"\"z\"", "\"model-00001-of-00002.safetensors\"", "nowhere"});
  expect(error_of(R"({"weight_map": {"z": "model-00001-of-00002.safetensors",
                                     "x": "model-00002-of-00002.safetensors"}})"),
         {"\"x\" is not in \"model-00002-of-00002.safetensors\" but in \"model-00001-of-00002.safetensors\""});
}

TEST_F(ShardsOf, ATensorOfTwoFilesIsNamedWithBoth) {
  write_text(folder_ / "model-00002-of-00002.safetensors", file_of({"z", "y"}));
  expect(error_of(index_),
         {"\"y\" is in \"model-00001-of-00002.safetensors\" and in \"model-00002-of-00002.safetensors\""});
}

TEST_F(ShardsOf, LieBelowTheIndexsFolder) {
  const TemporaryDirectory elsewhere;
  write_text(elsewhere / "z.safetensors", file_of({"z"}));
  const auto error = [&](const std::string& file) { return error_of(R"({"weight_map": {"z": ")" + file + "\"}}"); };
  expect(error("gone.safetensors"), {"\"gone.safetensors\" is not there"});
  expect(error("../z.safetensors"), {"\"z\"", "leaves the directory by"});
  expect(error(elsewhere / "z.safetensors"), {"\"z\"", "absolute path"});
  expect(error(""), {"no name of a file"});
  expect(error("a\\u0000b"), {"NUL"});
  std::filesystem::create_symlink(elsewhere / "z.safetensors", folder_ / "link.safetensors");
  expect(error("link.safetensors"), {"leaves the directory by a link", "cp -rL"});
  std::filesystem::create_directory(folder_ / "below");
  expect(error("below"), {"no regular file"});
  write_text(folder_ / "below/z.safetensors", file_of({"z"}));
  EXPECT_EQ(error("below/z.safetensors"), "no error");
  write_text(folder_ / "below/z.safetensors", file_of({"z"}).substr(0, 20));
  expect(error_of(R"({"weight_map": {"z": "model-00002-of-00002.safetensors"}})"), {"no error"});
  expect(message_of([&] { const TensorFile file(with_index(R"({"weight_map": {"z": "below/z.safetensors"}})")); }),
         {"below/z.safetensors", "damaged"});
}

TEST_F(ShardsOf, OfTorchSaveAreRefusedByName) {
  expect(error_of(R"({"metadata": {}, "weight_map": {"z": "pytorch_model-00001-of-00002.bin"}})"),
         {"pytorch_model-00001-of-00002.bin", "pickles", "safe_serialization=True"});
}

TEST_F(ShardsOf, AnIndexThatIsNoneIsAnError) {
  for (const char* text : {"{}", "{", R"({"weight_map": {}})", R"({"weight_map": []})", R"({"weight_map": {"z": 7}})",
                           R"({"weight_map": {"z": null}})", R"({"metadata": {}})", "{]", "{\"a\": 1} "}) {
    EXPECT_NE(error_of(text), "no error") << text;
  }
  expect(message_of([&] { const TensorFile file(std::as_bytes(std::span(index_)), "w"); }), {"w: is JSON"});
}

TEST_F(ShardsOf, ADamagedIndexIsAnErrorOrOneOfTheSameTensors) {
  const std::vector<std::string> names = {"x", "y", "z"};
  const auto try_to_open = [&](const std::string& text) {
    const std::string path = with_index(text);
    return message_of([&] { EXPECT_EQ(TensorFile(path).names(), names); }) == "no error";
  };
  ASSERT_TRUE(try_to_open(index_));
  for (std::size_t length = 0; length < index_.size(); ++length) {
    EXPECT_FALSE(try_to_open(index_.substr(0, length))) << length;
  }
  const Random random(7);
  for (std::size_t sample = 0; sample < 300; ++sample) {
    std::string changed = index_;
    const std::size_t position = random.below(changed.size(), 0, 2 * sample);
    changed[position] = static_cast<char>(changed[position] ^ (1 << random.below(8, 0, 2 * sample + 1)));
    (void)try_to_open(changed);
  }
}
}  // namespace
}  // namespace podium::interop
