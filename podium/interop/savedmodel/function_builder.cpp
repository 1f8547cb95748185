#include "podium/interop/savedmodel/function_builder.h"

#include <algorithm>
#include <array>
#include <utility>

namespace podium::interop::savedmodel {
namespace {
/// The operations that TensorFlow counts among a function's effects: Grappler inlines no function that hides one of
/// them. RestoreV2 has state too, but only reads a file; TensorFlow leaves it out.
constexpr std::array<std::string_view, 8> kEffects = {
    "AssignVariableOp", "HashTableV2", "LookupTableFindV2",      "LookupTableImportV2", "ReadVariableOp",
    "ResourceGather",   "SaveV2",      "StatefulPartitionedCall"};

/// In small letters, digits and _: what TensorFlow allows as the name of an argument or a result.
std::string small(std::string_view name) {
  std::string made;
  for (const char c : name) {
    made.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : is_letter_or_digit(c) ? c : '_');
  }
  return made;
}
}  // namespace

FunctionBuilder::FunctionBuilder(std::string_view stem, std::size_t number) {
  function_.mutable_signature()->set_name("__inference_" + std::string(stem) + "_" + std::to_string(number));
  auto& attributes = *function_.mutable_attr();
  attributes["_construction_context"].set_s("kEagerRuntime");
  attributes["_input_shapes"].mutable_list();
}

tf::OpDef::ArgDef& FunctionBuilder::add_argument(std::string_view name, tf::DataType type, const TensorShape& shape) {
  auto& signature = *function_.mutable_signature();
  auto& attributes = (*function_.mutable_arg_attr())[static_cast<std::uint32_t>(signature.input_arg_size())];
  (*attributes.mutable_attr())["_user_specified_name"].set_s(std::string(name));
  auto& argument = *signature.add_input_arg();
  argument.set_name(names_.unique(small(name)));
  argument.set_type(type);
  *(*function_.mutable_attr())["_input_shapes"].mutable_list()->add_shape() = shape_proto(shape);
  if (type != tf::DT_RESOURCE) {
    *(*attributes.mutable_attr())["_output_shapes"].mutable_list()->add_shape() = shape_proto(shape);
  }
  return argument;
}

std::string FunctionBuilder::argument(std::string_view name, tf::DataType type, const TensorShape& shape) {
  return add_argument(name, type, shape).name();
}

std::string FunctionBuilder::variable(std::string_view name, const TensorShape& shape) {
  auto& argument = add_argument(name, tf::DT_RESOURCE, {});
  auto& holds = *argument.add_handle_data();
  holds.set_dtype(tf::DT_FLOAT);
  *holds.mutable_shape() = shape_proto(shape);
  return argument.name();
}

std::string FunctionBuilder::constant(std::string_view name, tf::TensorProto value) {
  const TensorShape shape = shape_of(value.tensor_shape());
  return output(node(name, "Const", {}, {shape}).tensor(std::move(value)), "output");
}

Node FunctionBuilder::node(std::string_view name, const char* operation, const std::vector<std::string>& inputs,
                           const std::vector<TensorShape>& shapes) {
  const Node made = add_node(*function_.mutable_node_def(), names_.unique(name), operation, inputs, shapes);
  if (std::ranges::find(kEffects, operation) != kEffects.end()) {
    function_.mutable_signature()->add_control_output(made.name());
    (*function_.mutable_control_ret())[made.name()] = made.name();
    function_.mutable_signature()->set_is_stateful(true);
  }
  return made;
}

std::string FunctionBuilder::output(const Node& node, const char* name, std::size_t number) {
  return node.name() + ":" + name + ":" + std::to_string(number);
}

void FunctionBuilder::result(const std::string& value, tf::DataType type, const TensorShape& shape) {
  results_.push_back({value, type, shape});
}

tf::FunctionDef FunctionBuilder::finish() {
  std::vector<std::string> effects;
  for (const std::string& name : function_.signature().control_output()) effects.push_back("^" + name);
  const std::string all = effects.empty() ? "" : "^" + node("NoOp", "NoOp", effects, {}).name();
  for (const auto& [value, type, shape] : results_) {
    std::vector<std::string> inputs = {value};
    if (!all.empty()) inputs.push_back(all);
    const Node identity = node("Identity", "Identity", inputs, {shape}).type("T", type);
    auto& result = *function_.mutable_signature()->add_output_arg();
    // Never the name of a node: OpenVINO looks up a result among both, and would follow it to itself for ever.
    result.set_name(names_.unique(small(identity.name())));
    result.set_type(type);
    (*function_.mutable_ret())[result.name()] = output(identity, "output");
  }
  return std::move(function_);
}
}  // namespace podium::interop::savedmodel
