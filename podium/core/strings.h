#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace podium {
/// Many strings in one block of bytes: string i is bytes [offsets[i], offsets[i + 1]).
class Strings {
 public:
  Strings() = default;
  /// Takes over both parts. offsets: size() + 1 of them, from 0 to bytes.size(), never falling; throws Error if not.
  Strings(std::string bytes, std::vector<std::uint64_t> offsets);

  std::size_t size() const { return offsets_.size() - 1; }
  bool empty() const { return size() == 0; }
  std::string_view operator[](std::size_t index) const {
    return std::string_view(bytes_).substr(offsets_[index], offsets_[index + 1] - offsets_[index]);
  }
  void push_back(std::string_view text) {
    bytes_.append(text);
    offsets_.push_back(bytes_.size());
  }
  void reserve(std::size_t strings, std::size_t bytes) {
    offsets_.reserve(strings + 1);
    bytes_.reserve(bytes);
  }
  std::string_view bytes() const { return bytes_; }
  std::span<const std::uint64_t> offsets() const { return offsets_; }
  friend bool operator==(const Strings&, const Strings&) = default;

 private:
  std::string bytes_;
  std::vector<std::uint64_t> offsets_ = {0};
};
}  // namespace podium
