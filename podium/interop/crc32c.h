#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

namespace podium::interop {
/// CRC-32C (Castagnoli) of `crc`'s bytes followed by `bytes`; start with 0.
std::uint32_t crc32c(std::span<const std::byte> bytes, std::uint32_t crc = 0);
/// What LevelDB's tables and TensorFlow's checkpoints store, so that the checksum of data that holds checksums stays
/// one. Source: google/leveldb:util/crc32c.h.
std::uint32_t masked(std::uint32_t crc);
}  // namespace podium::interop
