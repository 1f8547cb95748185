#include "podium/interop/savedmodel/node_list.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace podium::interop::savedmodel {
namespace {
/// A tensor that has no values yet; a shape of {} is a scalar's.
tf::TensorProto tensor_of(tf::DataType type, const TensorShape& shape) {
  tf::TensorProto tensor;
  tensor.set_dtype(type);
  *tensor.mutable_tensor_shape() = shape_proto(shape);
  return tensor;
}
}  // namespace

bool is_letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

tf::TensorShapeProto shape_proto(const TensorShape& shape) {
  tf::TensorShapeProto proto;
  for (const std::int64_t size : shape) proto.add_dim()->set_size(size);
  return proto;
}

TensorShape shape_of(const tf::TensorShapeProto& proto) {
  TensorShape shape;
  for (const auto& dim : proto.dim()) shape.push_back(dim.size());
  return shape;
}

std::string NodeNames::unique(std::string_view wanted) {
  // TensorFlow also allows . - \ and >, with which no name of ours has to be written.
  std::string name(wanted);
  std::ranges::replace_if(
      name, [](char c) { return !is_letter_or_digit(c) && c != '_' && c != '/'; }, '_');
  if (name.empty() || !is_letter_or_digit(name.front())) name.insert(0, "x");
  std::string tried = name;
  for (std::size_t i = 1; !taken_.insert(tried).second; ++i) tried = name + "_" + std::to_string(i);
  return tried;
}

tf::AttrValue& Node::attribute(const char* name) { return (*node_->mutable_attr())[name]; }

Node& Node::type(const char* name, tf::DataType value) {
  attribute(name).set_type(value);
  return *this;
}

Node& Node::types(const char* name, std::span<const tf::DataType> values) {
  auto& list = *attribute(name).mutable_list();
  for (const tf::DataType value : values) list.add_type(value);
  return *this;
}

Node& Node::number(const char* name, std::int64_t value) {
  attribute(name).set_i(value);
  return *this;
}

Node& Node::real(const char* name, float value) {
  attribute(name).set_f(value);
  return *this;
}

Node& Node::truth(const char* name, bool value) {
  attribute(name).set_b(value);
  return *this;
}

Node& Node::text(const char* name, std::string_view value) {
  attribute(name).set_s(std::string(value));
  return *this;
}

Node& Node::shape(const char* name, const TensorShape& value) {
  *attribute(name).mutable_shape() = shape_proto(value);
  return *this;
}

Node& Node::tensor(tf::TensorProto value) {
  type("dtype", value.dtype());
  *attribute("value").mutable_tensor() = std::move(value);
  return *this;
}

Node& Node::calls(const tf::FunctionDef& function) {
  std::vector<tf::DataType> arguments, results;
  for (const auto& argument : function.signature().input_arg()) arguments.push_back(argument.type());
  for (const auto& result : function.signature().output_arg()) results.push_back(result.type());
  attribute("f").mutable_func()->set_name(function.signature().name());
  return types("Tin", arguments).types("Tout", results);
}

Node add_node(NodeDefs& nodes, const std::string& name, const char* operation, std::span<const std::string> inputs,
              std::span<const TensorShape> shapes) {
  tf::NodeDef& node = *nodes.Add();
  node.set_name(name);
  node.set_op(operation);
  for (const std::string& input : inputs) node.add_input(input);
  auto& list = *(*node.mutable_attr())["_output_shapes"].mutable_list();
  for (const TensorShape& shape : shapes) *list.add_shape() = shape_proto(shape);
  return Node(node);
}

std::vector<TensorShape> result_shapes(const tf::FunctionDef& function) {
  std::vector<TensorShape> shapes;
  for (const auto& result : function.signature().output_arg()) {
    const std::string& reference = function.ret().at(result.name());
    const auto node =
        std::ranges::find(function.node_def(), reference.substr(0, reference.find(':')), &tf::NodeDef::name);
    shapes.push_back(shape_of(node->attr().at("_output_shapes").list().shape(0)));
  }
  return shapes;
}

tf::TensorProto scalar_int32(std::int32_t value) {
  tf::TensorProto tensor = tensor_of(tf::DT_INT32, {});
  tensor.add_int_val(value);
  return tensor;
}

tf::TensorProto scalar_int64(std::int64_t value) {
  tf::TensorProto tensor = tensor_of(tf::DT_INT64, {});
  tensor.add_int64_val(value);
  return tensor;
}

tf::TensorProto scalar_float(float value) {
  tf::TensorProto tensor = tensor_of(tf::DT_FLOAT, {});
  tensor.add_float_val(value);
  return tensor;
}

tf::TensorProto int64s(std::span<const std::int64_t> values) {
  static_assert(std::endian::native == std::endian::little);
  tf::TensorProto tensor = tensor_of(tf::DT_INT64, {static_cast<std::int64_t>(values.size())});
  const auto bytes = std::as_bytes(values);
  tensor.set_tensor_content(bytes.data(), bytes.size());
  return tensor;
}

tf::TensorProto texts(std::span<const std::string> values) {
  tf::TensorProto tensor = tensor_of(tf::DT_STRING, {static_cast<std::int64_t>(values.size())});
  for (const std::string& value : values) tensor.add_string_val(value);
  return tensor;
}
}  // namespace podium::interop::savedmodel
