#include "podium/interop/savedmodel/function_builder.h"

#include <utility>

namespace podium::interop::savedmodel {
FunctionBuilder::FunctionBuilder(std::string_view stem, std::size_t number) {
  function_.mutable_signature()->set_name("__inference_" + std::string(stem) + "_" + std::to_string(number));
  auto& attributes = *function_.mutable_attr();
  attributes["_construction_context"].set_s("kEagerRuntime");
  attributes["_input_shapes"].mutable_list();
}

std::string FunctionBuilder::argument(std::string_view name, tf::DataType type, const TensorShape& shape) {
  auto& argument = *function_.mutable_signature()->add_input_arg();
  argument.set_name(names_.unique(name));
  argument.set_type(type);
  *(*function_.mutable_attr())["_input_shapes"].mutable_list()->add_shape() = shape_proto(shape);
  return argument.name();
}

std::string FunctionBuilder::constant(std::string_view name, tf::TensorProto value) {
  return output(node(name, "Const", {}).tensor(std::move(value)), "output");
}

Node FunctionBuilder::node(std::string_view name, const char* operation, const std::vector<std::string>& inputs) {
  return add_node(*function_.mutable_node_def(), names_.unique(name), operation, inputs);
}

std::string FunctionBuilder::output(const Node& node, const char* name, std::size_t number) {
  return node.name() + ":" + name + ":" + std::to_string(number);
}

void FunctionBuilder::effect(const Node& node) {
  effects_.push_back(node.name());
  function_.mutable_signature()->add_control_output(node.name());
  (*function_.mutable_control_ret())[node.name()] = node.name();
  function_.mutable_signature()->set_is_stateful(true);
}

void FunctionBuilder::result(const std::string& value, tf::DataType type) { results_.push_back({value, type}); }

tf::FunctionDef FunctionBuilder::finish() {
  for (const auto& [value, type] : results_) {
    std::vector<std::string> inputs = {value};
    for (const std::string& effect : effects_) inputs.push_back("^" + effect);
    const Node identity = node("result", "Identity", inputs).type("T", type);
    auto& argument = *function_.mutable_signature()->add_output_arg();
    argument.set_name(identity.name());
    argument.set_type(type);
    (*function_.mutable_ret())[identity.name()] = output(identity, "output");
  }
  return std::move(function_);
}
}  // namespace podium::interop::savedmodel
