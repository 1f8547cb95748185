#include <gtest/gtest.h>

#include "podium/data/split.h"
#include "tests/data/support.h"

namespace podium::tests {
namespace {
TEST(EqualRows, AreCountedInTheColumnsThatBothHave) {
  const auto train = csv("a,b,c\n1,x,1\n2,y,2\n1,x,3\n");
  const auto test = csv("b,a\nx,1\nx,2\ny,2\nx,1\n");
  EXPECT_EQ(count_equal_rows(train, test), 3U);
  EXPECT_EQ(count_equal_rows(test, train), 3U);
}

TEST(EqualRows, AreNotMistakenWhereCellsRunTogether) {
  const auto train = csv("a,b\nxy,z\n"), test = csv("a,b\nx,yz\n");
  EXPECT_EQ(count_equal_rows(train, test), 0U);
}

TEST(EqualRows, NeedAColumnOfOneTypeInBoth) {
  const auto train = csv("a\n1\n"), other = csv("b\n1\n"), text = csv("a\nx\n");
  EXPECT_NE(error_of([&] { count_equal_rows(train, other); }).find("no column in common"), std::string::npos);
  EXPECT_NE(error_of([&] { count_equal_rows(train, text); }).find("column \"a\""), std::string::npos);
}
}  // namespace
}  // namespace podium::tests
