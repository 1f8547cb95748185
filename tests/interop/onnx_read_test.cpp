#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "podium/interop/onnx/read.h"
#include "podium/interop/onnx/write.h"
#include "podium/interop/proto/onnx.pb.h"
#include "tests/interop/kinds.h"

namespace podium::interop::tests {
namespace {
using podium::tests::loaded;
using podium::tests::message_of;
using podium::tests::TemporaryDirectory;

/// A model of one input, one output and the tensors that a test adds.
onnx::ModelProto small_onnx() {
  onnx::ModelProto model;
  model.set_ir_version(8);
  model.add_opset_import()->set_version(17);
  model.mutable_graph()->add_output()->set_name("y");
  return model;
}
onnx::TensorProto* add_tensor(onnx::ModelProto& model, std::int32_t type, const std::vector<std::int64_t>& shape) {
  auto* tensor = model.mutable_graph()->add_initializer();
  tensor->set_name("w");
  tensor->set_data_type(type);
  for (const std::int64_t size : shape) tensor->add_dims(size);
  return tensor;
}
void put_outside(onnx::TensorProto* tensor, const std::map<std::string, std::string>& place) {
  tensor->set_data_location(onnx::TensorProto::EXTERNAL);
  for (const auto& [key, value] : place) {
    auto* entry = tensor->add_external_data();
    entry->set_key(key);
    entry->set_value(value);
  }
}
OnnxContents read(const onnx::ModelProto& model, std::optional<std::uint64_t> size = std::nullopt) {
  return read_onnx(
      model.SerializeAsString(), [size](const std::string&) { return size; }, "model");
}
/// The one problem there is.
std::string problem_of(const OnnxContents& contents) {
  EXPECT_LE(contents.problems.size(), 1U);
  return contents.problems.empty() ? "" : contents.problems.front();
}

TEST(ReadOnnx, SaysWhatAnExportHolds) {
  const TemporaryDirectory folder;
  const Model model = podium::tests::small_model();
  write_onnx(loaded(model), folder / "onnx", {.opset = 19});
  const OnnxContents contents = read_onnx(folder / "onnx/model.onnx");
  EXPECT_EQ(contents.ir_version, 9);
  EXPECT_EQ(contents.opsets, (std::map<std::string, std::int64_t>{{"ai.onnx", 19}, {"ai.onnx.ml", 2}}));
  EXPECT_EQ(contents.producer, "podium");
  std::map<std::string, std::string> inputs;
  for (const auto& input : contents.inputs) inputs[input.name] = input.type;
  EXPECT_EQ(inputs, (std::map<std::string, std::string>{{"user", "string [batch]"},
                                                        {"title", "string [batch]"},
                                                        {"year", "int64 [batch]"},
                                                        {"price", "float [batch]"}}));
  ASSERT_EQ(contents.outputs.size(), 1U);
  EXPECT_EQ(contents.outputs[0].name + " " + contents.outputs[0].type, "output_1 float [batch, 1]");
  EXPECT_EQ(contents.operators.at("ai.onnx.ml.LabelEncoder"), 3U);
  EXPECT_EQ(contents.operators.at("Gemm"), 2U);
  std::size_t bytes = 0;
  for (const auto& tensor : model.weights().tensors) bytes += tensor.values.size() * sizeof(float);
  EXPECT_GE(contents.initializers, model.weights().tensors.size());
  EXPECT_GE(contents.initializer_bytes, bytes);
  EXPECT_LE(contents.initializer_bytes, bytes + 200);
  EXPECT_EQ(contents.metadata.front(), (std::pair<std::string, std::string>{"podium.format_version", "1"}));
  EXPECT_TRUE(contents.files.empty());
  EXPECT_EQ(problem_of(contents), "");
}

TEST(ReadOnnx, FindsNothingWrongInEveryKind) {
  const TemporaryDirectory folder;
  for (const std::string& name : podium::tests::names_of_kinds()) {
    write_onnx(loaded(podium::tests::model_of_kind(name)), folder / name, {.inline_bytes = 0});
    EXPECT_EQ(read_onnx(folder / (name + "/model.onnx")).problems, std::vector<std::string>{}) << name;
  }
}

TEST(ReadOnnx, LooksIntoBranchesAndFunctions) {
  onnx::ModelProto model = small_onnx();
  auto* branch = model.mutable_graph()->add_node();
  branch->set_op_type("If");
  auto* graph = branch->add_attribute()->mutable_g();
  graph->add_node()->set_op_type("Relu");
  put_outside(graph->add_initializer(), {{"location", "../weights"}});
  auto* node = model.add_functions()->add_node();
  node->set_op_type("Relu");
  node->set_domain("ai.onnx");
  const OnnxContents contents = read(model);
  EXPECT_EQ(contents.operators, (std::map<std::string, std::size_t>{{"If", 1}, {"Relu", 2}}));
  EXPECT_EQ(contents.initializers, 1U);
  ASSERT_EQ(contents.files.size(), 1U);
  EXPECT_EQ(contents.files[0].location, "../weights");
}

TEST(ReadOnnx, KnowsTypesThatPodiumDoesNotWrite) {
  onnx::ModelProto model = small_onnx();
  auto* type = model.mutable_graph()->mutable_output(0)->mutable_type();
  auto* map = type->mutable_sequence_type()->mutable_elem_type()->mutable_map_type();
  map->set_key_type(7);
  map->mutable_value_type()->mutable_tensor_type()->set_elem_type(1);
  auto* shape = model.mutable_graph()->add_input()->mutable_type()->mutable_tensor_type();
  shape->set_elem_type(99);
  shape->mutable_shape()->add_dim();
  shape->mutable_shape()->add_dim()->set_dim_value(3);
  const OnnxContents contents = read(model);
  EXPECT_EQ(contents.outputs[0].type, "sequence of map of int64 to float of any shape");
  EXPECT_EQ(contents.inputs[0].type, "type 99 [?, 3]");
}

TEST(ReadOnnx, HoldsATensorsDataAgainstItsTypeAndShape) {
  struct Case {
    std::int32_t type;
    std::vector<std::int64_t> shape;
    std::size_t raw;  // bytes
  };
  for (const auto& [type, shape, raw] :
       std::vector<Case>{{1, {2, 3}, 24}, {7, {}, 8}, {14, {2}, 16}, {22, {5}, 3}, {9, {0, 7}, 0}, {16, {3}, 6}}) {
    onnx::ModelProto model = small_onnx();
    auto* tensor = add_tensor(model, type, shape);
    tensor->set_raw_data(std::string(raw, '\0'));
    EXPECT_EQ(problem_of(read(model)), "") << type;
    EXPECT_EQ(read(model).initializer_bytes, raw) << type;
    tensor->mutable_raw_data()->push_back('\0');
    EXPECT_EQ(problem_of(read(model)),
              "the tensor \"w\": has " + std::to_string(raw + 1) + " bytes, which its type and shape have not");
  }
  onnx::ModelProto typed = small_onnx();
  auto* tensor = add_tensor(typed, 14, {2});  // complex64: two numbers each
  for (int i = 0; i < 4; ++i) tensor->add_float_data(1.0F);
  EXPECT_EQ(problem_of(read(typed)), "");
  EXPECT_EQ(read(typed).initializer_bytes, 16U);
  tensor->add_float_data(1.0F);
  EXPECT_EQ(problem_of(read(typed)), "the tensor \"w\": has 5 values, which its type and shape have not");
}

TEST(ReadOnnx, NamesShapesThatCanNotBe) {
  const std::int64_t large = std::int64_t{1} << 62;
  for (const std::vector<std::int64_t>& shape :
       {std::vector<std::int64_t>{-1}, {large, large}, {large, 4}, std::vector<std::int64_t>(65, 1)}) {
    onnx::ModelProto model = small_onnx();
    add_tensor(model, 1, shape)->set_raw_data("");
    EXPECT_NE(problem_of(read(model)), "");
  }
}

TEST(ReadOnnx, HoldsAPlaceAgainstTheFile) {
  struct Case {
    std::map<std::string, std::string> place;
    const char* problem;
  };
  const std::string most = "18446744073709551615", beyond = "18446744073709551616";
  for (const auto& [place, problem] : std::vector<Case>{
           {{{"location", "data"}}, ""},
           {{{"location", "data"}, {"offset", "0"}, {"length", "12"}}, ""},
           {{{"location", "data"}, {"offset", "1"}, {"length", "12"}}, "is 12 bytes from byte 1 of \"data\""},
           {{{"location", "data"}, {"offset", "13"}, {"length", "0"}}, "is 0 bytes from byte 13"},
           {{{"location", "data"}, {"offset", most}, {"length", "12"}}, "is 12 bytes from byte 18446744073709551615"},
           {{{"location", "data"}, {"offset", "1"}, {"length", most}}, "is 18446744073709551615 bytes from byte 1"},
           {{{"location", "data"}, {"offset", "4"}, {"length", "8"}}, "has 8 bytes in \"data\""},
           {{{"location", "data"}, {"offset", beyond}}, "is no number"},
           {{{"location", "data"}, {"offset", "-1"}}, "its offset \"-1\" is no number"},
           {{{"location", "data"}, {"length", "12x"}}, "its length \"12x\" is no number"},
           {{{"location", "data"}, {"length", ""}}, "is no number"}}) {
    onnx::ModelProto model = small_onnx();
    put_outside(add_tensor(model, 1, {3}), place);
    const std::string found = problem_of(read(model, 12));
    EXPECT_NE(found.find(problem), std::string::npos) << found;
    EXPECT_EQ(found.empty(), std::string(problem).empty()) << found;
  }
}

TEST(ReadOnnx, NamesLocationsThatAreNoFilesOfTheModel) {
  const TemporaryDirectory folder;
  std::filesystem::create_directories(folder / "model/below");
  std::ofstream(folder / "outside") << "secret";
  std::ofstream(folder / "model/below/data") << "123456789012";
  std::filesystem::create_symlink(folder / "outside", folder / "model/link");
  std::filesystem::create_symlink("below/data", folder / "model/inner");
  const auto problem = [&](const std::optional<std::string>& location) {
    onnx::ModelProto model = small_onnx();
    std::map<std::string, std::string> place;
    if (location) place["location"] = *location;
    put_outside(add_tensor(model, 1, {3}), place);
    std::ofstream(folder / "model/model.onnx", std::ios::binary) << model.SerializeAsString();
    const OnnxContents contents = read_onnx(folder / "model/model.onnx");
    EXPECT_EQ(contents.initializer_bytes, contents.problems.empty() ? 12U : 0U);
    return problem_of(contents);
  };
  EXPECT_EQ(problem("below/data"), "");
  EXPECT_EQ(problem("./below/data"), "");
  EXPECT_EQ(problem("inner"), "");
  EXPECT_EQ(problem("gone"), "the file \"gone\" is not there; copy all files of the model");
  for (const char* location : {"../outside", "below/../../outside", "..", "..\\outside", "below\\..\\..\\outside"}) {
    EXPECT_NE(problem(location).find("leaves the directory by \"..\""), std::string::npos) << location;
  }
  for (const std::string& location : {folder / "outside", std::string("\\x"), std::string("C:\\x")}) {
    EXPECT_NE(problem(location).find("is an absolute path"), std::string::npos) << location;
  }
  EXPECT_NE(problem("link").find("leaves the directory by a link"), std::string::npos) << problem("link");
  EXPECT_NE(problem("below").find("is no regular file"), std::string::npos);
  EXPECT_NE(problem("").find("is no name of a file"), std::string::npos);
  EXPECT_NE(problem(std::nullopt).find("is no name of a file"), std::string::npos);
  EXPECT_NE(problem(std::string("data\0x", 6)).find("has a NUL in it"), std::string::npos);
}

TEST(ReadOnnx, ShowsNoControlCharactersInMessages) {
  onnx::ModelProto model = small_onnx();
  add_tensor(model, 1, {3})->set_name("\x1b[31m\xff\n" + std::string(1000, 'x'));
  const std::string problem = problem_of(read(model));
  EXPECT_TRUE(problem.starts_with("the tensor \"\\x1b[31m\\xff\\x0axxx")) << problem;
  EXPECT_LT(problem.size(), 300U);
}

TEST(ReadOnnx, NamesTheFirstProblemsOfMany) {
  onnx::ModelProto model = small_onnx();
  for (int i = 0; i < 1000; ++i) add_tensor(model, 1, {3});
  EXPECT_EQ(read(model).problems.size(), 20U);
  EXPECT_EQ(read(model).initializers, 1000U);
}

TEST(ReadOnnx, RefusesWhatIsNoModel) {
  const TemporaryDirectory folder;
  write_onnx(loaded(podium::tests::small_model()), folder / "onnx", {});
  const std::string text = podium::tests::read_text(folder / "onnx/model.onnx");
  const auto refusal = [](const std::string& bytes) {
    return message_of([&] {
      read_onnx(
          bytes, [](const std::string&) { return std::nullopt; }, "m.onnx");
    });
  };
  for (const std::string& bytes : {std::string(), std::string("x"), text.substr(0, text.size() - 1), text + "\x7f"}) {
    EXPECT_EQ(refusal(bytes), "m.onnx: is no ONNX model; the file is cut, damaged or of another format");
  }
  EXPECT_NE(message_of([&] { read_onnx(folder / "nothing.onnx"); }), "no error");
  onnx::ModelProto bare;
  bare.mutable_graph();
  EXPECT_EQ(read(bare).problems.size(), 3U);  // no version, no operators' version, no outputs
}

TEST(ReadOnnx, RefusesGraphsThatNestTooDeep) {
  onnx::ModelProto model = small_onnx();
  auto* graph = model.mutable_graph();
  for (int depth = 0; depth < 200; ++depth) graph = graph->add_node()->add_attribute()->mutable_g();
  EXPECT_NE(message_of([&] { read(model); }), "no error");
}
}  // namespace
}  // namespace podium::interop::tests
