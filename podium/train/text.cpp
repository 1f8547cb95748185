#include "podium/train/text.h"

#include <cmath>
#include <cstdio>

namespace podium::train {
namespace {
std::string print(const char* pattern, int digits, double value) {
  std::string text(512, '\0');  // %f of the largest double has 309 digits before the point
  const int size = std::snprintf(text.data(), text.size(), pattern, digits, value);
  text.resize(static_cast<std::size_t>(size));
  return text;
}
}  // namespace

std::string number(double value, int digits) {
  std::string text = print("%.*f", digits, value);
  const bool is_zero = text.find_first_not_of("-0.") == std::string::npos;
  return is_zero && text.front() == '-' ? text.substr(1) : text;
}

std::string short_number(double value, int significant) { return print("%.*g", significant, value); }

std::string grouped(std::size_t count) {
  std::string text = std::to_string(count);
  for (std::size_t place = text.size(); place > 3; place -= 3) text.insert(place - 3, 1, ',');
  return text;
}

std::string escaped(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (const char letter : text) {
    switch (letter) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\'':
        result += "&#39;";
        break;
      default: {
        const auto byte = static_cast<unsigned char>(letter);
        const bool control = (byte < 0x20 && letter != '\t' && letter != '\n' && letter != '\r') || byte == 0x7f;
        result += control ? std::string("\xEF\xBF\xBD") : std::string(1, letter);
      }
    }
  }
  return result;
}
}  // namespace podium::train
