#include "podium/classics/ratings.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "tests/classics/planted.h"

namespace podium::classics {
namespace {
std::string error_of(const OwnedRatings& ratings) {
  try {
    check(ratings.view());
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Ratings, SoundOnesPass) { EXPECT_EQ(error_of(Planted{}.rows(10, 1)), ""); }

TEST(Ratings, NoRowIsAnError) { EXPECT_NE(error_of({}).find("no rows"), std::string::npos); }

TEST(Ratings, PartsOfDifferentLengthsAreAnError) {
  auto ratings = Planted{}.rows(3, 1);
  ratings.items.pop_back();
  EXPECT_NE(error_of(ratings).find("3 users, 2 items and 3 labels"), std::string::npos);
}

TEST(Ratings, AnIndexOutOfRangeIsNamedWithItsRow) {
  auto ratings = Planted{}.rows(3, 1);
  ratings.items[2] = 41;
  EXPECT_NE(error_of(ratings).find("row 2: item index 41 of 41"), std::string::npos);
}

TEST(Ratings, ALabelThatIsNotFiniteIsNamedWithItsRow) {
  auto ratings = Planted{}.rows(3, 1);
  ratings.labels[1] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_NE(error_of(ratings).find("row 1: the label is not a finite number"), std::string::npos);
}

TEST(Pairs, OfDifferentLengthsAreAnError) {
  const std::uint32_t ids[] = {1, 2};
  EXPECT_THROW(check(Pairs{.users = ids, .items = {}}), Error);
}
}  // namespace
}  // namespace podium::classics
