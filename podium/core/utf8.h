#pragma once
#include <cstddef>
#include <string_view>

namespace podium {
/// How many bytes from the start are well-formed UTF-8: text.size() if all are, else where the first bad character
/// begins. Source: the Unicode Standard 15.0, table 3-7 (no overlong forms, no surrogates, none above U+10FFFF).
std::size_t utf8_prefix(std::string_view text);
}  // namespace podium
