#include "podium/core/utf8.h"

#include <gtest/gtest.h>

#include <string>

namespace podium {
namespace {
/// The bytes of a code point by the pattern of its length, whether that is well-formed or not.
std::string encoded(std::uint32_t code, int bytes) {
  if (bytes == 1) return {static_cast<char>(code)};
  std::string text;
  for (int i = bytes - 1; i > 0; --i) {
    text.insert(text.begin(), static_cast<char>(0x80 | (code & 0x3F)));
    code >>= 6;
  }
  const unsigned marks[] = {0, 0, 0xC0, 0xE0, 0xF0};
  text.insert(text.begin(), static_cast<char>(marks[bytes] | code));
  return text;
}

int shortest(std::uint32_t code) { return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4; }

TEST(Utf8, TakesEveryCodePointInItsShortestFormAlone) {
  for (std::uint32_t code = 0; code < 0x200000; ++code) {
    const bool is_character = code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF);
    for (int bytes = shortest(code); bytes <= 4; ++bytes) {
      const auto text = encoded(code, bytes);
      const bool expected = is_character && bytes == shortest(code);
      ASSERT_EQ(utf8_prefix(text), expected ? text.size() : 0U) << code << " in " << bytes << " bytes";
    }
  }
}

TEST(Utf8, ACharacterCutShortIsBadWhereItBegins) {
  for (const std::uint32_t code : {0xE9U, 0x20ACU, 0x1F600U}) {
    const auto whole = encoded(code, shortest(code));
    for (std::size_t kept = 1; kept < whole.size(); ++kept) {
      EXPECT_EQ(utf8_prefix("ab" + whole.substr(0, kept)), 2U);
      EXPECT_EQ(utf8_prefix("ab" + whole.substr(0, kept) + "cd"), 2U);
    }
  }
}

TEST(Utf8, FindsABadByteAtEveryPlaceOfALongText) {  // past the eight bytes that are looked at together
  for (std::size_t place = 0; place < 40; ++place) {
    std::string text(40, 'a');
    EXPECT_EQ(utf8_prefix(text), 40U);
    text[place] = '\x80';
    EXPECT_EQ(utf8_prefix(text), place);
  }
}
}  // namespace
}  // namespace podium
