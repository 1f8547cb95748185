// Any bytes as a block of a checkpoint's index, plain or by snappy by the first byte: the table around it is sound, so
// that its checksum doesn't hide what comes after it.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>

#include "podium/core/error.h"
#include "podium/interop/crc32c.h"
#include "podium/interop/savedmodel/table_reader.h"

namespace {
using podium::interop::crc32c;
using podium::interop::masked;

std::string varint(std::uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>((value & 0x7FU) | 0x80U);
  return bytes + static_cast<char>(value);
}

std::string append(std::string& file, std::string block, char type) {
  const std::string handle = varint(file.size()) + varint(block.size());
  block += type;
  const std::uint32_t crc = masked(crc32c(std::as_bytes(std::span(block))));
  file += block;
  file.append(reinterpret_cast<const char*>(&crc), sizeof crc);
  return handle;
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string empty(4, '\0');
  std::string file;
  const std::string block =
      append(file, {reinterpret_cast<const char*>(data) + 1, size - 1}, static_cast<char>(data[0] & 1U));
  // One entry: nothing shared, an empty key, the block's handle.
  const std::string index = varint(0) + varint(0) + varint(block.size()) + block + empty;
  std::string footer = append(file, empty, 0) + append(file, index, 0);
  footer.resize(40);
  const std::uint64_t magic = 0xdb4775248b80fb57U;
  file += footer;
  file.append(reinterpret_cast<const char*>(&magic), sizeof magic);
  try {
    podium::interop::read_table(std::as_bytes(std::span(file)), "table");
  } catch (const podium::Error&) {
  }
  return 0;
}
