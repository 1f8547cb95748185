#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
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
  std::string_view text() const { return {reinterpret_cast<const char*>(data_), size_}; }

 private:
  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

/// Bytes that somebody else owns, and whether they are a mapped file's.
struct ByteView {
  ByteView(std::span<const std::byte> all, bool mapped = false)  // NOLINT(google-explicit-constructor): as a span does
      : bytes(all), is_mapped(mapped) {}

  std::span<const std::byte> bytes;
  bool is_mapped;
};

/// Gives the memory of a mapped file's bytes back to the system: they stay readable, and are read again when they are
/// touched.
void release_mapped(std::span<const std::byte> bytes);

/// Hands over all bytes from front to back, in pieces of at most 128 KiB, so that two uses of a piece find it in the
/// cache. A mapped file's are released behind: one larger than the memory may be read so.
template <class Use>
void read_in_pieces(const ByteView& view, const Use& use) {
  // Written in larger pieces a file gets its pages in larger blocks, which a virtual machine may have to ask its host
  // for; that took up to four times as long. A mapped file's pieces end where addresses are round, because a touch
  // maps what is around.
  constexpr std::size_t kPiece = std::size_t{1} << 17;
  for (auto rest = view.bytes; !rest.empty();) {
    const std::size_t over = view.is_mapped ? reinterpret_cast<std::uintptr_t>(rest.data()) % kPiece : 0;
    const auto piece = rest.first(std::min(kPiece - over, rest.size()));
    use(piece);
    if (view.is_mapped) release_mapped(piece);
    rest = rest.subspan(piece.size());
  }
}
}  // namespace podium
