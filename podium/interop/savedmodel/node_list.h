#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "podium/interop/proto/tensorflow.pb.h"

namespace podium::interop::savedmodel {
/// Sizes of a tensor's axes; -1 is any. A batch of values is {-1}, of vectors {-1, width}.
using TensorShape = std::vector<std::int64_t>;
using NodeDefs = google::protobuf::RepeatedPtrField<tf::NodeDef>;

tf::TensorShapeProto shape_proto(const TensorShape& shape);
TensorShape shape_of(const tf::TensorShapeProto& proto);

/// In ASCII.
bool is_letter_or_digit(char c);

/// Names that TensorFlow takes for nodes, each given once.
class NodeNames {
 public:
  /// `wanted`, with _ for each byte that a name may not hold, and a number behind it if it is taken.
  std::string unique(std::string_view wanted);

 private:
  std::unordered_set<std::string> taken_;
};

/// A node that is being described: an operation, what it reads, its attributes.
class Node {
 public:
  explicit Node(tf::NodeDef& node) : node_(&node) {}
  const std::string& name() const { return node_->name(); }
  Node& type(const char* attribute, tf::DataType value);
  Node& types(const char* attribute, std::span<const tf::DataType> values);
  Node& number(const char* attribute, std::int64_t value);
  Node& real(const char* attribute, float value);
  Node& truth(const char* attribute, bool value);
  Node& text(const char* attribute, std::string_view value);
  Node& shape(const char* attribute, const TensorShape& value);
  Node& tensor(tf::TensorProto value);           // and the type: what a Const holds
  Node& calls(const tf::FunctionDef& function);  // and its types: what a StatefulPartitionedCall holds

 private:
  tf::AttrValue& attribute(const char* name);
  tf::NodeDef* node_;
};

/// Adds a node to a graph or a function's body. `shapes`: of its outputs, which tools that convert graphs read rather
/// than infer.
Node add_node(NodeDefs& nodes, const std::string& name, const char* operation, std::span<const std::string> inputs,
              std::span<const TensorShape> shapes);
/// Of a function's results.
std::vector<TensorShape> result_shapes(const tf::FunctionDef& function);

tf::TensorProto scalar_int32(std::int32_t value);
tf::TensorProto scalar_int64(std::int64_t value);
tf::TensorProto scalar_float(float value);
tf::TensorProto int64s(std::span<const std::int64_t> values);
tf::TensorProto texts(std::span<const std::string> values);
}  // namespace podium::interop::savedmodel
