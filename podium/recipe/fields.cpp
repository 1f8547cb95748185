#include "podium/recipe/fields.h"

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "podium/core/error.h"
#include "podium/core/table.h"

namespace podium::recipe {
namespace {
std::string found(const Value& value) {
  struct Visitor {
    std::string operator()(bool held) const { return held ? "true" : "false"; }
    std::string operator()(std::int64_t held) const { return std::to_string(held); }
    std::string operator()(double held) const { return inline_toml(Value{held}); }
    std::string operator()(const std::string& held) const { return inline_toml(Value{held}); }
    std::string operator()(const List&) const { return "a list"; }
    std::string operator()(const Map&) const { return "a table"; }
  };
  return std::visit(Visitor{}, value.held);
}

std::string plain(double number) {
  std::array<char, 32> buffer{};
  return {buffer.data(), std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr};
}

std::string listed(const std::vector<std::string_view>& names) {
  std::string text;
  for (const auto name : names) text += (text.empty() ? "" : ", ") + std::string(name);
  return text;
}
}  // namespace

std::string Range::text() const {
  const bool has_low = std::isfinite(low), has_high = std::isfinite(high);
  if (has_low && has_high)
    return (open_low ? "above " : "from ") + plain(low) + (open_high ? " to below " : " to ") + plain(high);
  if (has_low) return (open_low ? "above " : "at least ") + plain(low);
  return (open_high ? "below " : "at most ") + plain(high);
}

std::string rule_text(const OneOf& allowed) { return listed(allowed.names); }

void fail(const Value& value, const std::string& path, const std::string& problem) {
  const std::string where = value.place.text();
  // "--set train.epochs=x" says the key already.
  throw Error(where + ": " + path + " " + problem);
}

void read_one(const Value& value, const std::string& path, bool& member) {
  const auto* held = std::get_if<bool>(&value.held);
  if (held == nullptr) fail(value, path, "is " + found(value) + "; it has to be true or false");
  member = *held;
}

void read_one(const Value& value, const std::string& path, double& member) {
  if (const auto* whole = std::get_if<std::int64_t>(&value.held)) {
    member = static_cast<double>(*whole);
  } else if (const auto* number = std::get_if<double>(&value.held); number != nullptr && std::isfinite(*number)) {
    member = *number;
  } else {
    fail(value, path, "is " + found(value) + "; it has to be a number");
  }
}

void read_one(const Value& value, const std::string& path, float& member) {
  double number = 0.0;
  read_one(value, path, number);
  if (std::abs(number) > static_cast<double>(std::numeric_limits<float>::max())) {
    fail(value, path, "is " + found(value) + "; it has to fit a 32-bit float");
  }
  member = static_cast<float>(number);
}

void read_one(const Value& value, const std::string& path, std::uint64_t& member) {
  const auto* whole = std::get_if<std::int64_t>(&value.held);
  if (whole == nullptr || *whole < 0) {
    fail(value, path, "is " + found(value) + "; it has to be a whole number, 0 or more");
  }
  member = static_cast<std::uint64_t>(*whole);
}

void read_one(const Value& value, const std::string& path, std::string& member) {
  const auto* text = std::get_if<std::string>(&value.held);
  if (text == nullptr) fail(value, path, "is " + found(value) + "; it has to be text, in quotes");
  if (text->find('\0') != std::string::npos) fail(value, path, "holds a NUL byte");
  member = *text;
}

void check_name(const Value& value, const std::string& path, std::string_view name,
                const std::vector<std::string_view>& names) {
  if (std::ranges::find(names, name) != names.end()) return;
  const auto near = nearest_name(name, names);
  fail(value, path,
       "is \"" + std::string(name) + "\"" +
           (near.empty() ? "; it has to be one of " + listed(names)
                         : "; did you mean \"" + std::string(near) + "\"? It can be " + listed(names)));
}

void check_keys(const Map& map, const std::string& path, const std::vector<std::string_view>& known) {
  for (const auto& [key, value] : map) {
    if (std::ranges::find(known, key) != known.end()) continue;
    const auto near = nearest_name(key, known);
    fail(value, join(path, key),
         std::string("is not a key; ") +
             (near.empty() ? "there are " + listed(known) : "did you mean " + join(path, near) + "?"));
  }
}

void check_range(const Value& value, const std::string& path, double number, const Range& range) {
  if (!range.holds(number)) fail(value, path, "is " + plain(number) + "; it has to be " + range.text());
}

const Map& map_of(const Value& value, const std::string& path) {
  const auto* map = std::get_if<Map>(&value.held);
  if (map == nullptr) fail(value, path, "is " + found(value) + "; it has to be a table, as in [" + path + "]");
  return *map;
}

std::string join(const std::string& path, std::string_view key) {
  return path.empty() ? std::string(key) : path + "." + std::string(key);
}

std::string resolve(const Value& value, const std::string& text) {
  const std::filesystem::path path(text);
  if (!value.place.folder || value.place.folder->empty() || path.is_absolute()) return text;
  return (std::filesystem::path(*value.place.folder) / path).lexically_normal().string();
}

void check(const Value& value, const std::string& path, std::string& member, const FilePath& file) {
  if (member.empty()) fail(value, path, "is empty; it has to be a file's path");
  if (std::ranges::find(file.words, member) == file.words.end()) member = resolve(value, member);
}

void check(const Value& value, const std::string& path, std::vector<std::string>& member, const FilePath& file) {
  for (auto& item : member) check(value, path, item, file);
}

Value write_one(float member) {
  // The shortest text that gives this float back, so that 0.1 stays 0.1.
  std::array<char, 32> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), member).ptr;
  double number = 0.0;
  std::from_chars(buffer.data(), end, number);
  return {number};
}
}  // namespace podium::recipe
