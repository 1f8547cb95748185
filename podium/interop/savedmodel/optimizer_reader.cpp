#include "podium/interop/savedmodel/optimizer_reader.h"

#include <string>
#include <string_view>

#include "podium/core/error.h"
#include "podium/interop/parse.h"
#include "podium/interop/proto/tensorflow.pb.h"

namespace podium::interop {
namespace {
constexpr const char* kObjects = "_CHECKPOINTABLE_OBJECT_GRAPH";

class Objects {
 public:
  explicit Objects(const Bundle& checkpoint) {
    const auto text = checkpoint.strings(kObjects);
    if (text.size() != 1 || !parse(graph_, text[0])) throw Error(std::string(kObjects) + ": is damaged");
  }

  /// The node of a child, or below 0.
  int child(int node, std::string_view name) const {
    if (node < 0 || node >= graph_.nodes_size()) return -1;
    for (const auto& reference : graph_.nodes(node).children()) {
      if (reference.local_name() == name) return reference.node_id();
    }
    return -1;
  }

  /// Where the checkpoint keeps a variable; "" if the node is none.
  std::string key(int node) const {
    if (node < 0 || node >= graph_.nodes_size()) return "";
    for (const auto& attribute : graph_.nodes(node).attributes()) {
      if (attribute.name() == "VARIABLE_VALUE") return attribute.checkpoint_key();
    }
    return "";
  }

  const tf::TrackableObjectGraph& graph() const { return graph_; }

 private:
  tf::TrackableObjectGraph graph_;
};

/// A single float of the checkpoint.
std::optional<double> number(const Bundle& checkpoint, const std::string& key) {
  if (key.empty() || !checkpoint.has(key)) return std::nullopt;
  const Array array = checkpoint.floats(key);
  return array.values.size() == 1 ? std::optional<double>(array.values[0]) : std::nullopt;
}

void add(const Bundle& checkpoint, const std::string& weights, const std::string& slot, AdagradState& state) {
  if (weights.empty() || slot.empty() || !checkpoint.has(slot)) return;
  Array array = checkpoint.floats(slot);
  if (checkpoint.floats(weights).shape == array.shape) state.accumulators.insert_or_assign(weights, std::move(array));
}
}  // namespace

std::optional<AdagradState> read_adagrad(const Bundle& checkpoint, GraphImporter& importer) {
  if (!checkpoint.has(kObjects)) return std::nullopt;
  const Objects objects(checkpoint);
  const int optimizer = objects.child(0, "optimizer");
  if (optimizer < 0 || optimizer >= objects.graph().nodes_size()) return std::nullopt;
  const auto without = [&]() -> std::optional<AdagradState> {
    importer.note(std::string("the optimizer has no accumulators of Adagrad, whose state alone Podium reads; ") +
                  kStartsAnew);
    return std::nullopt;
  };
  AdagradState state;
  // tf-keras since 2.11: lists, in the order of the model's trainable variables. FTRL has "_linears" besides.
  const int accumulators = objects.child(optimizer, "_accumulators");
  const int trained = objects.child(0, "trainable_variables");
  if (accumulators >= 0 && trained >= 0 && objects.child(optimizer, "_linears") < 0) {
    for (int i = 0; objects.child(trained, std::to_string(i)) >= 0; ++i) {
      const std::string place = std::to_string(i);
      add(checkpoint, objects.key(objects.child(trained, place)), objects.key(objects.child(accumulators, place)),
          state);
    }
  }
  // Its older optimizers: slots of variables.
  for (const auto& slot : objects.graph().nodes(optimizer).slot_variables()) {
    if (slot.slot_name() != "accumulator") return without();
    state.epsilon_outside = true;
    add(checkpoint, objects.key(slot.original_variable_node_id()), objects.key(slot.slot_variable_node_id()), state);
  }
  if (state.accumulators.empty()) return without();
  const auto key_of = [&](const char* newer, const char* older) {
    const std::string key = objects.key(objects.child(optimizer, newer));
    return key.empty() ? objects.key(objects.child(optimizer, older)) : key;
  };
  if (const std::string key = key_of("_iterations", "iter"); !key.empty() && checkpoint.has(key)) {
    const auto step = checkpoint.integers(key);
    if (step.size() == 1 && step[0] >= 0) state.step = step[0];
  }
  if (const auto rate = number(checkpoint, key_of("_learning_rate", "learning_rate"))) {
    state.options.emplace_back("learning_rate", *rate);
  } else {
    importer.note(std::string("Adagrad's learning_rate is no number in the file; ") + kSayIt);
  }
  if (number(checkpoint, key_of("decay", "decay")).value_or(0.0) != 0.0) {
    importer.note("the older Adagrad's decay of the learning rate is left out; Podium has schedules instead");
  }
  return state;
}
}  // namespace podium::interop
