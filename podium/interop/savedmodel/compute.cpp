#include "podium/interop/savedmodel/compute.h"

#include <algorithm>
#include <map>
#include <numbers>
#include <utility>
#include <variant>

#include "podium/interop/savedmodel/function_builder.h"

namespace podium::interop::savedmodel {
namespace {
const TensorShape kRows = {-1};

/// Writes one node after another; values_ holds by which reference the next ones read each.
class Compute {
 public:
  explicit Compute(const ExportPlan& plan) : plan_(plan), function_("__call__", 0) {
    for (const ExportInput& input : plan.inputs) inputs_.push_back(function_.argument(input.name, input.type, kRows));
    for (const ExportTable& table : plan.tables) {
      tables_.push_back(function_.argument(table.name, tf::DT_RESOURCE, {}));
    }
    for (const ExportVariable& variable : plan.variables) {
      variables_[variable.values.name] = {function_.variable(variable.name, variable.shape()), variable.shape()};
    }
    ids_.resize(plan.graph->features.size());
  }

  tf::FunctionDef finish() {
    for (const graph::Node& node : plan_.graph->nodes) {
      shape_ = {-1, static_cast<std::int64_t>(plan_.widths[values_.size()])};
      values_.push_back(std::visit(*this, node));
    }
    for (const ExportOutput& output : plan_.outputs) {
      function_.result(values_[output.value], tf::DT_FLOAT, output.shape());
    }
    return function_.finish();
  }

  // ---- the kinds of node: each returns the reference of its output, [rows, width] ----
  // A feature has one value a row, so the combiner has nothing to combine.
  std::string operator()(const graph::Lookup& node) {
    const std::string& table = plan_.graph->tables[node.table].name;
    const std::string& weight = variables_.at("embedding/" + table + "/weight").name;
    const Node gather =
        function_
            .node("embedding/" + table + "/embedding_lookup", "ResourceGather", {weight, ids(node.feature)}, {shape_})
            .type("dtype", tf::DT_FLOAT)
            .type("Tindices", tf::DT_INT64);
    return FunctionBuilder::output(gather, "output");
  }
  std::string operator()(const graph::Input& node) {
    const ExportInput& input = plan_.inputs[plan_.input_of[node.feature]];
    const Node column =
        function_.node("column/" + input.name, "ExpandDims", {inputs_[plan_.input_of[node.feature]], axis()}, {shape_})
            .type("T", tf::DT_FLOAT)
            .type("Tdim", tf::DT_INT32);
    return FunctionBuilder::output(column, "output");
  }
  std::string operator()(const graph::Concat& node) {
    if (node.inputs.size() == 1) return values_[node.inputs.front()];  // ConcatV2 wants two
    std::vector<std::string> inputs = values_of(node.inputs);
    inputs.push_back(axis());
    const Node concat = function_.node("concat", "ConcatV2", inputs, {shape_})
                            .number("N", static_cast<std::int64_t>(node.inputs.size()))
                            .type("T", tf::DT_FLOAT)
                            .type("Tidx", tf::DT_INT32);
    return FunctionBuilder::output(concat, "output");
  }
  std::string operator()(const graph::Dense& node) {
    const Node product = function_
                             .node(node.name + "/MatMul", "MatMul",
                                   {values_[node.input], read(node.name + "/MatMul", node.name + "/kernel")}, {shape_})
                             .type("T", tf::DT_FLOAT);
    std::string value = FunctionBuilder::output(product, "product");
    if (node.use_bias) value = biased(node.name, value);
    return activated(node.activation, node.name, value);
  }
  std::string operator()(const graph::Dot& node) {
    const TensorShape sum_shape = std::exchange(shape_, {-1, static_cast<std::int64_t>(plan_.widths[node.left])});
    const std::string product = binary("dot/mul", "Mul", values_[node.left], values_[node.right]);
    const Node sum = function_.node("dot", "Sum", {product, axis()}, {sum_shape})
                         .type("T", tf::DT_FLOAT)
                         .type("Tidx", tf::DT_INT32)
                         .truth("keep_dims", true);
    return FunctionBuilder::output(sum, "output");
  }
  std::string operator()(const graph::Add& node) {
    const Node sum = function_.node("add", "AddN", values_of(node.inputs), {shape_})
                         .number("N", static_cast<std::int64_t>(node.inputs.size()))
                         .type("T", tf::DT_FLOAT);
    return FunctionBuilder::output(sum, "sum");
  }
  std::string operator()(const graph::Bias& node) { return biased(node.name, values_[node.input]); }
  // Only training drops anything.
  std::string operator()(const graph::Dropout& node) { return values_[node.input]; }

 private:
  std::vector<std::string> values_of(const std::vector<graph::ValueId>& nodes) const {
    std::vector<std::string> values;
    for (const graph::ValueId node : nodes) values.push_back(values_[node]);
    return values;
  }

  /// Indices of a feature's values, looked up once.
  std::string ids(graph::FeatureId feature) {
    if (!ids_[feature].empty()) return ids_[feature];
    const ExportTable& table = plan_.tables[plan_.table_of[feature].value()];  // widths() refuses a Lookup of numbers
    const std::string& values = inputs_[plan_.input_of[feature]];
    const std::size_t unknown = graph::unknown_indices_of(plan_.graph->features[feature]);
    const std::string none = int64(table.none());
    const Node find = function_
                          .node(table.name + "/LookupTableFindV2", "LookupTableFindV2",
                                {tables_[*plan_.table_of[feature]], values, none}, {kRows})
                          .type("Tin", table.key_type)
                          .type("Tout", tf::DT_INT64);
    ids_[feature] = FunctionBuilder::output(find, "values");
    if (unknown > 1) ids_[feature] = with_hash(table, values, unknown, none, ids_[feature]);
    return ids_[feature];
  }

  /// As StringLookup and IntegerLookup do it: where nothing was found, the rest of a hash.
  std::string with_hash(const ExportTable& table, const std::string& values, std::size_t unknown,
                        const std::string& none, const std::string& found) {
    const auto count = static_cast<std::int64_t>(unknown);
    const std::string hashed =
        table.key_type == tf::DT_STRING
            ? FunctionBuilder::output(function_.node(table.name + "/hash", "StringToHashBucketFast", {values}, {kRows})
                                          .number("num_buckets", count),
                                      "output")
            : FunctionBuilder::output(function_.node(table.name + "/hash", "FloorMod", {values, int64(count)}, {kRows})
                                          .type("T", tf::DT_INT64),
                                      "z");
    const Node is_unknown =
        function_.node(table.name + "/is_unknown", "Equal", {found, none}, {kRows}).type("T", tf::DT_INT64);
    const Node chosen =
        function_
            .node(table.name + "/ids", "SelectV2", {FunctionBuilder::output(is_unknown, "z"), hashed, found}, {kRows})
            .type("T", tf::DT_INT64);
    return FunctionBuilder::output(chosen, "output");
  }

  /// What the node `reader` reads.
  std::string read(const std::string& reader, const std::string& parameter) {
    const auto& [variable, shape] = variables_.at(parameter);
    const Node read =
        function_.node(reader + "/ReadVariableOp", "ReadVariableOp", {variable}, {shape}).type("dtype", tf::DT_FLOAT);
    return FunctionBuilder::output(read, "value");
  }

  std::string biased(const std::string& name, const std::string& value) {
    const Node sum =
        function_.node(name + "/BiasAdd", "BiasAdd", {value, read(name + "/BiasAdd", name + "/bias")}, {shape_})
            .type("T", tf::DT_FLOAT);
    return FunctionBuilder::output(sum, "output");
  }

  std::string unary(const std::string& name, const char* operation, const char* output, const std::string& value) {
    return FunctionBuilder::output(function_.node(name, operation, {value}, {shape_}).type("T", tf::DT_FLOAT), output);
  }

  std::string binary(const std::string& name, const char* operation, const std::string& left,
                     const std::string& right) {
    return FunctionBuilder::output(function_.node(name, operation, {left, right}, {shape_}).type("T", tf::DT_FLOAT),
                                   "z");
  }

  /// By nn/activation.cpp's formulas.
  std::string activated(graph::Activation activation, const std::string& name, const std::string& x) {
    switch (activation) {
      case graph::Activation::linear:
        return x;
      case graph::Activation::relu:
        return unary(name + "/Relu", "Relu", "activations", x);
      case graph::Activation::sigmoid:
        return unary(name + "/Sigmoid", "Sigmoid", "y", x);
      case graph::Activation::tanh:
        return unary(name + "/Tanh", "Tanh", "y", x);
      case graph::Activation::gelu:
        return gelu(name, x);
      case graph::Activation::selu:
        return unary(name + "/Selu", "Selu", "activations", x);
      case graph::Activation::elu:
        return unary(name + "/Elu", "Elu", "activations", x);
      case graph::Activation::leaky_relu: {
        const Node node =
            function_.node(name + "/LeakyRelu", "LeakyRelu", {x}, {shape_}).type("T", tf::DT_FLOAT).real("alpha", 0.2F);
        return FunctionBuilder::output(node, "activations");
      }
      case graph::Activation::swish:
        return binary(name + "/swish", "Mul", x, unary(name + "/Sigmoid", "Sigmoid", "y", x));
    }
    return x;
  }

  /// x times the normal distribution's probability of at most x: 0.5 x erfc(-x / sqrt 2).
  std::string gelu(const std::string& name, const std::string& x) {
    const std::string scale =
        function_.constant(name + "/gelu/scale", scalar_float(-1.0F / std::numbers::sqrt2_v<float>));
    const std::string half = function_.constant(name + "/gelu/half", scalar_float(0.5F));
    const std::string tail = unary(name + "/gelu/Erfc", "Erfc", "y", binary(name + "/gelu/scaled", "Mul", x, scale));
    return binary(name + "/gelu", "Mul", binary(name + "/gelu/halved", "Mul", x, half), tail);
  }

  std::string axis() {
    if (axis_.empty()) axis_ = function_.constant("concat/axis", scalar_int32(1));
    return axis_;
  }
  std::string int64(std::int64_t value) {
    std::string& name = int64s_[value];
    if (name.empty()) name = function_.constant("Const", scalar_int64(value));
    return name;
  }

  const ExportPlan& plan_;
  FunctionBuilder function_;
  std::vector<std::string> inputs_, tables_, ids_, values_;
  struct Variable {
    std::string name;
    TensorShape shape;
  };
  std::map<std::string, Variable> variables_;   // by parameter
  std::map<std::int64_t, std::string> int64s_;  // constants
  TensorShape shape_;                           // of the value that is being written
  std::string axis_;
};
}  // namespace

tf::FunctionDef compute_function(const ExportPlan& plan) { return Compute(plan).finish(); }
}  // namespace podium::interop::savedmodel
