#include "podium/interop/onnx/builder.h"

#include <algorithm>

#include "podium/core/error.h"

namespace podium::interop::onnx {
namespace {
void fill(ValueInfoProto* value, const std::string& name, ElementType type, const std::vector<Dimension>& shape) {
  value->set_name(name);
  auto* tensor = value->mutable_type()->mutable_tensor_type();
  tensor->set_elem_type(static_cast<std::int32_t>(type));
  auto* dims = tensor->mutable_shape();
  for (const Dimension& dimension : shape) {
    if (dimension.name.empty()) {
      dims->add_dim()->set_dim_value(dimension.value);
    } else {
      dims->add_dim()->set_dim_param(dimension.name);
    }
  }
}

AttributeProto* add_attribute(NodeProto* node, const std::string& name, AttributeProto::AttributeType type) {
  auto* attribute = node->add_attribute();
  attribute->set_name(name);
  attribute->set_type(type);
  return attribute;
}
}  // namespace

void Builder::take(const std::string& name, const char* role) {
  if (name.empty()) throw Error(std::string("ONNX: an ") + role + " has no name; name the column");
  if (!names_.insert(name).second) {
    throw Error(std::string("ONNX: the ") + role + " \"" + name +
                "\" has the name of another input or output; rename the column");
  }
}

void Builder::input(const std::string& name, ElementType type, const std::vector<Dimension>& shape) {
  take(name, "input");
  fill(graph_.add_input(), name, type, shape);
}

void Builder::output(const std::string& name, ElementType type, const std::vector<Dimension>& shape) {
  take(name, "output");
  fill(graph_.add_output(), name, type, shape);
}

std::string Builder::unique_name(const std::string& wanted) {
  std::string name = wanted;
  for (std::size_t number = 1; !names_.insert(name).second; ++number) name = wanted + "_" + std::to_string(number);
  return name;
}

NodeProto* Builder::node(const std::string& op, const std::vector<std::string>& inputs, const std::string& output) {
  auto* node = graph_.add_node();
  node->set_op_type(op);
  node->set_name(output);
  for (const auto& input : inputs) node->add_input(input);
  node->add_output(output);
  return node;
}

std::string Builder::weights(const TensorView& tensor) {
  const auto known = std::ranges::find(tensors_, &tensor);
  if (known != tensors_.end()) return large_[static_cast<std::size_t>(known - tensors_.begin())].name;
  tensors_.push_back(&tensor);
  large_.push_back({unique_name(tensor.name), tensor.shape, tensor.view()});
  return large_.back().name;
}

TensorProto* Builder::constant(const std::string& wanted, ElementType type, const std::vector<std::size_t>& shape) {
  auto* tensor = graph_.add_initializer();
  tensor->set_name(unique_name(wanted));
  tensor->set_data_type(static_cast<std::int32_t>(type));
  for (const std::size_t size : shape) tensor->add_dims(static_cast<std::int64_t>(size));
  return tensor;
}

std::string Builder::int64s(const std::string& wanted, std::span<const std::int64_t> values,
                            const std::vector<std::size_t>& shape) {
  auto* tensor = constant(wanted, ElementType::int64s, shape);
  tensor->mutable_int64_data()->Add(values.begin(), values.end());
  return tensor->name();
}

std::string Builder::uint64_scalar(const std::string& wanted, std::uint64_t value) {
  auto* tensor = constant(wanted, ElementType::uint64s, {});
  tensor->add_uint64_data(value);
  return tensor->name();
}

std::string Builder::float_scalar(const std::string& wanted, float value) {
  auto* tensor = constant(wanted, ElementType::floats, {});
  tensor->add_float_data(value);
  return tensor->name();
}

TensorProto* Builder::strings(const std::string& wanted, std::size_t size) {
  return constant(wanted, ElementType::strings, {size});
}

void set_int(NodeProto* node, const std::string& name, std::int64_t value) {
  add_attribute(node, name, AttributeProto::INT)->set_i(value);
}

void set_float(NodeProto* node, const std::string& name, float value) {
  add_attribute(node, name, AttributeProto::FLOAT)->set_f(value);
}

AttributeProto* add_list(NodeProto* node, const std::string& name, AttributeProto::AttributeType type) {
  return add_attribute(node, name, type);
}
}  // namespace podium::interop::onnx
