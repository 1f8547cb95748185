#pragma once
// Internal: includes what protoc made.
#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "podium/core/safetensors.h"
#include "podium/interop/proto/onnx.pb.h"

namespace podium::interop::onnx {
/// TensorProto.DataType, the ones we write.
enum class ElementType : std::int32_t { floats = 1, int64s = 7, strings = 8, uint64s = 13 };

/// A dimension: a number, or a name for one that only a run knows.
struct Dimension {
  Dimension(std::size_t size) : value(static_cast<std::int64_t>(size)) {}  // NOLINT(google-explicit-constructor)
  Dimension(const char* param) : name(param) {}                            // NOLINT(google-explicit-constructor)
  std::int64_t value = 0;
  std::string name;
};

/// Numbers of the graph that stay where they are until the file is written: an initializer without its bytes.
struct Initializer {
  std::string name;
  std::vector<std::size_t> shape;
  ByteView data;  // row-major float32
};

/// Builds a GraphProto node by node. Every value has a name of its own; inputs and outputs get the very names they
/// ask for, so they come first.
class Builder {
 public:
  /// Throws Error if the name is taken or empty: a model's reader finds its inputs and outputs by name.
  void input(const std::string& name, ElementType type, const std::vector<Dimension>& shape);
  void output(const std::string& name, ElementType type, const std::vector<Dimension>& shape);

  /// `wanted`, or the first of "wanted_1", "wanted_2" ... that is free.
  std::string unique_name(const std::string& wanted);

  /// A node of one output, named like it; `output` is from unique_name, or an output's name. The pointer is for
  /// attributes, until the next node.
  NodeProto* node(const std::string& op, const std::vector<std::string>& inputs, const std::string& output);

  /// An initializer of weights, not copied: the tensor outlives the builder. The same tensor twice is one initializer.
  std::string weights(const TensorView& tensor);
  /// Small constants. A shape of {} is a scalar.
  std::string int64s(const std::string& wanted, std::span<const std::int64_t> values,
                     const std::vector<std::size_t>& shape);
  std::string uint64_scalar(const std::string& wanted, std::uint64_t value);
  std::string float_scalar(const std::string& wanted, float value);
  /// A constant to be filled with texts, [size].
  TensorProto* strings(const std::string& wanted, std::size_t size);

  GraphProto& graph() { return graph_; }
  const std::vector<Initializer>& large() const { return large_; }

 private:
  void take(const std::string& name, const char* role);
  TensorProto* constant(const std::string& wanted, ElementType type, const std::vector<std::size_t>& shape);

  GraphProto graph_;
  std::set<std::string> names_;
  std::vector<Initializer> large_;
  std::vector<const TensorView*> tensors_;  // of large_, in its order
};

void set_int(NodeProto* node, const std::string& name, std::int64_t value);
void set_float(NodeProto* node, const std::string& name, float value);
/// An empty list attribute to be filled.
AttributeProto* add_list(NodeProto* node, const std::string& name, AttributeProto::AttributeType type);
}  // namespace podium::interop::onnx
