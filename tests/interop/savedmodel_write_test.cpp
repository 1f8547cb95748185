#include <gtest/gtest.h>

#include <cctype>
#include <set>

#include "podium/core/manifest.h"
#include "podium/interop/proto/tensorflow.pb.h"
#include "podium/interop/savedmodel/write.h"
#include "podium/model/save.h"
#include "tests/interop/bundle_of.h"
#include "tests/interop/kinds.h"

namespace podium::interop {
namespace {
using tests::bundle_of, tests::loaded, tests::message_of, tests::read_text, tests::TemporaryDirectory;

/// An export in a folder of its own, and what TensorFlow would find in it.
struct Export {
  explicit Export(const LoadedModel& model, const SavedModelOptions& options = {}) {
    write_saved_model(model, path, options);
    EXPECT_TRUE(saved.ParseFromString(read_text(path + "/saved_model.pb")));
    bundle = bundle_of(path + "/variables/variables");
    EXPECT_TRUE(objects.ParseFromString(tests::text_of(bundle.at("_CHECKPOINTABLE_OBJECT_GRAPH"))));
  }
  const tf::MetaGraphDef& meta() const { return saved.meta_graphs(0); }

  TemporaryDirectory folder;
  std::string path = folder / "export";
  tf::SavedModel saved;
  std::map<std::string, tests::BundleTensor> bundle;
  tf::TrackableObjectGraph objects;
};

bool is_node_name(const std::string& name) {
  const auto is_plain = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; };
  if (name.empty() || !is_plain(name.front())) return false;
  return std::ranges::all_of(name, [&](char c) { return is_plain(c) || c == '_' || c == '/'; });
}

using Functions = std::map<std::string, tf::OpDef>;

/// Every input is a node or argument that is there, every call fits the function's types.
void expect_sound(const google::protobuf::RepeatedPtrField<tf::NodeDef>& nodes, std::set<std::string> known,
                  const Functions& functions, const std::string& where) {
  for (const auto& node : nodes) {
    EXPECT_TRUE(is_node_name(node.name())) << where << " " << node.name();
    EXPECT_TRUE(known.insert(node.name()).second) << where << " has two nodes " << node.name();
  }
  for (const auto& node : nodes) {
    for (std::string input : node.input()) {
      input = input.substr(input.starts_with('^') ? 1 : 0);
      EXPECT_TRUE(known.contains(input.substr(0, input.find(':'))))
          << where << " " << node.name() << " reads " << input;
    }
    if (node.op() != "StatefulPartitionedCall") continue;
    const auto called = functions.find(node.attr().at("f").func().name());
    ASSERT_NE(called, functions.end()) << where;
    ASSERT_EQ(node.input_size(), called->second.input_arg_size()) << node.name();
    for (int i = 0; i < node.input_size(); ++i) {
      EXPECT_EQ(node.attr().at("Tin").list().type(i), called->second.input_arg(i).type()) << node.name();
    }
    EXPECT_EQ(node.attr().at("Tout").list().type_size(), called->second.output_arg_size()) << node.name();
  }
}

class SavedModelOf : public testing::TestWithParam<std::string> {};

TEST_P(SavedModelOf, HasASoundGraph) {
  const Export made(loaded(tests::model_of_kind(GetParam())));
  const auto& graph = made.meta().graph_def();
  Functions functions;
  for (const auto& function : graph.library().function()) {
    EXPECT_TRUE(functions.emplace(function.signature().name(), function.signature()).second);
  }
  expect_sound(graph.node(), {}, functions, "graph");
  for (const auto& function : graph.library().function()) {
    std::set<std::string> arguments;
    for (const auto& argument : function.signature().input_arg()) arguments.insert(argument.name());
    expect_sound(function.node_def(), arguments, functions, function.signature().name());
    for (const auto& result : function.signature().output_arg()) EXPECT_TRUE(function.ret().contains(result.name()));
  }
  for (const auto& [name, function] : made.meta().object_graph_def().concrete_functions()) {
    ASSERT_TRUE(functions.contains(name));
    EXPECT_LE(function.bound_inputs_size(), functions.at(name).input_arg_size()) << name;
  }
}

/// The operations of a function that read or change what outlives it. RestoreV2 is one too, but TensorFlow counts it
/// out.
bool is_effect(const std::string& operation) {
  return std::set<std::string>{
      "AssignVariableOp", "HashTableV2", "LookupTableFindV2",      "LookupTableImportV2", "ReadVariableOp",
      "ResourceGather",   "SaveV2",      "StatefulPartitionedCall"}
      .contains(operation);
}

TEST_P(SavedModelOf, NamesEveryEffectAmongAFunctionsControlOutputs) {  // else it can't be inlined, and not be frozen
  const Export made(loaded(tests::model_of_kind(GetParam())));
  for (const auto& function : made.meta().graph_def().library().function()) {
    std::set<std::string> effects;
    for (const auto& node : function.node_def()) {
      if (is_effect(node.op())) effects.insert(node.name());
    }
    const auto& named = function.signature().control_output();
    const std::string& where = function.signature().name();
    EXPECT_EQ(std::set<std::string>(named.begin(), named.end()), effects) << where;
    EXPECT_EQ(function.control_ret().size(), effects.size()) << where;
    EXPECT_EQ(function.signature().is_stateful(), !effects.empty()) << where;
    for (const std::string& effect : effects) EXPECT_EQ(function.control_ret().at(effect), effect) << where;
  }
}

TEST_P(SavedModelOf, GivesResultsNamesOfTheirOwn) {  // OpenVINO follows a result that is called as its node for ever
  const Export made(loaded(tests::model_of_kind(GetParam())));
  for (const auto& function : made.meta().graph_def().library().function()) {
    std::set<std::string> taken;
    for (const auto& node : function.node_def()) taken.insert(node.name());
    for (const auto* arguments : {&function.signature().input_arg(), &function.signature().output_arg()}) {
      for (const auto& argument : *arguments) {
        EXPECT_TRUE(taken.insert(argument.name()).second) << function.signature().name() << " " << argument.name();
        EXPECT_TRUE(std::ranges::all_of(argument.name(), [](char c) {
          return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
        })) << argument.name();
      }
    }
  }
}

TEST_P(SavedModelOf, StatesTheShapeOfEveryOutput) {
  const Export made(loaded(tests::model_of_kind(GetParam())));
  const auto& graph = made.meta().graph_def();
  const auto stated = [](const tf::NodeDef& node) { return node.attr().at("_output_shapes").list(); };
  for (const auto& node : graph.node()) {
    if (node.op() == "StatefulPartitionedCall") {
      EXPECT_EQ(stated(node).shape_size(), node.attr().at("Tout").list().type_size());
    }
    if (node.op() == "Const") {
      EXPECT_EQ(stated(node).shape(0).SerializeAsString(),
                node.attr().at("value").tensor().tensor_shape().SerializeAsString());
    }
  }
  const auto& output = made.meta().signature_def().at("serving_default").outputs().begin()->second;
  const auto served = std::ranges::find(graph.node(), "StatefulPartitionedCall", &tf::NodeDef::name);
  ASSERT_NE(served, graph.node().end());
  EXPECT_TRUE(output.name().starts_with("StatefulPartitionedCall:")) << "as TensorFlow's own exports call it";
  const int place = std::stoi(output.name().substr(output.name().find(':') + 1));
  EXPECT_EQ(stated(*served).shape(place).SerializeAsString(), output.tensor_shape().SerializeAsString());
  for (const auto& function : graph.library().function()) {
    for (const auto& node : function.node_def()) {
      const bool gives_nothing =
          std::set<std::string>{"NoOp", "AssignVariableOp", "LookupTableImportV2", "SaveV2"}.contains(node.op());
      EXPECT_EQ(stated(node).shape_size() == 0, gives_nothing) << function.signature().name() << " " << node.name();
    }
  }
}

TEST_P(SavedModelOf, HasObjectsThatFindTheirWeights) {
  const LoadedModel model = loaded(tests::model_of_kind(GetParam()));
  const Export made(model);
  const auto& saved = made.meta().object_graph_def();
  ASSERT_EQ(saved.nodes_size(), made.objects.nodes_size());
  std::size_t variables = 0;
  for (int i = 0; i < saved.nodes_size(); ++i) {
    for (const auto& child : saved.nodes(i).children()) EXPECT_LT(child.node_id(), saved.nodes_size());
    if (!saved.nodes(i).has_variable()) continue;
    const auto& weights = model.model.weights().tensors[variables++];
    ASSERT_EQ(made.objects.nodes(i).attributes_size(), 1);
    const auto& tensor = made.bundle.at(made.objects.nodes(i).attributes(0).checkpoint_key());
    ASSERT_EQ(static_cast<std::size_t>(tensor.entry.shape().dim_size()), weights.shape.size());
    EXPECT_EQ(saved.nodes(i).variable().shape().SerializeAsString(), tensor.entry.shape().SerializeAsString());
    const auto bytes = std::as_bytes(std::span(weights.values));
    EXPECT_EQ(tensor.bytes, std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size())) << weights.name;
  }
  EXPECT_EQ(variables, model.model.weights().tensors.size());
  EXPECT_EQ(made.bundle.size(), variables + 1);
}

TEST_P(SavedModelOf, HasTheSameBytesEveryTime) {
  const LoadedModel model = loaded(tests::model_of_kind(GetParam()));
  EXPECT_EQ(tests::contents_of(Export(model).path), tests::contents_of(Export(model).path));
}

INSTANTIATE_TEST_SUITE_P(EveryKind, SavedModelOf, testing::ValuesIn(tests::names_of_saved_model_kinds()),
                         [](const auto& kind) { return kind.param; });

TEST(SavedModel, IsADirectoryWithAManifest) {
  const Export made(loaded(tests::model_of_kind("everything")));
  std::set<std::string> names;
  for (const auto& [name, file] : open_verified(made.path)) names.insert(name);
  EXPECT_EQ(names, (std::set<std::string>{"saved_model.pb", "variables/variables.data-00000-of-00001",
                                          "variables/variables.index"}));
}

TEST(SavedModel, NamesInputsByColumnAndOutputsAsTensorFlowDoes) {
  const Export made(loaded(tests::model_of_kind("everything")));
  const auto& signature = made.meta().signature_def().at("serving_default");
  EXPECT_EQ(signature.method_name(), "tensorflow/serving/predict");
  EXPECT_EQ(signature.inputs().size(), 4U);
  EXPECT_EQ(signature.inputs().at("user").dtype(), tf::DT_STRING);
  EXPECT_EQ(signature.inputs().at("year").dtype(), tf::DT_INT64);
  EXPECT_EQ(signature.inputs().at("price").dtype(), tf::DT_FLOAT);
  const auto& output = signature.outputs().at("output_1");
  EXPECT_EQ(output.dtype(), tf::DT_FLOAT);
  ASSERT_EQ(output.tensor_shape().dim_size(), 2);
  EXPECT_EQ(output.tensor_shape().dim(0).size(), -1);
  EXPECT_EQ(output.tensor_shape().dim(1).size(), 1);
  EXPECT_EQ(made.meta().meta_info_def().tags(0), "serve");
}

TEST(SavedModel, GivesColumnsThatPythonCantNameAnother) {
  const Export made(loaded(tests::model_of_kind("names")));
  std::set<std::string> names;
  for (const auto& [name, info] : made.meta().signature_def().at("serving_default").inputs()) names.insert(name);
  // "second_title" keeps its name, so "second title" has another; "Käufer" and "class" are no parameters of Python's.
  EXPECT_EQ(names,
            (std::set<std::string>{"second_title", "second_title_1", "K_ufer", "arg_class", "secondZ", "stars"}));
}

TEST(SavedModel, SharesAVocabularyThatFeaturesShare) {
  const Export made(loaded(tests::model_of_kind("shared_table")));
  const auto is_table = [](const auto& node) { return node.op() == "HashTableV2"; };
  EXPECT_EQ(std::ranges::count_if(made.meta().graph_def().node(), is_table), 1);
}

TEST(SavedModel, FillsEveryTable) {  // TensorFlow loads no model whose table is filled with nothing
  const Export made(loaded(tests::model_of_kind("empty_vocabularies")));
  std::size_t found = 0;
  for (const auto& node : made.meta().graph_def().node()) {
    if (node.op() != "Const" || !node.name().ends_with("/indices")) continue;
    const auto& tensor = node.attr().at("value").tensor();
    EXPECT_EQ(tensor.tensor_shape().dim(0).size(), 1);
    EXPECT_EQ(tensor.tensor_content(), std::string(8, '\0')) << "the one value is the unknown, row 0";
    ++found;
  }
  EXPECT_EQ(found, 2U);
}

TEST(SavedModel, RefusesAColumnOfTwoTypes) {
  GraphBuilder builder;
  const auto text = builder.embed("year", 1),
             whole = builder.embed(graph::Integer{"year"}, {.name = "years", .dim = 1});
  builder.output("y", builder.add({text, whole}));
  const Table rows = tests::rows_of_kinds();
  const LoadedModel model = loaded({builder, fit_features(builder.graph(), rows), {}});
  const TemporaryDirectory folder;
  const std::string message = message_of([&] { write_saved_model(model, folder / "export", {}); });
  EXPECT_NE(message.find("column \"year\": two features read it as values of different types"), std::string::npos)
      << message;
  EXPECT_TRUE(list_directory(folder.path()).empty());
}

// ---- with the optimizer ----
constexpr const char* kAdagrad =
    R"({"step": 30, "optimizer": {"kind": "adagrad", "learning_rate": 0.1, "epsilon_outside": false}})";

/// A model with accumulators like its weights, but `shift` larger.
LoadedModel with_accumulators(const std::string& state, const std::vector<std::vector<float>>& slots) {
  LoadedModel made = loaded(tests::model_of_kind("everything"));
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const auto& weights = made.model.weights().tensors[i];
    made.record.resume.push_back(view_of(weights.name + "/accumulator", weights.shape, slots[i]));
  }
  made.record.resume_state = state;
  return made;
}
std::vector<std::vector<float>> slots_of_everything() {
  std::vector<std::vector<float>> slots;
  const Model model = tests::model_of_kind("everything");
  for (const auto& tensor : model.weights().tensors) {
    slots.emplace_back(tensor.values.size(), 0.5F + static_cast<float>(slots.size()));
  }
  return slots;
}

TEST(SavedModelWithOptimizer, HoldsAccumulatorsWhereKerasLooks) {
  const auto slots = slots_of_everything();
  const Export made(with_accumulators(kAdagrad, slots), {.with_optimizer = true});
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const auto& tensor =
        made.bundle.at("optimizer/_variables/" + std::to_string(i + 1) + "/.ATTRIBUTES/VARIABLE_VALUE");
    float first = 0;
    std::memcpy(&first, tensor.bytes.data(), sizeof first);
    EXPECT_EQ(first, slots[i].front());
    EXPECT_EQ(tensor.bytes.size(), slots[i].size() * sizeof(float));
  }
  EXPECT_EQ(made.bundle.at("optimizer/_iterations/.ATTRIBUTES/VARIABLE_VALUE").bytes,
            std::string("\x1e\0\0\0\0\0\0\0", 8));
}

TEST(SavedModelWithOptimizer, NamesSlotsForTheLegacyAdagradIfItWasThat) {
  std::string state = kAdagrad;
  state.replace(state.find("false"), 5, "true");
  const auto slots = slots_of_everything();
  const Export made(with_accumulators(state, slots), {.with_optimizer = true});
  std::size_t found = 0;
  for (const auto& object : made.objects.nodes()) found += static_cast<std::size_t>(object.slot_variables_size());
  EXPECT_EQ(found, slots.size());
  EXPECT_TRUE(made.bundle.contains("variables/0/.OPTIMIZER_SLOT/optimizer/accumulator/.ATTRIBUTES/VARIABLE_VALUE"));
  EXPECT_TRUE(made.bundle.contains("optimizer/iter/.ATTRIBUTES/VARIABLE_VALUE"));
}

TEST(SavedModelWithOptimizer, SaysWhatIsMissing) {
  const TemporaryDirectory folder;
  const auto refusal = [&](const LoadedModel& model) {
    return message_of([&] { write_saved_model(model, folder / "export", {.with_optimizer = true}); });
  };
  EXPECT_EQ(refusal(loaded(tests::model_of_kind("everything"))),
            "models/m/1: has no accumulators of Adagrad, it was saved without an optimizer; export it without "
            "--with-optimizer");
  EXPECT_EQ(refusal(with_accumulators(R"({"step": 1, "optimizer": {"kind": "adam"}})", {})),
            "models/m/1: has no accumulators of Adagrad, its optimizer was adam; export it without --with-optimizer");
  EXPECT_EQ(refusal(with_accumulators(kAdagrad, {})),
            "models/m/1: has no accumulator of embedding/user/weight; export it without --with-optimizer");
  for (const char* state :
       {"{", "[]", "7", R"({"step": "x"})", R"({"optimizer": {"kind": 7}})", R"({"optimizer": {"kind": "adagrad"}})"}) {
    EXPECT_NE(refusal(with_accumulators(state, {})).find("models/m/1: the optimizer's state"), std::string::npos)
        << state;
  }
  auto slots = slots_of_everything();
  LoadedModel by_row = with_accumulators(kAdagrad, slots);
  by_row.record.resume.front() = view_of("embedding/user/weight/accumulator", std::span(slots.front()).first(5));
  EXPECT_NE(refusal(by_row).find("are one a row (row_wise)"), std::string::npos);
  EXPECT_TRUE(list_directory(folder.path()).empty());
}
}  // namespace
}  // namespace podium::interop
