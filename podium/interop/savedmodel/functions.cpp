#include "podium/interop/savedmodel/functions.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "podium/interop/savedmodel/bundle_write.h"
#include "podium/interop/savedmodel/function_builder.h"

namespace podium::interop::savedmodel {
namespace {
/// The keys of a checkpoint and, for each, which slice of the tensor: all of it.
struct CheckpointNames {
  std::string keys, slices;
};
CheckpointNames checkpoint_names(FunctionBuilder& function, const std::string& operation,
                                 const std::vector<std::string>& keys) {
  return {function.constant(operation + "/tensor_names", texts(keys)),
          function.constant(operation + "/shape_and_slices", texts(std::vector<std::string>(keys.size())))};
}

/// Answers the file prefix once all effects have happened.
tf::FunctionDef answering(FunctionBuilder& function, const std::string& prefix) {
  function.result(prefix, tf::DT_STRING, {});
  return function.finish();
}
}  // namespace

TableFunctions table_functions(const ExportTable& table, std::int64_t size, std::size_t number) {
  FunctionBuilder create("_creator", number);
  const Node made = create.node("hash_table", "HashTableV2", {}, {{}})
                        .type("key_dtype", table.key_type)
                        .type("value_dtype", tf::DT_INT64)
                        .text("shared_name", table.shared_name);
  create.result(FunctionBuilder::output(made, "table_handle"), tf::DT_RESOURCE, {});

  FunctionBuilder initialize("_initializer", number);
  const std::string handle = initialize.argument("table_handle", tf::DT_RESOURCE, {});
  const std::string keys = initialize.argument("keys", table.key_type, {size});
  const std::string values = initialize.argument("values", tf::DT_INT64, {size});
  initialize.node("LookupTableImportV2", "LookupTableImportV2", {handle, keys, values}, {})
      .type("Tin", table.key_type)
      .type("Tout", tf::DT_INT64);
  initialize.result(initialize.constant("Const", scalar_int32(1)), tf::DT_INT32, {});

  FunctionBuilder destroy("_destroyer", number);
  destroy.result(destroy.constant("Const", scalar_int32(1)), tf::DT_INT32, {});
  return {create.finish(), initialize.finish(), destroy.finish()};
}

tf::FunctionDef signature_function(const ExportPlan& plan, const tf::FunctionDef& compute) {
  FunctionBuilder function("signature_wrapper", 0);
  std::vector<std::string> arguments(plan.inputs.size());
  for (const std::size_t place : inputs_by_name(plan)) {
    arguments[place] = function.argument(plan.inputs[place].name, plan.inputs[place].type, {-1});
  }
  for (const ExportTable& table : plan.tables) arguments.push_back(function.argument(table.name, tf::DT_RESOURCE, {}));
  for (const ExportVariable& variable : plan.variables) {
    arguments.push_back(function.variable(variable.name, variable.shape()));
  }
  const Node call =
      function.node("StatefulPartitionedCall", "StatefulPartitionedCall", arguments, result_shapes(compute))
          .calls(compute);
  for (const std::size_t place : outputs_by_key(plan)) {
    function.result(FunctionBuilder::output(call, "output", place), tf::DT_FLOAT, plan.outputs[place].shape());
  }
  return function.finish();
}

tf::FunctionDef save_function(const ExportPlan& plan, const std::vector<std::string>& keys) {
  FunctionBuilder function("_traced_save", 0);
  const std::string prefix = function.argument("file_prefix", tf::DT_STRING, {});
  std::vector<std::string> handles, values;
  for (const ExportVariable& variable : plan.variables) {
    handles.push_back(function.variable(variable.name, variable.shape()));
  }
  const std::string object_graph = function.argument("object_graph", tf::DT_STRING, {});
  std::vector<tf::DataType> types;
  for (std::size_t i = 0; i < handles.size(); ++i) {
    const Node read = function.node("Read/ReadVariableOp", "ReadVariableOp", {handles[i]}, {plan.variables[i].shape()})
                          .type("dtype", tf::DT_FLOAT);
    values.push_back(FunctionBuilder::output(read, "value"));
    types.push_back(tf::DT_FLOAT);
  }
  std::vector<std::string> all_keys = keys;
  all_keys.emplace_back(kObjectGraphKey);
  values.push_back(object_graph);
  types.push_back(tf::DT_STRING);
  const auto [names, slices] = checkpoint_names(function, "SaveV2", all_keys);
  std::vector<std::string> inputs = {prefix, names, slices};
  inputs.insert(inputs.end(), values.begin(), values.end());
  function.node("SaveV2", "SaveV2", inputs, {}).types("dtypes", types);
  return answering(function, prefix);
}

tf::FunctionDef restore_function(const ExportPlan& plan, const std::vector<std::string>& keys) {
  FunctionBuilder function("_traced_restore", 0);
  const std::string prefix = function.argument("file_prefix", tf::DT_STRING, {});
  std::vector<std::string> handles;
  for (const ExportVariable& variable : plan.variables) {
    handles.push_back(function.variable(variable.name, variable.shape()));
  }
  if (!keys.empty()) {
    const auto [names, slices] = checkpoint_names(function, "RestoreV2", keys);
    std::vector<TensorShape> shapes;
    for (const ExportVariable& variable : plan.variables) shapes.push_back(variable.shape());
    const Node restore = function.node("RestoreV2", "RestoreV2", {prefix, names, slices}, shapes)
                             .types("dtypes", std::vector<tf::DataType>(keys.size(), tf::DT_FLOAT));
    for (std::size_t i = 0; i < handles.size(); ++i) {
      function
          .node("AssignVariableOp", "AssignVariableOp", {handles[i], FunctionBuilder::output(restore, "tensors", i)},
                {})
          .type("dtype", tf::DT_FLOAT);
    }
  }
  return answering(function, prefix);
}

std::vector<std::size_t> inputs_by_name(const ExportPlan& plan) {
  std::vector<std::size_t> places(plan.inputs.size());
  std::iota(places.begin(), places.end(), 0);
  std::ranges::sort(places, {}, [&](std::size_t place) { return plan.inputs[place].name; });
  return places;
}

std::vector<std::size_t> outputs_by_key(const ExportPlan& plan) {
  std::vector<std::size_t> places(plan.outputs.size());
  std::iota(places.begin(), places.end(), 0);
  std::ranges::sort(places, {}, [&](std::size_t place) { return plan.outputs[place].key; });
  return places;
}
}  // namespace podium::interop::savedmodel
