#include "podium/interop/onnx/file.h"

#include <array>
#include <cstdint>
#include <limits>

#include "podium/core/error.h"

namespace podium::interop::onnx {
namespace {
constexpr const char* kModelName = "model.onnx";
constexpr const char* kDataName = "model.onnx.data";
constexpr std::size_t kPage = 4096;
constexpr std::array<std::byte, kPage> kZeros = {};

/// The head of a length-delimited field (wire type 2) of `size` bytes.
/// Source: https://protobuf.dev/programming-guides/encoding
std::string field_head(int number, std::size_t size) {
  std::string head(1, static_cast<char>(number << 3 | 2));
  for (; size >= 0x80; size >>= 7) head.push_back(static_cast<char>(size | 0x80));
  head.push_back(static_cast<char>(size));
  return head;
}

TensorProto description_of(const Initializer& initializer) {
  TensorProto tensor;
  tensor.set_name(initializer.name);
  tensor.set_data_type(static_cast<std::int32_t>(ElementType::floats));
  for (const std::size_t size : initializer.shape) tensor.add_dims(static_cast<std::int64_t>(size));
  return tensor;
}

void set_external(TensorProto& tensor, std::size_t offset, std::size_t length) {
  tensor.set_data_location(TensorProto::EXTERNAL);
  const auto add = [&tensor](const char* key, std::string value) {
    auto* entry = tensor.add_external_data();
    entry->set_key(key);
    entry->set_value(std::move(value));
  };
  add("location", kDataName);
  add("offset", std::to_string(offset));
  add("length", std::to_string(length));
}

std::size_t size_of(const NewFile& file) {
  std::size_t bytes = file.head.size();
  for (const ByteView& piece : file.pieces) bytes += piece.bytes.size();
  return bytes;
}
}  // namespace

std::span<const std::byte> ModelFiles::keep(std::string bytes) {
  frames_.push_back(std::move(bytes));
  return std::as_bytes(std::span(frames_.back()));
}

ModelFiles::ModelFiles(const ModelProto& model, const GraphProto& graph, const std::vector<Initializer>& large,
                       bool outside) {
  // The fields of a message may stand in any order, so the large tensors' fields follow what protobuf writes of the
  // rest.
  if (graph.ByteSizeLong() > std::numeric_limits<std::int32_t>::max()) {
    throw Error("ONNX: the vocabularies alone take 2 GB, which is more than a model of ONNX can hold");
  }
  NewFile data{.path = kDataName, .head = {}, .pieces = {}};
  std::vector<ByteView> pieces = {keep(graph.SerializeAsString())};
  std::size_t offset = 0;
  for (const Initializer& initializer : large) {
    const std::size_t size = initializer.data.bytes.size();
    TensorProto tensor = description_of(initializer);
    if (outside) {
      set_external(tensor, offset, size);
      const std::size_t padding = (kPage - size % kPage) % kPage;
      data.pieces.push_back(initializer.data);
      data.pieces.emplace_back(std::span(kZeros).first(padding));
      offset += size + padding;
    }
    std::string text = tensor.SerializeAsString();
    if (!outside) text += field_head(TensorProto::kRawDataFieldNumber, size);
    const std::size_t bytes = text.size() + (outside ? 0 : size);
    pieces.emplace_back(keep(field_head(GraphProto::kInitializerFieldNumber, bytes) + text));
    if (!outside) pieces.push_back(initializer.data);
  }
  std::size_t graph_bytes = 0;
  for (const ByteView& piece : pieces) graph_bytes += piece.bytes.size();
  NewFile file{.path = kModelName,
               .head = model.SerializeAsString() + field_head(ModelProto::kGraphFieldNumber, graph_bytes),
               .pieces = std::move(pieces)};
  if (size_of(file) > std::numeric_limits<std::int32_t>::max()) {
    throw Error("ONNX: model.onnx would have 2 GB or more, which no reader takes; let the weights go beside it");
  }
  files_.push_back(std::move(file));
  if (outside) files_.push_back(std::move(data));
}
}  // namespace podium::interop::onnx
