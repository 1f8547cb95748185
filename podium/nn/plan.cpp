#include "podium/nn/plan.h"

#include <algorithm>

#include "podium/nn/activation.h"

namespace podium::nn {
namespace {
using namespace graph;

struct InputsOf {
  std::vector<ValueId> operator()(const Lookup&) const { return {}; }
  std::vector<ValueId> operator()(const Input&) const { return {}; }
  std::vector<ValueId> operator()(const Concat& node) const { return node.inputs; }
  std::vector<ValueId> operator()(const Dense& node) const { return {node.input}; }
  std::vector<ValueId> operator()(const Dot& node) const { return {node.left, node.right}; }
  std::vector<ValueId> operator()(const Add& node) const { return node.inputs; }
  std::vector<ValueId> operator()(const Bias& node) const { return {node.input}; }
  std::vector<ValueId> operator()(const Dropout& node) const { return {node.input}; }
};

template <class Kind>
bool is(const Graph& graph, ValueId value) {
  return std::holds_alternative<Kind>(graph.nodes[value]);
}

// Whether going backward through the node reads the node's own output.
bool reads_output(const Graph& graph, const Plan& plan, ValueId value) {
  const auto* dense = std::get_if<Dense>(&graph.nodes[value]);
  return dense != nullptr && dense->activation != Activation::linear && !plan.values[value].masked &&
         !needs_preactivation(dense->activation);
}
}  // namespace

std::vector<ValueId> inputs_of(const Node& node) { return std::visit(InputsOf{}, node); }

bool is_read_by_alone(const Graph& graph, ValueId value, ValueId user) {
  for (ValueId other = 0; other < graph.nodes.size(); ++other) {
    const auto inputs = inputs_of(graph.nodes[other]);
    if (other != user && std::ranges::find(inputs, value) != inputs.end()) return false;
  }
  return std::ranges::none_of(graph.outputs, [&](const Output& output) { return output.value == value; });
}

Plan make_plan(const Graph& graph, const std::vector<ValueId>& seeds, std::size_t least_formed) {
  const auto widths = graph::widths(graph);
  const std::size_t count = graph.nodes.size();
  std::vector<std::vector<ValueId>> users(count);
  for (ValueId value = 0; value < count; ++value) {
    for (const ValueId input : inputs_of(graph.nodes[value])) users[input].push_back(value);
  }
  const auto is_seed = [&](ValueId value) { return std::ranges::find(seeds, value) != seeds.end(); };
  // The one node that uses the value, if no other node and no loss does.
  const auto only_user = [&](ValueId value) {
    return users[value].size() == 1 && !is_seed(value) ? users[value].front() : value;
  };

  Plan plan;
  plan.values.resize(count);
  plan.lookups.resize(graph.tables.size());
  std::size_t tensor = graph.tables.size();
  for (ValueId value = 0; value < count; ++value) {
    Plan::Value& planned = plan.values[value];
    planned.width = widths[value];
    planned.home = value;
    for (const ValueId input : inputs_of(graph.nodes[value])) planned.trains |= plan.values[input].trains;
    if (const auto* lookup = std::get_if<Lookup>(&graph.nodes[value])) {
      planned.trains = true;
      plan.lookups[lookup->table].push_back(value);
    } else if (const auto* dense = std::get_if<Dense>(&graph.nodes[value])) {
      planned.trains = true;
      planned.kernel = tensor++;
      if (dense->use_bias) planned.bias = tensor++;
      planned.masked =
          dense->activation == Activation::relu && only_user(value) != value && is<Dense>(graph, only_user(value));
      planned.gradient_form = planned.masked && dense->units >= least_formed;
      planned.form = planned.gradient_form && std::get<Dense>(graph.nodes[only_user(value)]).units >= least_formed;
      planned.preactivation = needs_preactivation(dense->activation);
    } else if (is<Bias>(graph, value)) {
      planned.trains = true;
      planned.bias = tensor++;
    }
  }

  // Concats from the last to the first, so that a Concat inside another knows its own home already.
  for (ValueId value = static_cast<ValueId>(count); value-- > 0;) {
    if (!is<Concat>(graph, value)) continue;
    std::size_t column = plan.values[value].column;
    for (const ValueId input : inputs_of(graph.nodes[value])) {
      if (only_user(input) == value) {
        plan.values[input].home = plan.values[value].home;
        plan.values[input].column = column;
      }
      column += widths[input];
    }
  }

  for (ValueId home = 0; home < count; ++home) {
    if (plan.values[home].home != home) continue;
    bool has_lookup = false, needs_values = false;
    for (ValueId value = 0; value < count; ++value) {
      if (plan.values[value].home != home) continue;
      has_lookup |= is<Lookup>(graph, value);
      needs_values |= reads_output(graph, plan, value);
    }
    const ValueId user = only_user(home);
    if (has_lookup) {
      plan.values[home].gradient = GradientHome::batch;
      plan.batch_homes.push_back(home);
    } else if (!needs_values && user != home && is<Dense>(graph, user)) {
      plan.values[home].gradient = GradientHome::over_value;
    }
  }
  return plan;
}
}  // namespace podium::nn
