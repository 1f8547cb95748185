#include <numbers>
#include <utility>

#include "podium/interop/onnx/builder.h"
#include "podium/interop/onnx/translate.h"
#include "podium/nn/activation.h"

namespace podium::interop::onnx {
namespace {
using graph::ValueId;

/// Writes y = activation(x). At opset 17 there is no Gelu and no Swish: both are built from what they are made of.
void add_activation(Builder& builder, graph::Activation activation, const std::string& x, const std::string& y) {
  using graph::Activation;
  switch (activation) {
    case Activation::linear:
      builder.node("Identity", {x}, y);
      return;
    case Activation::relu:
      builder.node("Relu", {x}, y);
      return;
    case Activation::sigmoid:
      builder.node("Sigmoid", {x}, y);
      return;
    case Activation::tanh:
      builder.node("Tanh", {x}, y);
      return;
    case Activation::gelu: {  // x / 2 * (1 + erf(x / sqrt 2))
      const std::string scaled = builder.unique_name(y + "/scaled"), erf = builder.unique_name(y + "/erf"),
                        twice = builder.unique_name(y + "/twice"), product = builder.unique_name(y + "/product");
      builder.node("Div", {x, builder.float_scalar(y + "/sqrt2", std::numbers::sqrt2_v<float>)}, scaled);
      builder.node("Erf", {scaled}, erf);
      builder.node("Add", {erf, builder.float_scalar(y + "/one", 1.0F)}, twice);
      builder.node("Mul", {x, twice}, product);
      builder.node("Mul", {product, builder.float_scalar(y + "/half", 0.5F)}, y);
      return;
    }
    case Activation::selu: {
      auto* node = builder.node("Selu", {x}, y);
      set_float(node, "alpha", nn::kSeluAlpha);
      set_float(node, "gamma", nn::kSeluScale);
      return;
    }
    case Activation::elu:
      set_float(builder.node("Elu", {x}, y), "alpha", 1.0F);
      return;
    case Activation::leaky_relu:
      set_float(builder.node("LeakyRelu", {x}, y), "alpha", nn::kLeakySlope);
      return;
    case Activation::swish: {
      const std::string gate = builder.unique_name(y + "/gate");
      builder.node("Sigmoid", {x}, gate);
      builder.node("Mul", {x, gate}, y);
      return;
    }
  }
}

/// Adds one node of the graph; names[id] is where its value goes.
struct Translate {
  void operator()(const graph::Lookup& node) const {  // one id a row: any combiner of one vector is that vector
    const auto& table = model.weight("embedding/" + model.graph.tables[node.table].name + "/weight");
    set_int(builder.node("Gather", {builder.weights(table), features[node.feature]}, out()), "axis", 0);
  }
  void operator()(const graph::Input& node) const { builder.node("Identity", {features[node.feature]}, out()); }
  void operator()(const graph::Concat& node) const {
    set_int(builder.node("Concat", of(node.inputs), out()), "axis", 1);
  }
  void operator()(const graph::Dense& node) const {
    const bool is_linear = node.activation == graph::Activation::linear;
    const std::string sum = is_linear ? out() : builder.unique_name(out() + "/sum");
    std::vector<std::string> inputs = {names[node.input], weights(node.name + "/kernel")};
    if (node.use_bias) inputs.push_back(weights(node.name + "/bias"));
    builder.node("Gemm", inputs, sum);
    if (!is_linear) add_activation(builder, node.activation, sum, out());
  }
  void operator()(const graph::Dot& node) const {
    const std::string products = builder.unique_name(out() + "/products");
    builder.node("Mul", {names[node.left], names[node.right]}, products);
    const std::int64_t axis = 1;
    const std::string axes = builder.int64s(out() + "/axes", {&axis, 1}, {1});
    set_int(builder.node("ReduceSum", {products, axes}, out()), "keepdims", 1);
  }
  void operator()(const graph::Add& node) const { builder.node("Sum", of(node.inputs), out()); }
  void operator()(const graph::Bias& node) const {
    builder.node("Add", {names[node.input], weights(node.name + "/bias")}, out());
  }
  void operator()(const graph::Dropout& node) const { builder.node("Identity", {names[node.input]}, out()); }

  const std::string& out() const { return names[id]; }
  std::string weights(const std::string& name) const { return builder.weights(model.weight(name)); }
  std::vector<std::string> of(const std::vector<ValueId>& inputs) const {
    std::vector<std::string> found;
    for (const ValueId input : inputs) found.push_back(names[input]);
    return found;
  }

  Builder& builder;
  const ModelView& model;
  const std::vector<std::string>& features;
  const std::vector<std::string>& names;
  ValueId id;
};
}  // namespace

void add_nodes(Builder& builder, const ModelView& model, const std::vector<std::string>& features,
               const std::vector<std::string>& outputs) {
  const graph::Graph& graph = model.graph;
  std::vector<std::string> names(graph.nodes.size());
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    auto& name = names[graph.outputs[i].value];
    if (name.empty()) name = outputs[i];
  }
  for (ValueId id = 0; id < names.size(); ++id) {
    if (names[id].empty()) names[id] = builder.unique_name("value_" + std::to_string(id));
    std::visit(Translate{builder, model, features, names, id}, graph.nodes[id]);
  }
  for (std::size_t i = 0; i < outputs.size(); ++i) {  // a value that is several outputs
    const std::string& name = names[graph.outputs[i].value];
    if (name != outputs[i]) builder.node("Identity", {name}, outputs[i]);
  }
}
}  // namespace podium::interop::onnx
