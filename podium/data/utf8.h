#pragma once
#include <cstddef>
#include <string_view>

namespace podium::data {
/// Whether every byte is ASCII and none is NUL.
bool is_plain_ascii(std::string_view text);
/// Where the first byte stands that is NUL or not part of a UTF-8 character; npos if none is. Overlong forms,
/// surrogates and code points above U+10FFFF are not UTF-8. Source: RFC 3629.
std::size_t find_not_utf8(std::string_view text);
/// What to say of text[at], as find_not_utf8 found it.
const char* describe_not_utf8(std::string_view text, std::size_t at);
}  // namespace podium::data
