#include "podium/graph/graph.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "podium/core/error.h"

namespace podium::graph {
namespace {
[[noreturn]] void fail(std::size_t node, std::string_view kind, const std::string& what) {
  throw Error("graph: node " + std::to_string(node) + " (" + std::string(kind) + ") " + what);
}

// The width of one node's output from the widths of those before it.
class WidthOf {
 public:
  WidthOf(const Graph& graph, const std::vector<std::size_t>& widths) : graph_(graph), widths_(widths) {}

  std::size_t operator()(const Lookup& node) const {
    if (node.table >= graph_.tables.size()) fail(widths_.size(), "lookup", "names a table that is not there");
    if (std::holds_alternative<Numeric>(feature("lookup", node.feature))) {
      fail(widths_.size(), "lookup",
           "looks up the numeric feature \"" + column_of(graph_.features[node.feature]) +
               "\"; a lookup needs a text or integer feature");
    }
    check_unknown(node);
    return graph_.tables[node.table].dim;
  }
  std::size_t operator()(const Input& node) const {
    if (!std::holds_alternative<Numeric>(feature("input", node.feature))) {
      fail(widths_.size(), "input", "reads a feature that is not numeric; use a lookup");
    }
    return 1;
  }
  std::size_t operator()(const Concat& node) const {
    if (node.inputs.empty()) fail(widths_.size(), "concat", "has no inputs");
    std::size_t sum = 0;
    for (const ValueId input : node.inputs) sum += width("concat", input);
    return sum;
  }
  std::size_t operator()(const Dense& node) const {
    width("dense", node.input);
    if (node.units == 0) fail(widths_.size(), "dense", "has 0 units; give at least 1");
    if (!(node.l2 >= 0.0F)) fail(widths_.size(), "dense", "has an l2 below 0");
    return node.units;
  }
  std::size_t operator()(const Dot& node) const {
    same("dot", width("dot", node.left), width("dot", node.right));
    return 1;
  }
  std::size_t operator()(const Add& node) const {
    if (node.inputs.empty()) fail(widths_.size(), "add", "has no inputs");
    const std::size_t first = width("add", node.inputs.front());
    for (const ValueId input : node.inputs) same("add", first, width("add", input));
    return first;
  }
  std::size_t operator()(const Bias& node) const { return width("bias", node.input); }
  std::size_t operator()(const Dropout& node) const {
    if (!(node.rate >= 0.0F && node.rate < 1.0F)) fail(widths_.size(), "dropout", "has a rate outside [0, 1)");
    return width("dropout", node.input);
  }

 private:
  const Feature& feature(std::string_view kind, FeatureId id) const {
    if (id >= graph_.features.size()) fail(widths_.size(), kind, "names a feature that is not there");
    return graph_.features[id];
  }
  /// All lookups of a table agree which rows are the unknown's.
  void check_unknown(const Lookup& node) const {
    const std::size_t unknown = unknown_indices_of(graph_.features[node.feature]);
    for (std::size_t before = 0; before < widths_.size(); ++before) {
      const auto* other = std::get_if<Lookup>(&graph_.nodes[before]);
      if (other == nullptr || other->table != node.table) continue;
      const std::size_t others = unknown_indices_of(graph_.features[other->feature]);
      if (others == unknown) continue;
      fail(widths_.size(), "lookup",
           "looks up table \"" + graph_.tables[node.table].name + "\" with " + std::to_string(unknown) +
               " unknown_indices, another with " + std::to_string(others) + "; give both the same");
    }
  }
  std::size_t width(std::string_view kind, ValueId input) const {
    if (input >= widths_.size()) fail(widths_.size(), kind, "uses a value that is not computed before it");
    return widths_[input];
  }
  void same(std::string_view kind, std::size_t left, std::size_t right) const {
    if (left != right) {
      fail(widths_.size(), kind, "joins widths " + std::to_string(left) + " and " + std::to_string(right));
    }
  }

  const Graph& graph_;
  const std::vector<std::size_t>& widths_;
};

// Appends a node's trainable tensors.
class ParametersOf {
 public:
  ParametersOf(const std::vector<std::size_t>& widths, std::vector<Parameter>& parameters)
      : widths_(widths), parameters_(parameters) {}

  void operator()(const Dense& node) const {
    parameters_.push_back({node.name + "/kernel", {widths_[node.input], node.units}, node.kernel});
    if (node.use_bias) parameters_.push_back({node.name + "/bias", {node.units}, node.bias});
  }
  void operator()(const Bias& node) const {
    parameters_.push_back({node.name + "/bias", {widths_[node.input]}, node.initializer});
  }
  void operator()(const Lookup&) const {}  // its table is a parameter of the graph
  void operator()(const Input&) const {}
  void operator()(const Concat&) const {}
  void operator()(const Dot&) const {}
  void operator()(const Add&) const {}
  void operator()(const Dropout&) const {}

 private:
  const std::vector<std::size_t>& widths_;
  std::vector<Parameter>& parameters_;
};

std::vector<std::size_t> node_widths(const Graph& graph) {
  std::vector<std::size_t> widths;
  for (const Node& node : graph.nodes) widths.push_back(std::visit(WidthOf(graph, widths), node));
  return widths;
}

std::vector<Parameter> node_parameters(const Graph& graph, const std::vector<std::size_t>& widths) {
  std::vector<Parameter> parameters;
  for (const Table& table : graph.tables) {
    parameters.push_back({"embedding/" + table.name + "/weight", {table.rows, table.dim}, table.initializer});
  }
  for (const Node& node : graph.nodes) std::visit(ParametersOf(widths, parameters), node);
  return parameters;
}
}  // namespace

const std::string& column_of(const Feature& feature) {
  return std::visit([](const auto& held) -> const std::string& { return held.column; }, feature);
}

std::size_t unknown_indices_of(const Feature& feature) {
  struct Visitor {
    std::size_t operator()(const Text& text) const { return text.unknown_indices; }
    std::size_t operator()(const Integer& integer) const { return integer.unknown_indices; }
    std::size_t operator()(const Numeric&) const { return 0; }
  };
  return std::visit(Visitor{}, feature);
}

std::vector<std::size_t> widths(const Graph& graph) {
  for (const Table& table : graph.tables) {
    if (table.dim == 0) throw Error("graph: table \"" + table.name + "\" has dim 0; give at least 1");
    if (!(table.l2 >= 0.0F)) throw Error("graph: table \"" + table.name + "\" has an l2 below 0");
  }
  for (const Feature& feature : graph.features) {
    const std::size_t unknown = unknown_indices_of(feature);
    if (std::holds_alternative<Numeric>(feature) || (unknown > 0 && unknown <= kMostUnknownIndices)) continue;
    throw Error("graph: column \"" + column_of(feature) + "\" has " + std::to_string(unknown) +
                " unknown_indices; give 1 to " + std::to_string(kMostUnknownIndices));
  }
  auto result = node_widths(graph);
  std::set<std::string> names;
  for (const Parameter& parameter : node_parameters(graph, result)) {
    if (!names.insert(parameter.name).second) throw Error("graph: the name \"" + parameter.name + "\" appears twice");
  }
  if (graph.outputs.empty()) throw Error("graph: it has no output");
  for (const Output& output : graph.outputs) {
    if (output.value >= result.size()) throw Error("graph: output \"" + output.name + "\" is not computed");
  }
  return result;
}

std::vector<Parameter> parameters(const Graph& graph) { return node_parameters(graph, node_widths(graph)); }

std::size_t parameter_count(const Graph& graph) {
  std::size_t count = 0;
  for (const Parameter& parameter : parameters(graph)) {
    std::size_t size = 1;
    for (const std::size_t extent : parameter.shape) size *= extent;
    count += size;
  }
  return count;
}
}  // namespace podium::graph
