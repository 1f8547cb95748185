// The only file that knows toml++; header-only, so that nothing has to be linked or installed beside us.
#define TOML_HEADER_ONLY 1
#include <toml++/toml.h>

#include <algorithm>
#include <span>

#include "podium/core/error.h"
#include "podium/core/utf8.h"
#include "podium/recipe/value.h"

namespace podium::recipe {
namespace {
/// toml++ keeps keys sorted; the order in which they were written is in their places.
struct Converter {
  Place place;

  Place at(const toml::node& node) const {
    Place here = place;
    here.line = node.source().begin.line;
    return here;
  }

  Value convert(const toml::node& node) const {
    const Place here = at(node);
    if (const auto* held = node.as_boolean()) return {held->get(), here};
    if (const auto* held = node.as_integer()) return {held->get(), here};
    if (const auto* held = node.as_floating_point()) return {held->get(), here};
    if (const auto* held = node.as_string()) return {held->get(), here};
    if (const auto* held = node.as_array()) {
      List list;
      for (const auto& item : *held) list.push_back(convert(item));
      return {std::move(list), here};
    }
    if (const auto* held = node.as_table()) return {convert_table(*held), here};
    throw Error(here.text() + ": dates and times are not used in a recipe; write it in quotes");
  }

  Map convert_table(const toml::table& table) const {
    std::vector<std::pair<const toml::key*, const toml::node*>> entries;
    for (const auto& [key, node] : table) entries.emplace_back(&key, &node);
    std::ranges::stable_sort(entries, [](const auto& a, const auto& b) {
      const auto &left = a.first->source().begin, &right = b.first->source().begin;
      return std::pair(left.line, left.column) < std::pair(right.line, right.column);
    });
    Map map;
    for (const auto& [key, node] : entries) {
      Value value = convert(*node);
      if (value.place.line != 0 && key->source().begin.line != 0) value.place.line = key->source().begin.line;
      map.emplace_back(std::string(key->str()), std::move(value));
    }
    return map;
  }
};

toml::table parse(std::string_view text, const std::string& name) {
  try {
    return toml::parse(text, name);
  } catch (const toml::parse_error& error) {
    throw Error(name + ":" + std::to_string(error.source().begin.line) +
                ": not TOML: " + std::string(error.description()));
  }
}

/// Puts `leaf` where `path` leads to, making maps on the way.
void put(Value& under, std::span<const std::string> path, Value leaf) {
  if (path.empty()) {
    under = std::move(leaf);
    return;
  }
  if (const auto* kind = std::get_if<std::string>(&under.held)) {  // optimizer = "adam", with optimizer.beta_1 over it
    Value text{*kind, under.place};
    under.held = Map{{"kind", std::move(text)}};
  }
  if (!std::holds_alternative<Map>(under.held)) under.held = Map{};
  Map& map = std::get<Map>(under.held);
  Value* found = find(map, path.front());
  if (found == nullptr) {
    map.emplace_back(path.front(), Value{Map{}, leaf.place});
    found = &map.back().second;
  }
  put(*found, path.subspan(1), std::move(leaf));
}

/// The keys of a TOML key: a."b.c" is a and b.c.
std::vector<std::string> path_of(const std::string& key, const std::string& name, const Converter& converter) {
  std::vector<std::string> path;
  try {
    Map map = converter.convert_table(parse(key + " = 1", name));
    while (map.size() == 1) {
      path.push_back(map.front().first);
      if (!std::holds_alternative<Map>(map.front().second.held)) return path;
      Map inner = std::get<Map>(std::move(map.front().second.held));
      map = std::move(inner);
    }
  } catch (const Error&) {
    path.clear();
  }
  throw Error(name + ": \"" + key + "\" is not a key; write it as in train.epochs=10");
}

void set_place(Value& value, const Place& place) {
  value.place = place;
  if (Map* map = std::get_if<Map>(&value.held)) {
    for (auto& entry : *map) set_place(entry.second, place);
  } else if (List* list = std::get_if<List>(&value.held)) {
    for (auto& item : *list) set_place(item, place);
  }
}
}  // namespace

Value parse_toml(std::string_view text, const std::string& name, const std::string& folder) {
  const Place place{std::make_shared<std::string>(name), std::make_shared<std::string>(folder), 1};
  const toml::table table = parse(text, name);
  return {Converter{place}.convert_table(table), place};
}

void apply_override(Value& recipe, const std::string& assignment) {
  const std::string name = "--set " + assignment;
  const auto equals = assignment.find('=');
  if (equals == std::string::npos || equals == 0) throw Error(name + ": write it as key=value, as in train.epochs=10");
  const Place place{std::make_shared<std::string>(name), std::make_shared<std::string>(), 0};
  const Converter converter{place};
  const std::string text = assignment.substr(equals + 1);
  if (utf8_prefix(text) != text.size())
    throw Error("--set " + assignment.substr(0, equals) + ": the value is not UTF-8");
  Value leaf{text, place};
  if (text.find('\n') == std::string::npos) {
    try {
      const Map map = converter.convert_table(parse("v = " + text, name));
      if (map.size() == 1) leaf = map.front().second;
    } catch (const Error&) {
      leaf.held = text;  // not TOML, so it is text
    }
  }
  set_place(leaf, place);
  put(recipe, path_of(assignment.substr(0, equals), name, converter), std::move(leaf));
}
}  // namespace podium::recipe
