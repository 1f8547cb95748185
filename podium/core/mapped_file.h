#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace podium {
/// A file's bytes, read-only, mapped into memory until the object goes. The file must not shrink meanwhile: published
/// models never change, and what reads files that may change reads them with streams instead.
class MappedFile {
 public:
  MappedFile() = default;
  /// Throws Error with the path and the reason if it can't be opened or is no regular file.
  explicit MappedFile(const std::string& path);
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  ~MappedFile();

  std::span<const std::byte> bytes() const { return {data_, size_}; }
  /// Gives back the memory of whole pages of `part`, a part of bytes(): they stay readable, and are read again when
  /// they are touched. For who copies or sums a file that may be as large as the memory.
  void release(std::span<const std::byte> part) const;
  std::string_view text() const { return {reinterpret_cast<const char*>(data_), size_}; }

 private:
  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};
}  // namespace podium
