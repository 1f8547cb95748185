#include "podium/recipe/record.h"

#include <gtest/gtest.h>

#include <vector>

namespace podium::recipe {
namespace {
TEST(History, ListsEachUsersItemsInTheRowsOrder) {
  // Rows: user 2 saw item 1, user 1 saw item 3, user 2 saw item 3, an unknown user saw item 2, user 1 saw an unknown
  // one.
  const IdPairs ids{{2, 1, 2, 0, 1}, {1, 3, 3, 2, 0}};
  const std::vector<std::int64_t> times = {10, 20, 30, 40, 50};
  const History history = history_of(ids, times, /*user_rows=*/3);
  EXPECT_EQ(history.offsets, (std::vector<std::uint64_t>{0, 1, 2, 4}));
  EXPECT_EQ(history.items, (std::vector<std::uint32_t>{1, 2, 0, 2}))
      << "items are numbered from 0, without the unknown";
  EXPECT_EQ(history.times, (std::vector<std::int64_t>{40, 20, 10, 30}));
  EXPECT_TRUE(history_of(ids, {}, 3).times.empty());
}

TEST(BytesText, IsShort) {
  EXPECT_EQ(bytes_text(0), "0 bytes");
  EXPECT_EQ(bytes_text(999), "999 bytes");
  EXPECT_EQ(bytes_text(1500), "1.5 kB");
  EXPECT_EQ(bytes_text(41'000'000), "41 MB");
}
}  // namespace
}  // namespace podium::recipe
