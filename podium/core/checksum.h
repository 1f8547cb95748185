#pragma once
#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace podium {
/// XXH3-128 of bytes that come in pieces. Finds damage, not forgery.
/// Source: https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md; `xxh128sum` prints the same.
class Checksum {
 public:
  Checksum();
  Checksum(Checksum&&) noexcept;
  Checksum& operator=(Checksum&&) noexcept;
  ~Checksum();
  void update(std::span<const std::byte> bytes);
  /// Of all bytes so far: 32 digits, 0-9 and a-f.
  std::string digits() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// XXH3-128 of `bytes`, as Checksum::digits.
std::string checksum(std::span<const std::byte> bytes);
/// Of a whole file. Throws Error if it can't be read.
std::string file_checksum(const std::string& path);
}  // namespace podium
