#include "podium/data/utf8.h"

namespace podium::data {
bool is_plain_ascii(std::string_view text) {
  unsigned char bits = 0, nul = 0;
  for (const char byte : text) {  // without a branch, so that it runs in vectors
    bits |= static_cast<unsigned char>(byte);
    nul |= static_cast<unsigned char>(byte == 0);
  }
  return bits < 0x80 && nul == 0;
}

namespace {
/// Length of the character that begins the text, 0 if none does.
std::size_t character_length(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : static_cast<unsigned char>(0);
  };
  const auto follows = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const unsigned lead = byte(0), second = byte(1);
  if (lead == 0) return 0;
  if (lead < 0x80) return 1;
  if (lead < 0xC2) return 0;  // a follower, or an overlong form
  if (lead < 0xE0) return follows(1) ? 2 : 0;
  if (lead < 0xF0) {
    if (lead == 0xE0 && second < 0xA0) return 0;  // overlong
    if (lead == 0xED && second > 0x9F) return 0;  // surrogates
    return follows(1) && follows(2) ? 3 : 0;
  }
  if (lead > 0xF4 || (lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F)) return 0;
  return follows(1) && follows(2) && follows(3) ? 4 : 0;
}
}  // namespace

std::size_t find_not_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = character_length(text.substr(at));
    if (length == 0) return at;
    at += length;
  }
  return std::string_view::npos;
}

const char* describe_not_utf8(std::string_view text, std::size_t at) {
  return text[at] == 0 ? "a NUL byte; is this a text file in UTF-8?"
                       : "a byte that is not UTF-8; convert the file, for example with "
                         "`iconv -f ISO-8859-1 -t UTF-8`";
}
}  // namespace podium::data
