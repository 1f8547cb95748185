#include "podium/train/svg.h"

#include <gtest/gtest.h>

namespace podium::train::svg {
namespace {
bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST(Ticks, AreRoundAndInside) {
  EXPECT_EQ(ticks(0.0, 10.0, 5), (std::vector<double>{0.0, 2.0, 4.0, 6.0, 8.0, 10.0}));
  EXPECT_EQ(ticks(1.0, 3.0, 4), (std::vector<double>{1.0, 1.5, 2.0, 2.5, 3.0}));
  const auto small = ticks(0.8907, 0.9277, 4);
  ASSERT_FALSE(small.empty());
  EXPECT_GE(small.front(), 0.8907);
  EXPECT_LE(small.back(), 0.9277);
}

TEST(Ticks, AreAboutAsManyAsAsked) {
  for (const double high : {1e-9, 0.037, 1.0, 8.3, 250.0, 4e12}) {
    const std::size_t found = ticks(0.0, high, 5).size();
    EXPECT_GE(found, 2U) << high;
    EXPECT_LE(found, 7U) << high;
  }
}

TEST(Chart, PlacesPointsBetweenTheAxes) {
  // x: 44 to 352 with 2 % of the range as room on each side, 44 + 308 * 0.02 / 1.04; y: 200 to 36 with 6 %
  const std::string text = chart({.title = "t",
                                  .x_name = "x",
                                  .y_name = "y",
                                  .lines = {{.name = "a", .style = "one", .points = {{0, 0}, {1, 1}}}}});
  EXPECT_TRUE(has(text, "points=\"49.9,191.2 346.1,44.8\"")) << text;
  EXPECT_FALSE(has(text, ">-0<")) << text;
}

TEST(Chart, WithoutPointsIsEmpty) {
  EXPECT_EQ(chart({.title = "t", .x_name = "x", .y_name = "y", .lines = {{.name = "a", .style = "one"}}}), "");
  EXPECT_EQ(dots("t", {}), "");
  EXPECT_EQ(bars("t", {}), "");
}

TEST(Chart, OfOnePointHasRoom) {
  const std::string text =
      chart({.title = "t", .x_name = "x", .y_name = "y", .lines = {{.name = "a", .style = "one", .points = {{2, 0}}}}});
  EXPECT_FALSE(has(text, "nan"));
  EXPECT_FALSE(has(text, "inf"));
}

TEST(Bars, BelowZeroEndAtZero) {  // from -1 to 1 over x 40 to 234: 0 lies at 137
  const std::string text = bars("t", {{.name = "a", .value = -1.0}, {.name = "b", .value = 1.0}});
  EXPECT_TRUE(has(text, "x=\"40.0\" y=\"7.0\" width=\"97.0\"")) << text;
  EXPECT_TRUE(has(text, "x=\"137.0\" y=\"31.0\" width=\"97.0\"")) << text;
}

TEST(Dots, ShowAnIntervalAsALine) {
  const std::string text = dots("t", {{.name = "a", .value = 1.0, .interval = std::pair{0.5, 1.5}}, {.name = "b"}});
  EXPECT_TRUE(has(text, "<line class=\"line one\"")) << text;
}

TEST(Charts, EscapeNames) {
  EXPECT_TRUE(has(bars("<t>", {{.name = "a<b"}}), "a&lt;b"));
  EXPECT_TRUE(has(bars("<t>", {{.name = "a<b"}}), "<title>&lt;t&gt;</title>"));
}
}  // namespace
}  // namespace podium::train::svg
