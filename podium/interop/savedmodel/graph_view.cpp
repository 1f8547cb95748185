#include "podium/interop/savedmodel/graph_view.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include "podium/core/error.h"

namespace podium::interop {
namespace {
constexpr std::size_t kMostSteps = 100'000, kDeepest = 64, kMostCalls = 10'000;

/// Ops whose output i is their input i, as far as scores go.
bool passes_through(const tf::NodeDef& node) {
  static constexpr std::array<std::string_view, 6> kOps = {"Identity",        "IdentityN", "StopGradient",
                                                           "PreventGradient", "Snapshot",  "EnsureShape"};
  return std::ranges::find(kOps, node.op()) != kOps.end();
}

bool is_control(const std::string& input) { return input.starts_with('^'); }

/// "name:output:index", "name:index" or "name"; the index is 0 where it is left out.
std::pair<std::string_view, std::size_t> parts_of(std::string_view input) {
  const auto name = input.substr(0, input.find(':'));
  const auto last = input.rfind(':');
  std::size_t index = 0;
  if (last != std::string_view::npos) {
    const auto digits = input.substr(last + 1);
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), index);
    if (read.ec != std::errc() || read.ptr != digits.data() + digits.size()) index = 0;  // a name alone
  }
  return {name, index};
}

/// Where an operation's outputs of a name begin. A function's body writes "TopKV2:indices:0" for what the main graph
/// calls "TopKV2:1"; of the operations that Podium reads, TopKV2 alone has outputs of several names.
std::size_t first_of(const tf::NodeDef& node, std::string_view input) {
  return node.op() == "TopKV2" && input.find(":indices:") != std::string_view::npos ? 1 : 0;
}

template <class Nodes>
void add_nodes(const Nodes& nodes, GraphFrame& frame, const std::string& where) {
  for (const auto& node : nodes) {
    if (!frame.nodes.emplace(node.name(), &node).second) {
      throw Error(where + ": the name \"" + node.name() + "\" stands there twice; the file is damaged");
    }
  }
}
}  // namespace

std::string text_of(const tf::NodeDef& node) { return node.op() + " \"" + node.name() + "\""; }

bool is_call(const tf::NodeDef& node) {
  return node.op() == "PartitionedCall" || node.op() == "StatefulPartitionedCall";
}

GraphView::GraphView(const tf::GraphDef& graph) {
  add_nodes(graph.node(), main_, "the graph");
  for (const auto& function : graph.library().function()) {
    if (!functions_.emplace(function.signature().name(), &function).second) {
      throw Error("the function \"" + function.signature().name() + "\" stands there twice; the file is damaged");
    }
  }
}

GraphValue GraphView::find(const std::string& name) const { return source(main_, name); }

std::size_t GraphView::inputs(const tf::NodeDef& node) {
  std::size_t count = 0;
  while (count < static_cast<std::size_t>(node.input_size()) && !is_control(node.input(static_cast<int>(count))))
    ++count;
  return count;
}

/// The node of an input, in the frame itself; a function's argument has no node, and is left to behind().
GraphValue GraphView::source(const GraphFrame& frame, const std::string& input) const {
  const auto [name, index] = parts_of(input);
  const auto found = frame.nodes.find(name);
  if (found != frame.nodes.end()) return {&frame, found->second, index + first_of(*found->second, input)};
  const auto argument = frame.arguments.find(name);
  if (argument == frame.arguments.end()) {
    throw Error("the graph uses \"" + input + "\", which is not there; the file is damaged");
  }
  return {&frame, nullptr, argument->second};
}

GraphValue GraphView::input(const GraphValue& value, std::size_t index) const {
  if (index >= inputs(*value.node)) {
    throw Error("the node " + text_of(*value.node) + " has no input " + std::to_string(index) +
                "; the file is damaged");
  }
  return behind(source(*value.frame, value.node->input(static_cast<int>(index))));
}

/// tf.custom_gradient, but for the one that TensorFlow's own swish has.
bool GraphView::has_own_gradient(const GraphValue& value) const {
  if (value.node->op() != "IdentityN" || attribute(*value.node, "_gradient_op_type") == nullptr) return false;
  const auto op_of = [&](const tf::NodeDef& node, int place) {
    const GraphValue part = place < node.input_size() ? source(*value.frame, node.input(place)) : GraphValue{};
    return part.node;
  };
  const tf::NodeDef* product = op_of(*value.node, 0);
  if (product == nullptr || product->op() != "Mul") return true;
  const tf::NodeDef *left = op_of(*product, 0), *right = op_of(*product, 1);
  return (left == nullptr || left->op() != "Sigmoid") && (right == nullptr || right->op() != "Sigmoid");
}

GraphValue GraphView::behind(GraphValue value) const {
  for (std::size_t step = 0; step < kMostSteps; ++step) {
    if (value.node == nullptr) {  // an argument: what the caller gave
      const GraphFrame& frame = *value.frame;
      if (value.output >= inputs(*frame.call)) {
        throw Error("the call " + text_of(*frame.call) + " gives too few arguments; the file is damaged");
      }
      value = source(*frame.caller, frame.call->input(static_cast<int>(value.output)));
    } else if (is_call(*value.node)) {  // a result: what the function returns there
      const GraphFrame& inside = enter(*value.frame, *value.node);
      const auto& results = inside.function->signature().output_arg();
      if (value.output >= static_cast<std::size_t>(results.size())) {
        throw Error("the call " + text_of(*value.node) + " has no result " + std::to_string(value.output));
      }
      const auto found = inside.function->ret().find(results[static_cast<int>(value.output)].name());
      if (found == inside.function->ret().end()) {
        throw Error("the function \"" + inside.function->signature().name() + "\" does not say what it returns");
      }
      value = source(inside, found->second);
    } else if (passes_through(*value.node) && value.output < inputs(*value.node)) {
      if (value.node->op().ends_with("Gradient") || has_own_gradient(value)) stops_gradients_ = true;
      value = source(*value.frame, value.node->input(static_cast<int>(value.output)));
    } else {
      return value;
    }
  }
  throw Error("the graph goes in a circle, or is deeper than any model's; the file is damaged");
}

const GraphFrame& GraphView::enter(const GraphFrame& frame, const tf::NodeDef& call) const {
  auto& made = frames_[{&frame, &call}];
  if (made != nullptr) return *made;
  const auto* name = attribute(call, "f");
  const auto found = functions_.find(name == nullptr ? std::string_view() : std::string_view(name->func().name()));
  if (found == functions_.end()) throw Error("the call " + text_of(call) + " names a function that is not there");
  if (frame.depth >= kDeepest || frames_.size() > kMostCalls) {
    throw Error("the graph's functions call each other without end; the file is damaged");
  }
  auto inside = std::make_unique<GraphFrame>();
  inside->caller = &frame;
  inside->call = &call;
  inside->function = found->second;
  inside->depth = frame.depth + 1;
  add_nodes(found->second->node_def(), *inside, "the function \"" + found->second->signature().name() + "\"");
  for (const auto& argument : found->second->signature().input_arg()) {
    inside->arguments.emplace(argument.name(), inside->arguments.size());
  }
  made = std::move(inside);
  return *made;
}

std::vector<GraphValue> GraphView::running(const GraphValue& start) const {
  std::vector<GraphValue> waiting = {start}, found;
  std::set<std::pair<const GraphFrame*, const tf::NodeDef*>> seen;
  while (!waiting.empty()) {
    const GraphValue value = waiting.back();
    waiting.pop_back();
    if (value.node == nullptr || !seen.emplace(value.frame, value.node).second) continue;
    if (seen.size() > 100 * kMostSteps) throw Error("the graph is larger than any model's; the file is damaged");
    found.push_back({value.frame, value.node, 0});
    for (const std::string& input : value.node->input()) {
      waiting.push_back(source(*value.frame, is_control(input) ? input.substr(1) : input));
    }
    if (!is_call(*value.node)) continue;
    for (const auto& [name, node] : enter(*value.frame, *value.node).nodes) {
      waiting.push_back({&enter(*value.frame, *value.node), node, 0});
    }
  }
  return found;
}

const tf::AttrValue* attribute(const tf::NodeDef& node, const std::string& name) {
  const auto found = node.attr().find(name);
  return found == node.attr().end() ? nullptr : &found->second;
}

bool flag(const tf::NodeDef& node, const std::string& name, bool otherwise) {
  const auto* value = attribute(node, name);
  return value == nullptr ? otherwise : value->b();
}

std::int64_t integer(const tf::NodeDef& node, const std::string& name, std::int64_t otherwise) {
  const auto* value = attribute(node, name);
  return value == nullptr ? otherwise : value->i();
}

int type_attribute(const tf::NodeDef& node, const std::string& name) {
  const auto* value = attribute(node, name);
  return value == nullptr ? tf::DT_INVALID : value->type();
}

const tf::TensorProto* constant(const GraphValue& value) {
  if (value.node == nullptr || value.node->op() != "Const") return nullptr;
  const auto* tensor = attribute(*value.node, "value");
  return tensor == nullptr ? nullptr : &tensor->tensor();
}
}  // namespace podium::interop
