#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace podium::train {
/// "1.1107": fixed digits after the point; "-0" never.
std::string number(double value, int digits);
/// "1.11", "0.00012", "12300": about `significant` digits, the shortest way.
std::string short_number(double value, int significant = 4);
/// "80,000"
std::string grouped(std::size_t count);
/// Text for HTML and its attributes: & < > " ' become entities; bytes that XML forbids (controls) become U+FFFD.
std::string escaped(std::string_view text);
}  // namespace podium::train
