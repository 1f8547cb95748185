#include "podium/train/text.h"

#include <gtest/gtest.h>

#include <limits>

namespace podium::train {
namespace {
TEST(Number, HasFixedDigitsAndNoMinusZero) {
  EXPECT_EQ(number(1.11072, 4), "1.1107");
  EXPECT_EQ(number(-0.00001, 4), "0.0000");
  EXPECT_EQ(number(-0.5, 1), "-0.5");
  EXPECT_EQ(number(std::numeric_limits<double>::max(), 4).size(), 314U);
}

TEST(ShortNumber, IsTheShortestWay) {
  EXPECT_EQ(short_number(1.0), "1");
  EXPECT_EQ(short_number(0.25), "0.25");
  EXPECT_EQ(short_number(1.23456), "1.235");
}

TEST(Grouped, PutsACommaBetweenThousands) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(80'000'000), "80,000,000");
}

TEST(Escaped, LeavesNothingThatMarkupReads) {
  EXPECT_EQ(escaped("<b a='1' c=\"2\">&amp;</b>"), "&lt;b a=&#39;1&#39; c=&quot;2&quot;&gt;&amp;amp;&lt;/b&gt;");
  EXPECT_EQ(escaped("Amélie (2001)\n"), "Amélie (2001)\n");
  EXPECT_EQ(escaped(std::string("a\0b\x1b", 4)),
            "a\xEF\xBF\xBD"
            "b\xEF\xBF\xBD");
}
}  // namespace
}  // namespace podium::train
