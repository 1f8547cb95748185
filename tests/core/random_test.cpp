#include "podium/core/random.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <vector>

namespace podium {
namespace {
using Words = std::array<std::uint32_t, 4>;

// Known answers of philox4x32-10 by its authors: the Random123 library, tests/kat_vectors. Their counter
// is (index low, index high, stream low, stream high) here, their key (seed low, seed high).
TEST(Random, GivesPhiloxKnownAnswers) {
  EXPECT_EQ(Random(0).block(0, 0), (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(Random(~0ULL).block(~0ULL, ~0ULL), (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(Random(0x299f31d0a4093822).block(0x0370734413198a2e, 0x85a308d3243f6a88),  // digits of pi
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Random, DependsOnSeedStreamAndIndexAndOnNothingElse) {
  std::set<std::uint64_t> seen;
  for (std::uint64_t seed : {0, 1}) {
    for (std::uint64_t stream = 0; stream < 10; ++stream) {
      for (std::uint64_t index = 0; index < 10; ++index) {
        const Random random(seed);
        const auto drawn = random.at(stream, index);
        random.at(index, stream);
        EXPECT_EQ(random.at(stream, index), drawn);
        seen.insert(drawn);
      }
    }
  }
  EXPECT_EQ(seen.size(), 200U);
}

TEST(Random, ForksAreIndependentAndRepeat) {
  const Random random(3);
  EXPECT_EQ(random.fork(1).seed(), random.fork(1).seed());
  EXPECT_NE(random.fork(1).seed(), random.fork(2).seed());
  EXPECT_NE(random.fork(1).at(0, 0), random.at(0, 0));
}

TEST(Random, UniformNumbersLieInTheirRangeWithTheirMoments) {  // mean 1/2 and variance 1/12, each within 5 sd
  const Random random(7);
  const int count = 100'000;
  double sum = 0.0, squares = 0.0;
  for (int i = 0; i < count; ++i) {
    const double u = random.uniform(1, static_cast<std::uint64_t>(i));
    ASSERT_GE(u, 0.0);
    ASSERT_LT(u, 1.0);
    sum += u;
    squares += (u - 0.5) * (u - 0.5);
  }
  EXPECT_NEAR(sum / count, 0.5, 5.0 * std::sqrt(1.0 / 12.0 / count));
  EXPECT_NEAR(squares / count, 1.0 / 12.0, 5.0 * std::sqrt(1.0 / 180.0 / count));
}

TEST(Random, NormalNumbersHaveTheirMomentsAndTails) {
  const Random random(7);
  const int count = 100'000;
  double sum = 0.0, squares = 0.0, beyond_two = 0.0;
  for (int i = 0; i < count; ++i) {
    const double x = random.normal(2, static_cast<std::uint64_t>(i));
    ASSERT_TRUE(std::isfinite(x));
    sum += x;
    squares += x * x;
    beyond_two += std::abs(x) > 2.0 ? 1.0 : 0.0;
  }
  EXPECT_NEAR(sum / count, 0.0, 5.0 / std::sqrt(count));
  EXPECT_NEAR(squares / count, 1.0, 5.0 * std::sqrt(2.0 / count));
  EXPECT_NEAR(beyond_two / count, 0.0455, 0.0034);  // erfc(2 / sqrt 2), 5 sd of a share of 100,000
}

TEST(Random, WholeNumbersBelowABoundAreEquallyLikely) {
  const Random random(9);
  std::vector<int> counts(6);
  for (std::uint64_t i = 0; i < 60'000; ++i) ++counts.at(random.below(6, 3, i));
  for (const int count : counts) EXPECT_NEAR(count, 10'000, 5 * 91.3);  // sd: sqrt(60,000 * 1/6 * 5/6)
  for (std::uint64_t i = 0; i < 100; ++i) EXPECT_EQ(random.below(1, 0, i), 0U);
}
}  // namespace
}  // namespace podium
