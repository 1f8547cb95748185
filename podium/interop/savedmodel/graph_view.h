#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "podium/interop/array.h"
#include "podium/interop/proto/tensorflow.pb.h"

namespace podium::interop {
struct GraphFrame;

/// One output of a node, in the main graph or in one call of a function.
struct GraphValue {
  const GraphFrame* frame = nullptr;
  const tf::NodeDef* node = nullptr;
  std::size_t output = 0;
  friend auto operator<=>(const GraphValue&, const GraphValue&) = default;
};

/// The main graph, or a function as one node calls it.
struct GraphFrame {
  const GraphFrame* caller = nullptr;  // nothing for the main graph
  const tf::NodeDef* call = nullptr;   // the node there
  const tf::FunctionDef* function = nullptr;
  std::size_t depth = 0;
  std::unordered_map<std::string_view, const tf::NodeDef*> nodes = {};
  std::unordered_map<std::string_view, std::size_t> arguments = {};
};

/// A TensorFlow graph as if every function were written out where it is called. Nothing is computed: it answers which
/// node stands behind an input. Graphs may come from anyone, so that steps, calls and depths are bounded: beyond them,
/// Error. The GraphDef outlives the view.
class GraphView {
 public:
  /// Throws Error if a name stands there twice.
  explicit GraphView(const tf::GraphDef& graph);

  const GraphFrame& main() const { return main_; }
  /// "node" or "node:1" of the main graph. Throws Error if it is not there.
  GraphValue find(const std::string& name) const;
  /// What stands behind an input (from 0, without control inputs): through calls of functions, their arguments, and
  /// nodes that change nothing. Throws Error if there is none, or if it goes in a circle.
  GraphValue input(const GraphValue& value, std::size_t index) const;
  GraphValue behind(GraphValue value) const;
  /// Number of inputs without control inputs.
  static std::size_t inputs(const tf::NodeDef& node);

  /// Whether an input that was asked for stands behind a StopGradient or the like.
  bool stops_gradients() const { return stops_gradients_; }

  /// All nodes that run when `start` does: its inputs and theirs, and all of each function that is called.
  std::vector<GraphValue> running(const GraphValue& start) const;
  /// The call's own nodes. Throws Error if the function is not there.
  const GraphFrame& enter(const GraphFrame& frame, const tf::NodeDef& call) const;

 private:
  GraphValue source(const GraphFrame& frame, const std::string& input) const;
  bool has_own_gradient(const GraphValue& value) const;

  GraphFrame main_;
  std::unordered_map<std::string_view, const tf::FunctionDef*> functions_;
  mutable bool stops_gradients_ = false;
  mutable std::map<std::pair<const GraphFrame*, const tf::NodeDef*>, std::unique_ptr<GraphFrame>> frames_;
};

/// "MatMul \"dense/MatMul\"", for messages.
std::string text_of(const tf::NodeDef& node);
bool is_call(const tf::NodeDef& node);

// Attributes; each has the default that TensorFlow gives the attribute where a node leaves it out.
const tf::AttrValue* attribute(const tf::NodeDef& node, const std::string& name);
bool flag(const tf::NodeDef& node, const std::string& name, bool otherwise = false);
std::int64_t integer(const tf::NodeDef& node, const std::string& name, std::int64_t otherwise);
int type_attribute(const tf::NodeDef& node, const std::string& name);

// Constants. Each throws Error that begins with `what` if the tensor is of another type, or its shape and contents
// differ.
Array floats_of(const tf::TensorProto& tensor, const std::string& what);
std::vector<std::int64_t> integers_of(const tf::TensorProto& tensor, const std::string& what);
std::vector<std::string> strings_of(const tf::TensorProto& tensor, const std::string& what);
/// The tensor of a Const, or null for any other node.
const tf::TensorProto* constant(const GraphValue& value);
}  // namespace podium::interop
