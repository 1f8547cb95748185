#include "podium/interop/savedmodel/bundle_reader.h"

#include <array>
#include <cstdio>
#include <cstring>
#include <utility>

#include "podium/core/error.h"
#include "podium/interop/crc32c.h"
#include "podium/interop/parse.h"
#include "podium/interop/proto/tensorflow.pb.h"
#include "podium/interop/savedmodel/table_reader.h"

namespace podium::interop {
namespace {
constexpr int kMostShards = 10000;

std::string shard_path(const std::string& prefix, int shard, int shards) {
  std::array<char, 64> suffix{};
  std::snprintf(suffix.data(), suffix.size(), ".data-%05d-of-%05d", shard, shards);
  return prefix + suffix.data();
}

tf::BundleHeaderProto header_of(const std::map<std::string, std::string, std::less<>>& table, const std::string& what) {
  tf::BundleHeaderProto header;
  const auto found = table.find("");
  if (found == table.end() || !parse(header, found->second)) {
    throw Error(what + ": has no header; the file is damaged or of another program");
  }
  if (header.endianness() != 0) throw Error(what + ": is big-endian; write it on a little-endian machine");
  if (header.num_shards() < 1 || header.num_shards() > kMostShards) {
    throw Error(what + ": names " + std::to_string(header.num_shards()) + " files; the file is damaged");
  }
  return header;
}

std::string_view view_of_bytes(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::uint32_t checksum_of(std::string_view bytes, std::uint32_t crc = 0) {
  return crc32c(std::as_bytes(std::span(bytes)), crc);
}
}  // namespace

Bundle::Bundle(const std::string& prefix) : what_(prefix + ".index") {
  files_.emplace_back(what_);
  const auto header = header_of(read_table(files_.front().bytes(), what_), what_);
  for (int shard = 0; shard < header.num_shards(); ++shard) {
    files_.emplace_back(shard_path(prefix, shard, header.num_shards()));
    shards_.push_back(files_.back().bytes());
  }
  read_index(files_.front().bytes());
}

Bundle::Bundle(std::span<const std::byte> index, std::vector<std::span<const std::byte>> shards, std::string what)
    : what_(std::move(what)), shards_(std::move(shards)) {
  read_index(index);
}

void Bundle::read_index(std::span<const std::byte> index) {
  const auto table = read_table(index, what_);
  const auto header = header_of(table, what_);
  if (static_cast<std::size_t>(header.num_shards()) != shards_.size()) {
    throw Error(what_ + ": names " + std::to_string(header.num_shards()) + " files, but there are " +
                std::to_string(shards_.size()));
  }
  for (const auto& [name, value] : table) {
    if (name.empty()) continue;
    tf::BundleEntryProto proto;
    if (!parse(proto, value)) throw Error(where(name) + ": its entry is damaged");
    Entry entry;
    entry.type = proto.dtype();
    entry.sliced = proto.slices_size() != 0;
    for (const auto& dim : proto.shape().dim()) {
      if (dim.size() < 0) throw Error(where(name) + ": has a size below 0; the file is damaged");
      entry.shape.push_back(static_cast<std::size_t>(dim.size()));
    }
    if (proto.shard_id() < 0 || proto.shard_id() >= header.num_shards()) {
      throw Error(where(name) + ": is in a file that is not there; the index is damaged");
    }
    const std::string_view shard = view_of_bytes(shards_[static_cast<std::size_t>(proto.shard_id())]);
    const auto offset = static_cast<std::uint64_t>(proto.offset()), size = static_cast<std::uint64_t>(proto.size());
    if (offset > shard.size() || size > shard.size() - offset) {
      throw Error(where(name) + ": leaves its file; the data file is cut, or of another checkpoint");
    }
    entry.bytes = shard.substr(offset, size);
    entry.checksum = proto.crc32c();
    entries_.emplace(name, std::move(entry));
  }
}

std::string Bundle::where(std::string_view name) const { return what_ + ": tensor \"" + std::string(name) + "\""; }

std::vector<std::string> Bundle::names() const {
  std::vector<std::string> names;
  for (const auto& [name, entry] : entries_) names.push_back(name);
  return names;
}

const Bundle::Entry& Bundle::entry(std::string_view name) const {
  const auto found = entries_.find(name);
  if (found == entries_.end()) throw Error(where(name) + ": is not there; the checkpoint is of another model");
  if (found->second.sliced) {
    throw Error(where(name) + ": is a variable in slices, which Podium does not read; save it without a partitioner");
  }
  return found->second;
}

std::string_view Bundle::verified(std::string_view name, const Entry& entry) const {
  if (masked(checksum_of(entry.bytes)) != entry.checksum) {
    throw Error(where(name) + ": its checksum is wrong; the data file is damaged");
  }
  return entry.bytes;
}

Array Bundle::floats(std::string_view name) const {
  const Entry& found = entry(name);
  if (found.type != tf::DT_FLOAT) {
    throw Error(where(name) + ": is no float32 tensor; Podium reads models in float32 (without mixed precision)");
  }
  const std::size_t count = elements(found.shape, where(name));
  if (count != found.bytes.size() / sizeof(float) || found.bytes.size() % sizeof(float) != 0) {
    throw Error(where(name) + ": has " + std::to_string(found.bytes.size()) + " bytes for the shape " +
                text_of(found.shape) + "; the index is damaged");
  }
  Array array{std::string(name), found.shape, std::vector<float>(count)};
  const auto bytes = verified(name, found);
  if (count != 0) std::memcpy(array.values.data(), bytes.data(), bytes.size());
  return array;
}

std::vector<std::int64_t> Bundle::integers(std::string_view name) const {
  const Entry& found = entry(name);
  const std::size_t width = found.type == tf::DT_INT64 ? 8 : found.type == tf::DT_INT32 ? 4 : 0;
  if (width == 0) throw Error(where(name) + ": does not hold whole numbers");
  const std::size_t count = elements(found.shape, where(name));
  if (count != found.bytes.size() / width || found.bytes.size() % width != 0) {
    throw Error(where(name) + ": its size and shape differ; the index is damaged");
  }
  const auto bytes = verified(name, found);
  std::vector<std::int64_t> values(count);
  for (std::size_t i = 0; i < count; ++i) {
    if (width == 8) {
      std::memcpy(&values[i], bytes.data() + i * width, width);
    } else {
      std::int32_t narrow = 0;
      std::memcpy(&narrow, bytes.data() + i * width, width);
      values[i] = narrow;
    }
  }
  return values;
}

std::vector<std::string> Bundle::strings(std::string_view name) const {
  const Entry& found = entry(name);
  if (found.type != tf::DT_STRING) throw Error(where(name) + ": does not hold text");
  const std::size_t count = elements(found.shape, where(name));
  if (count > found.bytes.size()) throw Error(where(name) + ": is shorter than its shape; the file is damaged");
  ByteReader reader(found.bytes, where(name));
  std::vector<std::uint64_t> lengths(count);
  std::uint32_t crc = 0;  // of the lengths as 32 bits each, or 64 where one needs them
  for (auto& length : lengths) {
    length = reader.varint();
    const std::size_t width = length <= 0xFFFFFFFFU ? 4 : 8;
    crc = crc32c(std::as_bytes(std::span(&length, 1)).first(width), crc);
  }
  const auto stored = reader.take(4);
  if (std::memcmp(stored.data(), std::array<std::uint32_t, 1>{masked(crc)}.data(), 4) != 0) {
    throw Error(where(name) + ": the checksum of its lengths is wrong; the data file is damaged");
  }
  crc = checksum_of(stored, crc);
  std::vector<std::string> values;
  for (const std::uint64_t length : lengths) {
    values.emplace_back(reader.take(length));
    crc = checksum_of(values.back(), crc);
  }
  if (!reader.empty() || masked(crc) != found.checksum) {
    throw Error(where(name) + ": its checksum is wrong; the data file is damaged");
  }
  return values;
}
}  // namespace podium::interop
