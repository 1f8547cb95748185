#include "podium/core/strings.h"

#include <gtest/gtest.h>

#include "podium/core/error.h"

namespace podium {
namespace {
TEST(Strings, HoldWhatWasPushed) {
  Strings strings;
  EXPECT_TRUE(strings.empty());
  const std::vector<std::string> values = {"one", "", std::string("a\0b", 3), "Été"};
  for (const auto& value : values) strings.push_back(value);
  ASSERT_EQ(strings.size(), values.size());
  for (std::size_t i = 0; i < values.size(); ++i) EXPECT_EQ(strings[i], values[i]);
}

TEST(Strings, AreMadeOfTheirPartsAgain) {
  Strings strings;
  strings.push_back("ab");
  strings.push_back("");
  strings.push_back("c");
  const Strings again(std::string(strings.bytes()), {strings.offsets().begin(), strings.offsets().end()});
  EXPECT_EQ(again, strings);
}

TEST(Strings, RefuseOffsetsThatDoNotDivideTheBytes) {
  EXPECT_NO_THROW(Strings("abc", {0, 1, 1, 3}));
  EXPECT_NO_THROW(Strings("", {0}));
  EXPECT_THROW(Strings("abc", {}), Error);
  EXPECT_THROW(Strings("abc", {1, 3}), Error);        // not from the start
  EXPECT_THROW(Strings("abc", {0, 2}), Error);        // not to the end
  EXPECT_THROW(Strings("abc", {0, 2, 1, 3}), Error);  // falling
  EXPECT_THROW(Strings("abc", {0, 4, 3}), Error);     // beyond the end
}
}  // namespace
}  // namespace podium
