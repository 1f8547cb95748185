#include "podium/interop/onnx/read.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <set>

#include "podium/core/error.h"
#include "podium/core/mapped_file.h"
#include "podium/interop/array.h"
#include "podium/interop/file_below.h"
#include "podium/interop/foreign_text.h"
#include "podium/interop/parse.h"
#include "podium/interop/proto/onnx.pb.h"

namespace podium::interop {
namespace {
using onnx::GraphProto, onnx::ModelProto, onnx::NodeProto, onnx::TensorProto, onnx::TypeProto;
constexpr std::size_t kMostProblems = 20;

/// Where a tensor's numbers stand if they are not in raw_data.
enum class Field : std::uint8_t { none, float_data, int32_data, int64_data, double_data, uint64_data, string_data };

/// A TensorProto.DataType.
struct ElementKind {
  std::string_view name;
  std::size_t bits;  // of one element; 0: not fixed
  Field field;
};

/// By its number. Source: onnx/onnx:onnx/onnx.proto, TensorProto.
constexpr std::array<ElementKind, 27> kElementKinds = {{{"undefined", 0, Field::none},
                                                        {"float", 32, Field::float_data},
                                                        {"uint8", 8, Field::int32_data},
                                                        {"int8", 8, Field::int32_data},
                                                        {"uint16", 16, Field::int32_data},
                                                        {"int16", 16, Field::int32_data},
                                                        {"int32", 32, Field::int32_data},
                                                        {"int64", 64, Field::int64_data},
                                                        {"string", 0, Field::string_data},
                                                        {"bool", 8, Field::int32_data},
                                                        {"float16", 16, Field::int32_data},
                                                        {"double", 64, Field::double_data},
                                                        {"uint32", 32, Field::uint64_data},
                                                        {"uint64", 64, Field::uint64_data},
                                                        {"complex64", 64, Field::float_data},
                                                        {"complex128", 128, Field::double_data},
                                                        {"bfloat16", 16, Field::int32_data},
                                                        {"float8e4m3fn", 8, Field::int32_data},
                                                        {"float8e4m3fnuz", 8, Field::int32_data},
                                                        {"float8e5m2", 8, Field::int32_data},
                                                        {"float8e5m2fnuz", 8, Field::int32_data},
                                                        {"uint4", 4, Field::int32_data},
                                                        {"int4", 4, Field::int32_data},
                                                        {"float4e2m1", 4, Field::int32_data},
                                                        {"float8e8m0", 8, Field::int32_data},
                                                        {"uint2", 2, Field::int32_data},
                                                        {"int2", 2, Field::int32_data}}};
constexpr ElementKind kUnknownKind = {"", 0, Field::none};  // of a newer ONNX

const ElementKind& kind_of(std::int32_t number) {
  const bool is_known = number > 0 && static_cast<std::size_t>(number) < kElementKinds.size();
  return is_known ? kElementKinds[static_cast<std::size_t>(number)] : kUnknownKind;
}

/// ONNX's own domain has two names.
bool is_onnx(std::string_view domain) { return domain.empty() || domain == "ai.onnx"; }

std::string name_of(std::int32_t number) {
  const ElementKind& kind = kind_of(number);
  return kind.name.empty() ? "type " + std::to_string(number) : std::string(kind.name);
}

// ---- types, for people ----
std::string text_of(const TypeProto::Tensor& tensor) {
  std::string text = name_of(tensor.elem_type());
  if (!tensor.has_shape()) return text + " of any shape";
  text += " [";
  for (int i = 0; i < tensor.shape().dim_size(); ++i) {
    const auto& dim = tensor.shape().dim(i);
    text += i == 0 ? "" : ", ";
    text += dim.has_dim_value() ? std::to_string(dim.dim_value()) : dim.dim_param().empty() ? "?" : dim.dim_param();
  }
  return text + "]";
}

/// Types stand in each other: each says its word, and the innermost ends the text.
std::string text_of(const TypeProto& type) {
  std::string text;
  for (const TypeProto* at = &type;;) {
    switch (at->value_case()) {
      case TypeProto::kTensorType:
        return text + text_of(at->tensor_type());
      case TypeProto::kSparseTensorType:
        return text + "sparse " + text_of(at->sparse_tensor_type());
      case TypeProto::kSequenceType:
        text += "sequence of ";
        at = &at->sequence_type().elem_type();
        break;
      case TypeProto::kOptionalType:
        text += "optional ";
        at = &at->optional_type().elem_type();
        break;
      case TypeProto::kMapType:
        text += "map of " + name_of(at->map_type().key_type()) + " to ";
        at = &at->map_type().value_type();
        break;
      case TypeProto::VALUE_NOT_SET:
        return text + "of a type that is not given";
    }
  }
}

// ---- tensors ----
/// A whole number from 0, as text of digits alone.
std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

/// How many numbers stand in a field of its own, for the tensor's type.
std::size_t stored(const TensorProto& tensor, Field field) {
  switch (field) {
    case Field::none:
      return 0;
    case Field::float_data:
      return static_cast<std::size_t>(tensor.float_data_size());
    case Field::int32_data:
      return static_cast<std::size_t>(tensor.int32_data_size());
    case Field::int64_data:
      return static_cast<std::size_t>(tensor.int64_data_size());
    case Field::double_data:
      return static_cast<std::size_t>(tensor.double_data_size());
    case Field::uint64_data:
      return static_cast<std::size_t>(tensor.uint64_data_size());
    case Field::string_data:
      return static_cast<std::size_t>(tensor.string_data_size());
  }
  return 0;
}

/// How many there should be. A complex number is two; numbers of less than a byte share one of int32_data's.
std::size_t expected(const ElementKind& kind, std::size_t count) {
  if (kind.name.starts_with("complex")) return 2 * count;
  return kind.bits != 0 && kind.bits < 8 ? (count * kind.bits + 7) / 8 : count;
}

/// Elements by the shape. Throws Error that begins with `name` if a size is below 0 or all are too many.
std::size_t count_of(const TensorProto& tensor, const std::string& name) {
  constexpr int kMostAxes = 64;
  if (tensor.dims_size() > kMostAxes) throw Error(name + ": has " + std::to_string(tensor.dims_size()) + " axes");
  std::vector<std::size_t> shape;
  for (const std::int64_t size : tensor.dims()) {
    if (size < 0) throw Error(name + ": has a size of " + std::to_string(size));
    shape.push_back(static_cast<std::size_t>(size));
  }
  return elements(shape, name);
}

/// A tensor as it is looked at.
struct Looked {
  const TensorProto& tensor;
  const ElementKind& kind;
  std::string name;                                                    // for messages
  std::size_t count = 0;                                               // elements
  std::uint64_t bytes() const { return (count * kind.bits + 7) / 8; }  // of a kind with fixed bits
};

/// Bytes of the data that stands in the model. Throws Error if it does not fit the type and shape.
std::uint64_t bytes_inside(const Looked& looked) {
  const TensorProto& tensor = looked.tensor;
  const auto refuse = [&](std::size_t found, const char* what) {
    throw Error(looked.name + ": has " + std::to_string(found) + what + ", which its type and shape have not");
  };
  if (tensor.has_raw_data()) {
    const std::size_t found = tensor.raw_data().size();
    if (looked.kind.field == Field::string_data) throw Error(looked.name + ": is text, but has raw data");
    if (looked.kind.bits != 0 && found != looked.bytes()) refuse(found, " bytes");
    return found;
  }
  const std::size_t found = stored(tensor, looked.kind.field);
  if (looked.kind.field != Field::none && found != expected(looked.kind, looked.count)) refuse(found, " values");
  std::uint64_t bytes = looked.bytes();
  for (const std::string& text : tensor.string_data()) bytes += text.size();
  return bytes;
}

/// What external_data says under a key; nothing if it does not.
const std::string* external(const TensorProto& tensor, std::string_view key) {
  for (const auto& entry : tensor.external_data()) {
    if (entry.key() == key) return &entry.value();
  }
  return nullptr;
}

/// The same as a number, or `otherwise`. Throws Error if it is none.
std::uint64_t external_number(const Looked& looked, const char* key, std::uint64_t otherwise) {
  const std::string* text = external(looked.tensor, key);
  if (text == nullptr) return otherwise;
  const auto number = number_of(*text);
  if (!number) throw Error(looked.name + ": its " + key + " " + in_quotes(*text) + " is no number");
  return *number;
}

/// Bytes of the data in a file of `size` bytes. Throws Error if it leaves the file or does not fit the type and shape.
std::uint64_t bytes_outside(const Looked& looked, const std::string& location, std::uint64_t size) {
  const std::uint64_t offset = external_number(looked, "offset", 0);
  const std::uint64_t rest = offset > size ? 0 : size - offset;
  const std::uint64_t length = external_number(looked, "length", rest);
  if (offset > size || length > rest) {
    throw Error(looked.name + ": is " + std::to_string(length) + " bytes from byte " + std::to_string(offset) + " of " +
                in_quotes(location) + ", which has " + std::to_string(size) + "; the file is cut or of another model");
  }
  if (looked.kind.bits != 0 && length != looked.bytes()) {
    throw Error(looked.name + ": has " + std::to_string(length) + " bytes in " + in_quotes(location) +
                ", which its type and shape have not");
  }
  return length;
}

// ---- the model ----
class Reader {
 public:
  explicit Reader(const SizeOfFile& size_of) : size_of_(size_of) {}
  OnnxContents read(const ModelProto& model);

 private:
  struct File {
    std::optional<std::uint64_t> size;  // nothing: a problem says why
    OnnxContents::DataFile data = {};
  };

  void add_graph(const GraphProto& graph);
  /// Adds nodes, and notes the graphs in their attributes as waiting.
  void add_nodes(const google::protobuf::RepeatedPtrField<NodeProto>& nodes);
  void add_initializer(const TensorProto& tensor);
  /// Bytes of a tensor's data that are really there.
  std::uint64_t add_tensor(const TensorProto& tensor);
  File& file(const std::string& location);
  void problem(std::string text);

  const SizeOfFile& size_of_;
  OnnxContents contents_;
  std::map<std::string, File> files_;
  std::vector<const GraphProto*> waiting_;  // to be added
};

void Reader::problem(std::string text) {
  if (contents_.problems.size() < kMostProblems) contents_.problems.push_back(std::move(text));
}

Reader::File& Reader::file(const std::string& location) {
  const auto [found, is_new] = files_.try_emplace(location);
  if (!is_new) return found->second;
  found->second.data.location = location;
  try {
    found->second.size = size_of_(location);
    if (!found->second.size) problem("the file " + in_quotes(location) + " is not there; copy all files of the model");
  } catch (const Error& error) {
    problem("the file " + in_quotes(location) + " " + error.what() + "; it is not read");
  }
  return found->second;
}

std::uint64_t Reader::add_tensor(const TensorProto& tensor) {
  Looked looked{tensor, kind_of(tensor.data_type()), "the tensor " + in_quotes(tensor.name())};
  File* outside = nullptr;
  if (tensor.data_location() == TensorProto::EXTERNAL) {
    const std::string* location = external(tensor, "location");
    outside = &file(location == nullptr ? "" : *location);
    ++outside->data.tensors;
    if (!outside->size) return 0;
  }
  try {
    looked.count = count_of(tensor, looked.name);
    if (outside == nullptr) return bytes_inside(looked);
    const std::uint64_t bytes = bytes_outside(looked, outside->data.location, *outside->size);
    outside->data.bytes += bytes;
    return bytes;
  } catch (const Error& error) {
    problem(error.what());
    return 0;
  }
}

void Reader::add_initializer(const TensorProto& tensor) {
  ++contents_.initializers;
  contents_.initializer_bytes += add_tensor(tensor);
}

void Reader::add_nodes(const google::protobuf::RepeatedPtrField<NodeProto>& nodes) {
  for (const NodeProto& node : nodes) {
    const std::string name = node.op_type().empty() ? "?" : node.op_type();
    ++contents_.operators[is_onnx(node.domain()) ? name : node.domain() + "." + name];
    for (const auto& attribute : node.attribute()) {
      if (attribute.has_t()) add_tensor(attribute.t());
      for (const TensorProto& tensor : attribute.tensors()) add_tensor(tensor);
      if (attribute.has_g()) waiting_.push_back(&attribute.g());
      for (const GraphProto& graph : attribute.graphs()) waiting_.push_back(&graph);
    }
  }
}

void Reader::add_graph(const GraphProto& graph) {
  for (const TensorProto& tensor : graph.initializer()) add_initializer(tensor);
  for (const auto& sparse : graph.sparse_initializer()) {
    add_initializer(sparse.values());
    contents_.initializer_bytes += add_tensor(sparse.indices());
  }
  add_nodes(graph.node());
}

OnnxContents Reader::read(const ModelProto& model) {
  contents_.ir_version = model.ir_version();
  contents_.producer = model.producer_name();
  contents_.producer_version = model.producer_version();
  for (const auto& opset : model.opset_import()) {
    contents_.opsets[is_onnx(opset.domain()) ? "ai.onnx" : opset.domain()] = opset.version();
  }
  if (model.ir_version() < 1) problem("it does not say its IR version; it is damaged");
  if (model.opset_import().empty()) problem("it does not say the version of its operators; it is damaged");
  for (const auto& entry : model.metadata_props()) contents_.metadata.emplace_back(entry.key(), entry.value());
  std::set<std::string> given;  // IR 3 and older list initializers among the inputs
  for (const TensorProto& tensor : model.graph().initializer()) given.insert(tensor.name());
  for (const auto& input : model.graph().input()) {
    if (!given.contains(input.name())) contents_.inputs.push_back({input.name(), text_of(input.type())});
  }
  for (const auto& output : model.graph().output()) {
    contents_.outputs.push_back({output.name(), text_of(output.type())});
  }
  if (contents_.outputs.empty()) problem("its graph has no outputs; it is damaged");
  add_graph(model.graph());
  for (const onnx::FunctionProto& function : model.functions()) add_nodes(function.node());
  for (std::size_t next = 0; next < waiting_.size(); ++next) add_graph(*waiting_[next]);  // adds to them
  for (auto& [location, file] : files_) contents_.files.push_back(std::move(file.data));
  return std::move(contents_);
}
}  // namespace

OnnxContents read_onnx(std::string_view bytes, const SizeOfFile& size_of, const std::string& what) {
  ModelProto model;
  if (!parse(model, bytes) || !model.has_graph()) {
    throw Error(what + ": is no ONNX model; the file is cut, damaged or of another format");
  }
  return Reader(size_of).read(model);
}

OnnxContents read_onnx(const std::string& path) {
  const std::string directory = std::filesystem::path(path).parent_path().string();
  const MappedFile file(path);
  return read_onnx(
      file.text(), [&](const std::string& location) { return size_below(directory, location); }, path);
}
}  // namespace podium::interop
