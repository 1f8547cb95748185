#pragma once
#include <cstdint>
#include <cstring>
#include <map>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include "podium/interop/crc32c.h"
#include "podium/interop/proto/tensorflow.pb.h"
#include "tests/support/temporary_directory.h"

/// A second, simple reader of checkpoints, so that what is written is not only held against itself.
namespace podium::tests {
inline std::uint32_t fixed32(std::string_view bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value |= std::uint32_t{static_cast<unsigned char>(bytes.at(at + i))} << (8 * i);
  return value;
}

inline std::uint64_t varint(std::string_view bytes, std::size_t& at) {
  std::uint64_t value = 0;
  for (int shift = 0;; shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes.at(at++));
    value |= std::uint64_t{byte & 0x7FU} << shift;
    if ((byte & 0x80U) == 0) return value;
  }
}

/// The entries of the block that a handle (offset and size) points to, after its checksum.
inline std::map<std::string, std::string> block_of(std::string_view file, std::string_view handle) {
  std::size_t at = 0;
  const std::uint64_t offset = varint(handle, at), size = varint(handle, at);
  const std::string_view block = file.substr(offset, size + 1);
  if (block.back() != 0) throw std::runtime_error("a compressed block");
  if (interop::masked(interop::crc32c(std::as_bytes(std::span(block)))) != fixed32(file, offset + size + 1)) {
    throw std::runtime_error("a block's checksum");
  }
  const std::size_t end = size - 4 - 4 * fixed32(block, size - 4);
  std::map<std::string, std::string> entries;
  std::string key;
  for (at = 0; at < end;) {
    const std::uint64_t shared = varint(block, at), own = varint(block, at), length = varint(block, at);
    key = key.substr(0, shared) + std::string(block.substr(at, own));
    entries[key] = block.substr(at + own, length);
    at += own + length;
  }
  return entries;
}

/// All entries of a table.
inline std::map<std::string, std::string> entries_of(std::string_view file) {
  const std::string_view footer = file.substr(file.size() - 48);
  if (fixed32(footer, 40) != 0x8b80fb57U || fixed32(footer, 44) != 0xdb477524U) throw std::runtime_error("no table");
  std::size_t at = 0;
  varint(footer, at);
  varint(footer, at);
  std::map<std::string, std::string> entries;
  for (const auto& [last, handle] : block_of(file, footer.substr(at))) entries.merge(block_of(file, handle));
  return entries;
}

struct BundleTensor {
  interop::tf::BundleEntryProto entry;
  std::string bytes;
};

/// The tensors of the checkpoint `prefix`, after their checksums (but of text, which has its own).
inline std::map<std::string, BundleTensor> bundle_of(const std::string& prefix) {
  const std::string index = read_text(prefix + ".index"), data = read_text(prefix + ".data-00000-of-00001");
  std::map<std::string, BundleTensor> tensors;
  for (const auto& [key, value] : entries_of(index)) {
    if (key.empty()) continue;
    auto& [entry, bytes] = tensors[key];
    if (!entry.ParseFromString(value)) throw std::runtime_error(key);
    bytes = data.substr(static_cast<std::size_t>(entry.offset()), static_cast<std::size_t>(entry.size()));
    const std::uint32_t crc = interop::crc32c(std::as_bytes(std::span(bytes)));
    if (entry.dtype() != interop::tf::DT_STRING && interop::masked(crc) != entry.crc32c()) {
      throw std::runtime_error(key + ": checksum");
    }
  }
  return tensors;
}

/// The one string of a text tensor.
inline std::string text_of(const BundleTensor& tensor) {
  std::size_t at = 0;
  const std::uint64_t length = varint(tensor.bytes, at);
  return tensor.bytes.substr(at + 4, length);
}
}  // namespace podium::tests
