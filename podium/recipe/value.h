#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

/// A recipe before it is understood: what TOML, JSON and `--set` have in common, each value with the place it came
/// from.
namespace podium::recipe {
/// Where a value was written: a file and line, or a flag; `folder` is where relative paths in it start.
struct Place {
  std::shared_ptr<const std::string> name;  // "ranking.toml" or "--set train.epochs=3"
  std::shared_ptr<const std::string> folder;
  std::size_t line = 0;  // 0: no line

  /// "ranking.toml:12", or the name alone.
  std::string text() const;
};

struct Value;
using List = std::vector<Value>;
/// Keys in the order in which they were written.
using Map = std::vector<std::pair<std::string, Value>>;

struct Value {
  std::variant<bool, std::int64_t, double, std::string, List, Map> held = Map{};
  Place place = {};
};

/// The value of a key, or null.
const Value* find(const Map& map, std::string_view key);
Value* find(Map& map, std::string_view key);

/// Reads TOML. `name` is said in errors, `folder` is where its paths start. Throws Error with the line.
Value parse_toml(std::string_view text, const std::string& name, const std::string& folder);

/// Lays "a.b.c=v" over a recipe: v is TOML where it parses as such, else text; paths in it start at the current folder.
/// Throws Error if it is not of that form.
void apply_override(Value& recipe, const std::string& assignment);

/// The same value as JSON and back (numbers without a fraction are whole numbers if they were). Throws Error.
std::string to_json_text(const Value& value);
Value parse_json(std::string_view text, const std::string& name);

/// As TOML: the map's maps become [sections]; `deep` names the sections whose maps become sections too.
std::string to_toml_text(const Map& map, std::string_view deep = "features");

/// One value as TOML writes it in a line: 0.5, "text", [1, 2], { kind = "random" }.
std::string inline_toml(const Value& value);
}  // namespace podium::recipe
