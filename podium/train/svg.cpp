#include "podium/train/svg.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "podium/train/text.h"

namespace podium::train::svg {
namespace {
constexpr double kWidth = 360.0;

// Where a value lies between two places of the picture.
struct Scale {
  double low, high, from, to;
  double operator()(double value) const { return from + (value - low) / (high - low) * (to - from); }
};

std::string at(double place) { return number(place, 1); }

std::string attribute(const char* name, double place) { return std::string(" ") + name + "=\"" + at(place) + "\""; }

std::string segment(const char* style, double x1, double y1, double x2, double y2) {
  return std::string("<line class=\"") + style + "\"" + attribute("x1", x1) + attribute("y1", y1) +
         attribute("x2", x2) + attribute("y2", y2) + "/>";
}

std::string label(const char* style, double x, double y, const std::string& text, const char* anchor) {
  return std::string("<text class=\"") + style + "\"" + attribute("x", x) + attribute("y", y) + " text-anchor=\"" +
         anchor + "\">" + escaped(text) + "</text>";
}

std::string circle(const std::string& style, double x, double y, double radius) {
  return "<circle class=\"" + style + "\"" + attribute("cx", x) + attribute("cy", y) + attribute("r", radius) + "/>";
}

std::string picture(const std::string& title, double height, const std::string& content) {
  return "<svg viewBox=\"0 0 " + at(kWidth) + " " + at(height) + "\" role=\"img\"><title>" + escaped(title) +
         "</title>" + content + "</svg>\n";
}

struct Range {
  double low = std::numeric_limits<double>::infinity(), high = -std::numeric_limits<double>::infinity();
  void add(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  // Room on both sides; a single value gets some of its own.
  Range padded(double share) const {
    const double width = high > low ? high - low : std::max(std::abs(high), 1.0) * 0.2;
    Range result;
    result.low = low - share * width;
    result.high = high + share * width;
    return result;
  }
};

std::string polyline(const Line& line, const Scale& x, const Scale& y) {
  std::string points;
  for (const auto& [px, py] : line.points) points += (points.empty() ? "" : " ") + at(x(px)) + "," + at(y(py));
  std::string text = "<polyline class=\"line " + line.style + "\" points=\"" + points + "\"/>";
  if (!line.markers) return text;
  for (const auto& [px, py] : line.points) text += circle("dot " + line.style, x(px), y(py), 3.0);
  return text;
}

std::string legend(const std::vector<Line>& lines) {
  std::string text;
  double x = 44.0;
  for (const auto& line : lines) {
    if (line.name.empty() || line.points.empty()) continue;
    text += "<rect class=\"bar " + line.style + "\"" + attribute("x", x) + " y=\"5\" width=\"12\" height=\"4\"/>";
    text += label("tick", x + 16.0, 11.0, line.name, "start");
    x += 34.0 + 6.5 * static_cast<double>(line.name.size());  // about a letter's width
  }
  return text;
}

std::string axes(const LineChart& chart, const Scale& x, const Scale& y) {
  std::string text;
  for (const double tick : ticks(y.low, y.high, 5)) {
    text += segment("grid", x.from, y(tick), x.to, y(tick));
    text += label("tick", x.from - 5.0, y(tick) + 4.0, short_number(tick), "end");
  }
  for (const double tick : ticks(x.low, x.high, 6)) {
    if (chart.whole_x && tick != std::floor(tick)) continue;
    text += segment("axis", x(tick), y.from, x(tick), y.from + 4.0);
    text += label("tick", x(tick), y.from + 16.0, short_number(tick), "middle");
  }
  text += segment("axis", x.from, y.from, x.to, y.from);
  text += label("name", 0.5 * (x.from + x.to), y.from + 33.0, chart.x_name, "middle");
  return text + label("name", x.from, y.to - 8.0, chart.y_name, "start");
}

// Room for names on the left: about 7.4 units a letter, within limits.
double name_width(const std::vector<Row>& rows) {
  std::size_t longest = 0;
  for (const auto& row : rows) longest = std::max(longest, row.name.size());
  return std::clamp(7.4 * static_cast<double>(longest) + 10.0, 40.0, 150.0);
}
}  // namespace

std::vector<double> ticks(double low, double high, std::size_t count) {
  const double wanted = (high - low) / static_cast<double>(std::max<std::size_t>(count, 1));
  const double power = std::pow(10.0, std::floor(std::log10(wanted)));
  const double ratio = wanted / power;
  const double step = power * (ratio <= 1.0 ? 1.0 : ratio <= 2.0 ? 2.0 : ratio <= 5.0 ? 5.0 : 10.0);
  std::vector<double> found;
  // By number, not by adding: sums of steps drift off the round values.
  for (double k = std::ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; ++k)
    found.push_back(k * step + 0.0);  // + 0.0: no "-0"
  return found;
}

std::string chart(const LineChart& chart) {
  Range xs, ys;
  for (const auto& line : chart.lines) {
    for (const auto& [x, y] : line.points) {
      xs.add(x);
      ys.add(y);
    }
  }
  if (xs.low > xs.high) return "";
  if (chart.diagonal) {
    xs.add(ys.low), xs.add(ys.high);
    ys = xs;
  }
  const double height = chart.diagonal ? 340.0 : 240.0;
  xs = xs.padded(chart.diagonal ? 0.04 : 0.02);
  ys = ys.padded(chart.diagonal ? 0.04 : 0.06);
  const Scale x{.low = xs.low, .high = xs.high, .from = 44.0, .to = kWidth - 8.0};
  const Scale y{.low = ys.low, .high = ys.high, .from = height - 40.0, .to = 36.0};
  std::string content = legend(chart.lines) + axes(chart, x, y);
  if (chart.diagonal) content += segment("faint", x(xs.low), y(xs.low), x(xs.high), y(xs.high));
  for (const auto& line : chart.lines) content += polyline(line, x, y);
  return picture(chart.title, height, content);
}

std::string dots(const std::string& title, const std::vector<Row>& rows) {
  if (rows.empty()) return "";
  Range range;
  for (const auto& row : rows) {
    range.add(row.value);
    if (row.interval) range.add(row.interval->first), range.add(row.interval->second);
  }
  range = range.padded(0.05);
  const double height = 26.0 * static_cast<double>(rows.size()) + 28.0;
  const Scale x{.low = range.low, .high = range.high, .from = name_width(rows), .to = kWidth - 56.0};
  std::string content;
  for (const double tick : ticks(x.low, x.high, 4)) {
    content += segment("grid", x(tick), 4.0, x(tick), height - 22.0);
    content += label("tick", x(tick), height - 7.0, short_number(tick), "middle");
  }
  double y = 17.0;
  for (const auto& row : rows) {
    content += label("name", x.from - 8.0, y + 4.0, row.name, "end");
    if (row.interval) {
      content += segment(("line " + row.style).c_str(), x(row.interval->first), y, x(row.interval->second), y);
    }
    content +=
        circle("dot " + row.style, x(row.value), y, 4.5) + label("value", kWidth - 2.0, y + 4.0, row.shown, "end");
    y += 26.0;
  }
  return picture(title, height, content);
}

std::string bars(const std::string& title, const std::vector<Row>& rows) {
  if (rows.empty()) return "";
  Range range;
  range.add(0.0);
  for (const auto& row : rows) {
    range.add(row.value);
    if (row.interval) range.add(row.interval->first), range.add(row.interval->second);
  }
  if (range.high <= range.low) range.high = range.low + 1.0;
  const double height = 24.0 * static_cast<double>(rows.size()) + 8.0;
  const Scale x{.low = range.low, .high = range.high, .from = name_width(rows), .to = kWidth - 126.0};
  std::string content;
  double y = 4.0;
  for (const auto& row : rows) {
    const double left = std::min(x(0.0), x(row.value)), right = std::max(x(0.0), x(row.value));
    content += label("name", x.from - 8.0, y + 14.0, row.name, "end");
    content += "<rect class=\"bar " + row.style + "\"" + attribute("x", left) + attribute("y", y + 3.0) +
               attribute("width", std::max(right - left, 0.5)) + " height=\"14\"/>";
    if (row.interval) content += segment("range", x(row.interval->first), y + 10.0, x(row.interval->second), y + 10.0);
    content += label("value", kWidth - 2.0, y + 14.0, row.shown, "end");
    y += 24.0;
  }
  content += segment("axis", x(0.0), 2.0, x(0.0), height - 4.0);
  return picture(title, height, content);
}
}  // namespace podium::train::svg
