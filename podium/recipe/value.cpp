#include "podium/recipe/value.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "podium/core/error.h"
#include "podium/core/json.h"

namespace podium::recipe {
namespace {
using Json = nlohmann::ordered_json;

Json json_of(const Value& value) {
  struct Visitor {
    Json operator()(bool held) const { return held; }
    Json operator()(std::int64_t held) const { return held; }
    Json operator()(double held) const { return held; }
    Json operator()(const std::string& held) const { return held; }
    Json operator()(const List& held) const {
      Json json = Json::array();
      for (const auto& item : held) json.push_back(json_of(item));
      return json;
    }
    Json operator()(const Map& held) const {
      Json json = Json::object();
      for (const auto& [key, item] : held) json[key] = json_of(item);
      return json;
    }
  };
  return std::visit(Visitor{}, value.held);
}

Value value_of(const Json& json, const Place& place) {
  if (json.is_boolean()) return {json.get<bool>(), place};
  if (json.is_number_unsigned() && json.get<std::uint64_t>() > INT64_MAX) {
    throw Error(place.text() + ": the number " + json.dump() + " is too large");
  }
  if (json.is_number_integer()) return {json.get<std::int64_t>(), place};
  if (json.is_number_float()) return {json.get<double>(), place};
  if (json.is_string()) return {json.get<std::string>(), place};
  if (json.is_array()) {
    List list;
    for (const auto& item : json) list.push_back(value_of(item, place));
    return {std::move(list), place};
  }
  if (json.is_object()) {
    Map map;
    for (const auto& [key, item] : json.items()) map.emplace_back(key, value_of(item, place));
    return {std::move(map), place};
  }
  throw Error(place.text() + ": a recipe holds no null");
}

bool is_bare_key(std::string_view key) {
  return !key.empty() && std::ranges::all_of(key, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

std::string quote(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      constexpr std::string_view kHex = "0123456789abcdef";
      out += "\\u00";
      out += kHex[static_cast<unsigned char>(c) >> 4];
      out += kHex[c & 15];
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string key_text(std::string_view key) { return is_bare_key(key) ? std::string(key) : quote(key); }

std::string number_text(double number) {
  std::array<char, 32> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
  std::string text(buffer.data(), end);
  if (text.find_first_of(".en") == std::string::npos) text += ".0";
  return text;
}
}  // namespace

std::string Place::text() const {
  if (!name) return "recipe";
  return line == 0 ? *name : *name + ":" + std::to_string(line);
}

const Value* find(const Map& map, std::string_view key) {
  const auto found = std::ranges::find_if(map, [&](const auto& entry) { return entry.first == key; });
  return found == map.end() ? nullptr : &found->second;
}

Value* find(Map& map, std::string_view key) {
  return const_cast<Value*>(find(std::as_const(map), key));  // NOLINT: the map itself is not const
}

std::string to_json_text(const Value& value) { return json_of(value).dump(1); }

Value parse_json(std::string_view text, const std::string& name) {
  const Place place{std::make_shared<std::string>(name), std::make_shared<std::string>(), 0};
  return value_of(podium::parse_json<Json>(text, name), place);
}

std::string inline_toml(const Value& value) {
  struct Visitor {
    std::string operator()(bool held) const { return held ? "true" : "false"; }
    std::string operator()(std::int64_t held) const { return std::to_string(held); }
    std::string operator()(double held) const { return number_text(held); }
    std::string operator()(const std::string& held) const { return quote(held); }
    std::string operator()(const List& held) const {
      std::string text = "[";
      for (const auto& item : held) text += (text.size() > 1 ? ", " : "") + inline_toml(item);
      return text + "]";
    }
    std::string operator()(const Map& held) const {
      if (held.empty()) return "{}";
      std::string text = "{";
      for (const auto& [key, item] : held) {
        text += (text.size() > 1 ? ", " : " ") + key_text(key) + " = " + inline_toml(item);
      }
      return text + " }";
    }
  };
  return std::visit(Visitor{}, value.held);
}

std::string to_toml_text(const Map& map, std::string_view deep) {
  std::string text;
  const auto section = [&](const std::string& name, const Map& entries) {
    text += (text.empty() ? "[" : "\n[") + name + "]\n";
    for (const auto& [key, item] : entries) text += key_text(key) + " = " + inline_toml(item) + "\n";
  };
  for (const auto& [key, value] : map) {
    const Map* entries = std::get_if<Map>(&value.held);
    if (entries == nullptr) throw Error("recipe: " + key + " is not a section");
    if (key != deep) {
      section(key_text(key), *entries);
      continue;
    }
    for (const auto& [name, item] : *entries) {
      if (const Map* inner = std::get_if<Map>(&item.held)) section(key_text(key) + "." + key_text(name), *inner);
    }
  }
  return text;
}
}  // namespace podium::recipe
