#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <map>
#include <set>

#include "podium/core/manifest.h"
#include "podium/interop/onnx/write.h"
#include "podium/interop/proto/onnx.pb.h"
#include "tests/interop/kinds.h"

namespace podium::interop::tests {
namespace {
using podium::tests::loaded;
using podium::tests::message_of;
using podium::tests::read_text;
using podium::tests::TemporaryDirectory;

onnx::ModelProto written(const Model& model, const std::string& to, const OnnxOptions& options = {}) {
  write_onnx(loaded(model, podium::tests::small_record()), to, options);
  onnx::ModelProto read;
  EXPECT_TRUE(read.ParseFromString(read_text(to + "/model.onnx")));
  return read;
}

std::string bytes_of(const nn::Tensor& tensor) {
  std::string bytes(tensor.values.size() * sizeof(float), '\0');
  std::memcpy(bytes.data(), tensor.values.data(), bytes.size());
  return bytes;
}

std::map<std::string, std::string> external_of(const onnx::TensorProto& tensor) {
  std::map<std::string, std::string> entries;
  for (const auto& entry : tensor.external_data()) entries[entry.key()] = entry.value();
  return entries;
}

TEST(Onnx, HoldsEveryWeightUnderItsName) {
  const TemporaryDirectory folder;
  const Model model = podium::tests::small_model();
  const auto read = written(model, folder / "onnx");
  std::map<std::string, const onnx::TensorProto*> found;
  for (const auto& tensor : read.graph().initializer()) found[tensor.name()] = &tensor;
  for (const auto& tensor : model.weights().tensors) {
    ASSERT_TRUE(found.contains(tensor.name)) << tensor.name;
    EXPECT_EQ(found[tensor.name]->raw_data(), bytes_of(tensor)) << tensor.name;
    ASSERT_EQ(found[tensor.name]->dims_size(), static_cast<int>(tensor.shape.size()));
    for (std::size_t d = 0; d < tensor.shape.size(); ++d) {
      EXPECT_EQ(found[tensor.name]->dims(static_cast<int>(d)), static_cast<std::int64_t>(tensor.shape[d]));
    }
  }
  for (const auto& check : check_directory(folder / "onnx")) EXPECT_EQ(check.problem, "") << check.path;
}

TEST(Onnx, PutsManyWeightsBesideTheModel) {
  const TemporaryDirectory folder;
  const Model model = podium::tests::small_model();
  std::size_t bytes = 0;
  for (const auto& tensor : model.weights().tensors) bytes += bytes_of(tensor).size();
  written(model, folder / "inside", {.inline_bytes = bytes});
  EXPECT_FALSE(std::filesystem::exists(folder / "inside/model.onnx.data"));

  const auto read = written(model, folder / "outside", {.inline_bytes = bytes - 1});
  const std::string data = read_text(folder / "outside/model.onnx.data");
  std::size_t outside = 0;
  for (const auto& tensor : read.graph().initializer()) {
    if (tensor.data_location() != onnx::TensorProto::EXTERNAL) continue;
    ++outside;
    auto place = external_of(tensor);
    EXPECT_EQ(place["location"], "model.onnx.data");
    const std::size_t offset = std::stoul(place["offset"]), length = std::stoul(place["length"]);
    EXPECT_EQ(offset % 4096, 0U);
    ASSERT_LE(offset + length, data.size());
    EXPECT_EQ(data.substr(offset, length), bytes_of(model.weights().tensor(tensor.name()))) << tensor.name();
    EXPECT_FALSE(tensor.has_raw_data());
  }
  EXPECT_EQ(outside, model.weights().tensors.size());
}

TEST(Onnx, SaysWhatAnUnknownValueBecomes) {  // ONNX's own default would be -1
  const TemporaryDirectory folder;
  for (const std::string& name : podium::tests::names_of_kinds()) {
    const Model model = podium::tests::model_of_kind(name);
    std::set<std::string> hashed;
    for (const auto& feature : model.graph().features) {
      if (graph::unknown_indices_of(feature) > 1) hashed.insert("ids/" + graph::column_of(feature));
    }
    const auto read = written(model, folder / name);
    for (const auto& node : read.graph().node()) {
      if (node.op_type() != "LabelEncoder") continue;
      std::int64_t unknown = -2;
      for (const auto& attribute : node.attribute()) {
        if (attribute.name() == "default_int64" && attribute.has_i()) unknown = attribute.i();
      }
      EXPECT_EQ(unknown, hashed.contains(node.output(0)) ? -1 : 0) << name;
    }
  }
}

TEST(Onnx, AsksForTheFingerprintOfHashedText) {
  const TemporaryDirectory folder;
  const auto inputs_of = [&](const Model& model, OnnxGraph graph) {
    std::map<std::string, std::int32_t> inputs;
    const auto read = written(model, folder / "onnx", {.graph = graph});
    for (const auto& input : read.graph().input()) inputs[input.name()] = input.type().tensor_type().elem_type();
    return inputs;
  };
  const std::int32_t strings = 8, int64s = 7, uint64s = 13;
  using Inputs = std::map<std::string, std::int32_t>;
  EXPECT_EQ(inputs_of(podium::tests::model_of_kind("text_of_several_unknown_indices"), OnnxGraph::predict),
            (Inputs{{"user", strings}, {"title", strings}, {"title_fingerprint", uint64s}}));
  EXPECT_EQ(
      inputs_of(podium::tests::model_of_kind("empty_vocabularies_of_several_unknown_indices"), OnnxGraph::predict),
      (Inputs{{"user", strings}, {"user_fingerprint", uint64s}, {"year", int64s}}));
  GraphBuilder graph;
  graph.output("y", graph.dot(graph.embed(graph::Text{"user", 2}, {.name = "user", .dim = 2}),
                              graph.embed(graph::Text{"title", 3}, {.name = "title", .dim = 2})));
  const Table rows = podium::tests::rows_of_kinds();
  const Model ranks(graph, fit_features(graph.graph(), rows), {.user = "user", .item = "title"});
  EXPECT_EQ(inputs_of(ranks, OnnxGraph::rank),
            (Inputs{{"user", strings}, {"user_fingerprint", uint64s}, {"k", int64s}}))
      << "the items are known";
}

TEST(Onnx, WritesTheOpsetsThatItNamesAndNoOthers) {
  const TemporaryDirectory folder;
  const Model model = podium::tests::small_model();
  const std::map<std::int64_t, std::int64_t> versions = {{17, 8}, {18, 8}, {19, 9}, {20, 9}, {21, 10}};
  for (const auto& [opset, ir] : versions) {
    const auto read = written(model, folder / "onnx", {.opset = opset});  // replaces the one before
    EXPECT_EQ(read.ir_version(), ir);
    ASSERT_EQ(read.opset_import_size(), 2);
    EXPECT_EQ(read.opset_import(0).domain(), "");
    EXPECT_EQ(read.opset_import(0).version(), opset);
    EXPECT_EQ(read.opset_import(1).domain(), "ai.onnx.ml");
  }
  for (const std::int64_t opset : {-1, 0, 16, 22}) {
    const auto message = message_of([&] { write_onnx(loaded(model), folder / "other", {.opset = opset}); });
    EXPECT_NE(message.find("opset " + std::to_string(opset)), std::string::npos) << message;
  }
  EXPECT_FALSE(std::filesystem::exists(folder / "other"));
}

TEST(Onnx, SaysWhereTheModelComesFrom) {
  const TemporaryDirectory folder;
  const auto read = written(podium::tests::small_model(), folder / "onnx");
  std::map<std::string, std::string> metadata;
  for (const auto& entry : read.metadata_props()) metadata[entry.key()] = entry.value();
  EXPECT_EQ(metadata["podium.metrics"], R"({"rmse":0.95})");
  EXPECT_EQ(metadata["podium.vocabulary_sizes"], R"({"user":3,"title":4,"year":4})");
  EXPECT_EQ(metadata["podium.sources"], R"([{"role":"path","rows":4,"checksum":"49989e67ac5ceb6f4c031ce97276295b"}])");
  EXPECT_EQ(metadata["podium.format_version"], "1");
  EXPECT_EQ(read.producer_name(), "podium");
  EXPECT_FALSE(read.producer_version().empty());
}

TEST(Onnx, RanksWithUserAndItemAlone) {
  const TemporaryDirectory folder;
  const Model more = podium::tests::small_model();
  auto message = message_of([&] { write_onnx(loaded(more), folder / "onnx", {.graph = OnnxGraph::rank}); });
  EXPECT_NE(message.find("\"year\""), std::string::npos) << message;
  const Model pair = podium::tests::ranking_model("rank_text");
  const Model without_roles(pair.graph(), pair.features(), pair.weights(), {});
  message = message_of([&] { write_onnx(loaded(without_roles), folder / "onnx", {.graph = OnnxGraph::rank}); });
  EXPECT_NE(message.find("user column"), std::string::npos) << message;
  const Model one(pair.graph(), pair.features(), pair.weights(), {.user = "user", .item = "user"});
  EXPECT_THROW(write_onnx(loaded(one), folder / "onnx", {.graph = OnnxGraph::rank}), Error);
  EXPECT_FALSE(std::filesystem::exists(folder / "onnx"));
}

TEST(Onnx, RefusesColumnsNamedLikeItsOutputs) {
  const TemporaryDirectory folder;
  const Table table(
      {{"k", podium::tests::strings({"a", "b"}), {}}, {"output_1", podium::tests::strings({"c", "d"}), {}}});
  GraphBuilder builder;
  builder.output("y", builder.dot(builder.embed("k", 2), builder.embed("output_1", 2)));
  const Model model(builder, fit_features(builder.graph(), table), {.user = "k", .item = "output_1"});
  EXPECT_NE(message_of([&] { write_onnx(loaded(model), folder / "onnx", {}); }).find("\"output_1\""),
            std::string::npos);
  EXPECT_NE(message_of([&] { write_onnx(loaded(model), folder / "onnx", {.graph = OnnxGraph::rank}); }).find("\"k\""),
            std::string::npos);
}

TEST(Onnx, ColumnsMayBeNamedLikeItsOwnValues) {  // which then get other names
  const TemporaryDirectory folder;
  const Table table({{"value_0", podium::tests::strings({"a", "b"}), {}},
                     {"embedding/value_0/weight", podium::tests::strings({"c", "d"}), {}}});
  GraphBuilder builder;
  builder.output("y", builder.dot(builder.embed("value_0", 2), builder.embed("embedding/value_0/weight", 2)));
  const auto read = written(Model(builder, fit_features(builder.graph(), table), {}), folder / "onnx");
  std::set<std::string> names;
  for (const auto& input : read.graph().input()) EXPECT_TRUE(names.insert(input.name()).second);
  for (const auto& tensor : read.graph().initializer()) EXPECT_TRUE(names.insert(tensor.name()).second);
  for (const auto& node : read.graph().node()) {
    for (const auto& output : node.output()) EXPECT_TRUE(names.insert(output).second) << output;
  }
}
}  // namespace
}  // namespace podium::interop::tests
