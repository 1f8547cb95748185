#pragma once
#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "podium/core/checksum.h"

namespace podium::data {
/// Bytes that come in pieces. Files are read, not mapped: one that shrinks meanwhile ends early instead of ending us.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  /// Fills the front of `into`; the number of bytes, 0 at the end. Throws Error if the source can't be read.
  virtual std::size_t read(std::span<std::byte> into) = 0;
};

/// Bytes in memory, which must outlive it.
class MemorySource : public ByteSource {
 public:
  explicit MemorySource(std::span<const std::byte> bytes) : bytes_(bytes) {}
  std::size_t read(std::span<std::byte> into) override;

 private:
  std::span<const std::byte> bytes_;
};

/// A file's bytes as they are; `checksum`, if given, sees them all and must outlive the source.
std::unique_ptr<ByteSource> open_file(const std::string& path, Checksum* checksum);
/// What gzip made the bytes of. Throws Error naming `path` where they are damaged.
std::unique_ptr<ByteSource> open_gzip(std::unique_ptr<ByteSource> compressed, const std::string& path);
}  // namespace podium::data
