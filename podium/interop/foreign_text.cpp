#include "podium/interop/foreign_text.h"

#include <array>
#include <cstdio>

#include "podium/core/utf8.h"

namespace podium::interop {
namespace {
/// Bytes of the character that begins a text that is not empty; 0 if it is none to be shown.
std::size_t shown(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) return first < 0x20 || first == 0x7F ? 0 : 1;
  const std::size_t size = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  if (size > text.size() || utf8_prefix(text.substr(0, size)) != size) return 0;
  const bool is_control = first == 0xC2 && static_cast<unsigned char>(text[1]) < 0xA0;  // U+0080 to U+009F
  return is_control ? 0 : size;
}
}  // namespace

std::string printable(std::string_view text, std::size_t most) {
  std::string made;
  while (!text.empty()) {
    const std::size_t size = shown(text);
    std::string next(text.substr(0, size));
    if (size == 0) {
      std::array<char, 8> escape{};
      std::snprintf(escape.data(), escape.size(), "\\x%02x",
                    static_cast<unsigned>(static_cast<unsigned char>(text[0])));
      next = escape.data();
    }
    if (made.size() + next.size() > most) return made + "...";
    made += next;
    text.remove_prefix(size == 0 ? 1 : size);
  }
  return made;
}

std::string in_quotes(std::string_view text) { return "\"" + printable(text) + "\""; }
}  // namespace podium::interop
