#include "podium/interop/savedmodel/table_reader.h"

#include <snappy.h>

#include <cstring>
#include <utility>

#include "podium/core/error.h"
#include "podium/interop/crc32c.h"

namespace podium::interop {
std::uint64_t ByteReader::varint() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    const auto byte = static_cast<std::uint64_t>(static_cast<unsigned char>(take(1).front()));
    value |= (byte & 0x7FU) << shift;
    if ((byte & 0x80U) == 0) return value;
  }
  throw Error(what_ + ": a number is longer than 64 bits; the file is damaged");
}

std::uint32_t ByteReader::fixed32() {
  std::uint32_t value = 0;
  std::memcpy(&value, take(sizeof value).data(), sizeof value);
  return value;
}

std::uint64_t ByteReader::fixed64() {
  std::uint64_t value = 0;
  std::memcpy(&value, take(sizeof value).data(), sizeof value);
  return value;
}

std::string_view ByteReader::take(std::uint64_t size) {
  if (size > bytes_.size()) throw Error(what_ + ": ends too early; the file is cut or damaged");
  const auto taken = bytes_.substr(0, size);
  bytes_.remove_prefix(size);
  return taken;
}

namespace {
constexpr std::size_t kFooter = 48, kHandles = 40, kTrailer = 5;
constexpr std::uint64_t kMagic = 0xdb4775248b80fb57U;
constexpr std::size_t kMostUncompressed = std::size_t{1} << 28;  // of one block; TensorFlow writes 256 KiB
constexpr char kPlain = 0, kSnappy = 1;

struct Handle {
  std::uint64_t offset = 0, size = 0;
};

Handle read_handle(ByteReader& reader) {
  const std::uint64_t offset = reader.varint();
  return {offset, reader.varint()};
}

class Table {
 public:
  Table(std::string_view file, const std::string& what) : file_(file), what_(what) {}

  /// A block's bytes, its checksum verified, decompressed.
  std::string block(const Handle& handle) const {
    if (handle.offset > file_.size() || handle.size > file_.size() - handle.offset ||
        file_.size() - handle.offset - handle.size < kTrailer) {
      throw Error(what_ + ": a block leaves the file; the file is cut or damaged");
    }
    const auto stored = file_.substr(handle.offset, handle.size);
    const auto checked = file_.substr(handle.offset, handle.size + 1);  // with its type
    ByteReader trailer(file_.substr(handle.offset + handle.size, kTrailer), what_);
    const char type = trailer.take(1).front();
    if (trailer.fixed32() != masked(crc32c(std::as_bytes(std::span(checked))))) {
      throw Error(what_ + ": the checksum of the block at byte " + std::to_string(handle.offset) +
                  " is wrong; the file is damaged");
    }
    if (type == kPlain) return std::string(stored);
    if (type != kSnappy) throw Error(what_ + ": a block is compressed in a way that this Podium does not know");
    return decompressed(stored);
  }

  /// Calls use(key, value) for the entries of a block, in their order.
  template <class Use>
  void each(std::string_view block, const Use& use) const {
    ByteReader tail(block.size() < 4 ? std::string_view() : block.substr(block.size() - 4), what_);
    const std::uint64_t restarts = tail.fixed32();
    if (restarts > (block.size() - 4) / 4) throw Error(what_ + ": a block's restarts leave it; the file is damaged");
    ByteReader entries(block.substr(0, block.size() - 4 - 4 * restarts), what_);
    std::string key;
    while (!entries.empty()) {
      const std::uint64_t shared = entries.varint(), unshared = entries.varint(), size = entries.varint();
      if (shared > key.size()) throw Error(what_ + ": a key shares more than there is; the file is damaged");
      key.resize(shared);
      key += entries.take(unshared);
      use(std::as_const(key), entries.take(size));
    }
  }

 private:
  std::string decompressed(std::string_view stored) const {
    std::size_t size = 0;
    if (!snappy::GetUncompressedLength(stored.data(), stored.size(), &size) || size > kMostUncompressed) {
      throw Error(what_ + ": a compressed block has no sound length; the file is damaged");
    }
    std::string plain;
    if (!snappy::Uncompress(stored.data(), stored.size(), &plain)) {
      throw Error(what_ + ": a compressed block can't be decompressed; the file is damaged");
    }
    return plain;
  }

  std::string_view file_;
  const std::string& what_;
};
}  // namespace

std::map<std::string, std::string, std::less<>> read_table(std::span<const std::byte> bytes, const std::string& what) {
  const std::string_view file(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (file.size() < kFooter) throw Error(what + ": is too short for a checkpoint's index; the file is cut");
  ByteReader footer(file.substr(file.size() - kFooter), what);
  ByteReader handles(footer.take(kHandles), what);
  if (footer.fixed64() != kMagic) {
    throw Error(what + ": does not end as a checkpoint's index does; the file is cut, or of another program");
  }
  const Handle metaindex = read_handle(handles), index = read_handle(handles);
  if (handles.take(handles.left()).find_first_not_of('\0') != std::string_view::npos) {
    throw Error(what + ": its last bytes are not as LevelDB writes them; the file is damaged");
  }
  const Table table(file, what);
  table.block(metaindex);  // empty in a checkpoint; its checksum is verified
  std::map<std::string, std::string, std::less<>> entries;
  table.each(table.block(index), [&](const std::string&, std::string_view value) {
    ByteReader reader(value, what);
    table.each(table.block(read_handle(reader)), [&](const std::string& key, std::string_view entry) {
      if (!entries.empty() && key <= entries.rbegin()->first) {
        throw Error(what + ": the keys do not rise; the file is damaged");
      }
      entries.emplace_hint(entries.end(), key, entry);
    });
  });
  return entries;
}
}  // namespace podium::interop
