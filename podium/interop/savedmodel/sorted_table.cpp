#include "podium/interop/savedmodel/sorted_table.h"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "podium/interop/crc32c.h"
#include "podium/interop/savedmodel/coding.h"

namespace podium::interop::savedmodel {
namespace {
constexpr std::size_t kBlockBytes = 262144;   // as TensorFlow: a block ends with the entry that reaches this
constexpr std::size_t kRestartInterval = 16;  // of a data block: so many keys may leave out what they share
constexpr std::uint64_t kMagic = 0xdb4775248b80fb57U;
constexpr std::size_t kHandleBytes = 40;  // room in the footer for two handles

/// Entries of rising keys; a key leaves out the bytes it shares with the one before, but at each restart.
class Block {
 public:
  explicit Block(std::size_t restart_interval) : restart_interval_(restart_interval) {}

  void add(const std::string& key, const std::string& value) {
    std::size_t shared = 0;
    if (entries_ % restart_interval_ == 0) {
      restarts_.push_back(static_cast<std::uint32_t>(bytes_.size()));
    } else {
      const auto length = std::min(key.size(), last_key_.size());
      while (shared < length && key[shared] == last_key_[shared]) ++shared;
    }
    append_varint(bytes_, shared);
    append_varint(bytes_, key.size() - shared);
    append_varint(bytes_, value.size());
    bytes_.append(key, shared).append(value);
    last_key_ = key;
    ++entries_;
  }

  bool empty() const { return entries_ == 0; }
  std::size_t size() const { return bytes_.size(); }
  const std::string& last_key() const { return last_key_; }

  std::string finish() {
    if (restarts_.empty()) restarts_.push_back(0);
    for (const std::uint32_t restart : restarts_) append_fixed32(bytes_, restart);
    append_fixed32(bytes_, static_cast<std::uint32_t>(restarts_.size()));
    return std::move(bytes_);
  }

 private:
  std::size_t restart_interval_, entries_ = 0;
  std::string bytes_, last_key_;
  std::vector<std::uint32_t> restarts_;
};

/// A short key that is not below `key`: what the index says of the last block.
std::string short_successor(const std::string& key) {
  for (std::size_t i = 0; i < key.size(); ++i) {
    const auto byte = static_cast<unsigned char>(key[i]);
    if (byte != 0xFFU) return key.substr(0, i) + static_cast<char>(byte + 1);
  }
  return key;
}

/// Appends a block with its trailer; returns its handle: offset and size, without the trailer.
std::string append_block(std::string& file, Block block) {
  std::string contents = block.finish();
  std::string handle;
  append_varint(handle, file.size());
  append_varint(handle, contents.size());
  contents.push_back('\0');  // the type: not compressed
  append_fixed32(contents, masked(crc32c(std::as_bytes(std::span(contents)))));
  file += contents;
  return handle;
}
}  // namespace

std::string sorted_table(std::span<const std::pair<std::string, std::string>> entries) {
  std::string file;
  Block data(kRestartInterval), index(1);
  const auto end_block = [&](const std::string& key) {
    index.add(key, append_block(file, std::exchange(data, Block(kRestartInterval))));
  };
  for (const auto& [key, value] : entries) {
    assert(data.empty() || data.last_key() < key);
    data.add(key, value);
    if (data.size() >= kBlockBytes) end_block(std::string(data.last_key()));
  }
  if (!data.empty()) end_block(short_successor(data.last_key()));
  std::string footer = append_block(file, Block(1));  // the index of filters: none
  footer += append_block(file, std::move(index));
  footer.resize(kHandleBytes, '\0');
  append_fixed64(footer, kMagic);
  return file + footer;
}
}  // namespace podium::interop::savedmodel
