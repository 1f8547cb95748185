#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// Charts as inline SVG: 360 units wide, so that text keeps its size on a phone. Colours and fonts are the page's: the
/// classes grid, axis, tick, one, two, three, faint, name and value. Names are escaped here; numbers are finite.
namespace podium::train::svg {
/// Values on an axis that people like to read (1, 2 or 5 times a power of ten), rising, within [low, high]; about
/// `count` of them. low < high.
std::vector<double> ticks(double low, double high, std::size_t count);

struct Line {
  std::string name, style;                             // style: one, two, three or faint
  std::vector<std::pair<double, double>> points = {};  // x, y
  bool markers = true;
};
struct LineChart {
  std::string title, x_name, y_name;  // the title is read to who can't see the chart
  std::vector<Line> lines = {};
  bool diagonal = false;  // y = x, and both axes of one range
  bool whole_x = false;   // x is a count: ticks at whole numbers only
};
/// Lines with a legend if there are several. Empty text if no line has a point.
std::string chart(const LineChart& chart);

/// One row of a chart that reads from top to bottom.
struct Row {
  std::string name;
  double value = 0.0;
  std::string shown = {};                                  // the value as text
  std::optional<std::pair<double, double>> interval = {};  // low, high
  std::string style = "one";
};
/// A dot with its interval per row, on an axis that begins near the smallest. Empty text for no rows.
std::string dots(const std::string& title, const std::vector<Row>& rows);
/// A bar from 0 per row, to the left for values below 0, and a thin line over its interval. Empty text for no rows.
std::string bars(const std::string& title, const std::vector<Row>& rows);
}  // namespace podium::train::svg
