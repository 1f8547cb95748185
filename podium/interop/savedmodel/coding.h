#pragma once
#include <cstdint>
#include <string>

/// Numbers as bytes, the lowest first, as LevelDB and TensorFlow's checkpoints write them.
namespace podium::interop::savedmodel {
inline void append_fixed32(std::string& bytes, std::uint32_t value) {
  for (int shift = 0; shift < 32; shift += 8) bytes.push_back(static_cast<char>((value >> shift) & 0xFFU));
}

inline void append_fixed64(std::string& bytes, std::uint64_t value) {
  append_fixed32(bytes, static_cast<std::uint32_t>(value));
  append_fixed32(bytes, static_cast<std::uint32_t>(value >> 32));
}

/// Seven bits a byte; the highest bit says that another byte follows.
inline void append_varint(std::string& bytes, std::uint64_t value) {
  for (; value >= 0x80U; value >>= 7) bytes.push_back(static_cast<char>((value & 0x7FU) | 0x80U));
  bytes.push_back(static_cast<char>(value));
}
}  // namespace podium::interop::savedmodel
