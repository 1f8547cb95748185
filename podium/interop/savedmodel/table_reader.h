#pragma once
#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>

namespace podium::interop {
/// What reads varints and fixed numbers out of bytes that may come from anyone; each throws Error that begins with
/// `what` where the bytes end too early.
class ByteReader {
 public:
  ByteReader(std::string_view bytes, std::string what) : bytes_(bytes), what_(std::move(what)) {}
  std::uint64_t varint();
  std::uint32_t fixed32();
  std::uint64_t fixed64();
  std::string_view take(std::uint64_t size);
  bool empty() const { return bytes_.empty(); }
  std::size_t left() const { return bytes_.size(); }

 private:
  std::string_view bytes_;
  std::string what_;
};

/// The entries of a LevelDB table, which is what a TensorFlow checkpoint's index is: blocks with prefix-compressed
/// keys, plain or by snappy, each with a checksum that is verified. `what` begins the messages. Throws Error if a
/// length leaves the file, a checksum is wrong, keys do not rise, or a block is compressed otherwise. Source:
/// https://github.com/google/leveldb, doc/table_format.md.
std::map<std::string, std::string, std::less<>> read_table(std::span<const std::byte> bytes, const std::string& what);
}  // namespace podium::interop
