#include "podium/interop/savedmodel/bundle_write.h"

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>

#include "podium/interop/crc32c.h"
#include "podium/interop/proto/tensorflow.pb.h"
#include "podium/interop/savedmodel/coding.h"
#include "podium/interop/savedmodel/sorted_table.h"

namespace podium::interop::savedmodel {
namespace {
/// A string tensor of one element as the data file holds it: the length, a masked checksum of the lengths, the bytes.
/// The whole's checksum counts a length as four bytes, not as the varint that is written.
/// Source: tensorflow/tensorflow:tensorflow/core/util/tensor_bundle/tensor_bundle.cc, WriteStringTensor.
std::pair<std::string, std::uint32_t> text_tensor(const std::string& text) {
  std::string length, bytes;
  append_fixed32(length, static_cast<std::uint32_t>(text.size()));
  std::uint32_t crc = crc32c(std::as_bytes(std::span(length)));
  std::string length_sum;
  append_fixed32(length_sum, masked(crc));
  crc = crc32c(std::as_bytes(std::span(length_sum)), crc);
  crc = crc32c(std::as_bytes(std::span(text)), crc);
  append_varint(bytes, text.size());
  return {bytes + length_sum + text, crc};
}

tf::DataType type_of(Dtype dtype) {
  assert(dtype == Dtype::f32 || dtype == Dtype::i64);
  return dtype == Dtype::f32 ? tf::DT_FLOAT : tf::DT_INT64;
}

std::string entry(tf::DataType type, std::span<const std::size_t> shape, std::uint64_t offset, std::uint64_t size,
                  std::uint32_t crc) {
  tf::BundleEntryProto proto;
  proto.set_dtype(type);
  proto.mutable_shape();
  for (const std::size_t dim : shape) proto.mutable_shape()->add_dim()->set_size(static_cast<std::int64_t>(dim));
  proto.set_offset(static_cast<std::int64_t>(offset));
  proto.set_size(static_cast<std::int64_t>(size));
  proto.set_crc32c(masked(crc));
  return proto.SerializeAsString();
}

std::string header() {
  tf::BundleHeaderProto proto;
  proto.set_num_shards(1);
  proto.mutable_version()->set_producer(1);
  return proto.SerializeAsString();
}
}  // namespace

std::vector<NewFile> bundle_files(const std::string& prefix, const std::string& object_graph,
                                  std::span<const TensorView> tensors) {
  auto [text, text_crc] = text_tensor(object_graph);
  std::map<std::string, std::string> entries = {{"", header()}};
  entries[kObjectGraphKey] = entry(tf::DT_STRING, {}, 0, text.size(), text_crc);
  std::uint64_t offset = text.size();
  NewFile data{prefix + ".data-00000-of-00001", std::move(text), {}};
  for (const TensorView& tensor : tensors) {
    std::uint32_t crc = 0;
    read_in_pieces(tensor.view(), [&crc](std::span<const std::byte> piece) { crc = crc32c(piece, crc); });
    entries[tensor.name] = entry(type_of(tensor.dtype), tensor.shape, offset, tensor.bytes.size(), crc);
    data.pieces.push_back(tensor.view());
    offset += tensor.bytes.size();
  }
  const std::vector<std::pair<std::string, std::string>> sorted(entries.begin(), entries.end());
  std::vector<NewFile> files;
  files.push_back({prefix + ".index", sorted_table(sorted), {}});
  files.push_back(std::move(data));
  return files;
}
}  // namespace podium::interop::savedmodel
