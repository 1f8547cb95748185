#include "podium/core/utf8.h"

#include <cstdint>
#include <cstring>

namespace podium {
namespace {
/// Bytes of the well-formed character that begins at `place`, or 0.
std::size_t character(std::string_view text, std::size_t place) {
  const auto byte = [&](std::size_t offset) -> unsigned {
    return place + offset < text.size() ? static_cast<unsigned char>(text[place + offset]) : 0U;
  };
  const auto follows = [&](std::size_t offset) { return (byte(offset) & 0xC0U) == 0x80U; };
  const unsigned first = byte(0), second = byte(1);
  if (first < 0x80) return 1;
  if (first < 0xC2) return 0;
  if (first < 0xE0) return follows(1) ? 2 : 0;
  if (first < 0xF0) {
    const bool overlong = first == 0xE0 && second < 0xA0, surrogate = first == 0xED && second > 0x9F;
    return follows(1) && follows(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (first > 0xF4) return 0;
  const bool overlong = first == 0xF0 && second < 0x90, beyond = first == 0xF4 && second > 0x8F;
  return follows(1) && follows(2) && follows(3) && !overlong && !beyond ? 4 : 0;
}
}  // namespace

std::size_t utf8_prefix(std::string_view text) {
  std::size_t place = 0;
  while (place < text.size()) {
    std::uint64_t eight = 0;  // most text is ASCII: eight bytes at once
    if (place + sizeof(eight) <= text.size()) {
      std::memcpy(&eight, text.data() + place, sizeof(eight));
      if ((eight & 0x8080808080808080U) == 0) {
        place += sizeof(eight);
        continue;
      }
    }
    const std::size_t length = character(text, place);
    if (length == 0) return place;
    place += length;
  }
  return place;
}
}  // namespace podium
