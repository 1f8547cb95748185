#pragma once
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "podium/recipe/value.h"

/// Options are structs that list their own fields: `fields(self, visit)` calls visit(name, member, description) once
/// per field, and with a fourth argument where the type alone does not say what is allowed. What reads, writes and
/// describes a recipe are three such visitors.
namespace podium::recipe {
// ---- what a field may hold, beyond its type ----
/// Numbers from `low` to `high`, the ends included unless they are open.
struct Range {
  double low = -std::numeric_limits<double>::infinity(), high = std::numeric_limits<double>::infinity();
  bool open_low = false, open_high = false;

  bool holds(double number) const {
    return (open_low ? number > low : number >= low) && (open_high ? number < high : number <= high);
  }
  std::string text() const;  // "at least 1", "from 0 to below 1"
};
inline Range at_least(double low) { return {.low = low}; }
inline Range above(double low) { return {.low = low, .open_low = true}; }
inline Range share() { return {.low = 0.0, .high = 1.0, .open_high = true}; }                         // [0, 1)
inline Range open_share() { return {.low = 0.0, .high = 1.0, .open_low = true, .open_high = true}; }  // (0, 1)

/// Text that is one of some names.
struct OneOf {
  std::vector<std::string_view> names;
};
/// Text that is a file's path; `words` are the values that are not.
struct FilePath {
  std::vector<std::string_view> words = {};
};
/// A field that has to be given.
struct Required {};

// ---- names of an enum's values: a specialization lists them ----
template <class Enum>
struct EnumNames;  // static constexpr std::array<std::pair<std::string_view, Enum>, N> all

// ---- a kind among several: its name and fields; specialize it for structs that do not carry their own ----
template <class T>
struct Kind {
  static constexpr std::string_view name = T::kKind;
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    T::fields(self, visit);
  }
};

template <class T>
inline constexpr bool is_variant = false;
template <class... Kinds>
inline constexpr bool is_variant<std::variant<Kinds...>> = true;
template <class T>
inline constexpr bool is_vector = false;
template <class T>
inline constexpr bool is_vector<std::vector<T>> = true;
struct Ignore {
  template <class... Arguments>
  void operator()(Arguments&&...) const {}
};
template <class T>
concept Options = requires(T& options) {
  T::fields(options, Ignore{});
};

// ---- reading ----
[[noreturn]] void fail(const Value& value, const std::string& path, const std::string& problem);
void read_one(const Value& value, const std::string& path, bool& member);
void read_one(const Value& value, const std::string& path, double& member);
void read_one(const Value& value, const std::string& path, float& member);
void read_one(const Value& value, const std::string& path, std::uint64_t& member);
void read_one(const Value& value, const std::string& path, std::string& member);
/// The name as it is, if it is one of `names`; else fails and says the nearest.
void check_name(const Value& value, const std::string& path, std::string_view name,
                const std::vector<std::string_view>& names);
/// Fails for the first key of `map` that is not in `known`, naming the nearest.
void check_keys(const Map& map, const std::string& path, const std::vector<std::string_view>& known);
/// The map that `value` has to be.
const Map& map_of(const Value& value, const std::string& path);
std::string join(const std::string& path, std::string_view key);
/// `text` below the folder that the value's relative paths start at.
std::string resolve(const Value& value, const std::string& text);

inline void check(const Value&, const std::string&, const auto& /*member*/, Required) {}
void check_range(const Value& value, const std::string& path, double number, const Range& range);
void check(const Value& value, const std::string& path, const auto& member, const Range& range) {
  if constexpr (is_vector<std::remove_cvref_t<decltype(member)>>) {
    for (const auto& item : member) check_range(value, path, static_cast<double>(item), range);
  } else {
    check_range(value, path, static_cast<double>(member), range);
  }
}
inline void check(const Value& value, const std::string& path, const std::string& member, const OneOf& allowed) {
  check_name(value, path, member, allowed.names);
}
inline void check(const Value& value, const std::string& path, const std::vector<std::string>& member,
                  const OneOf& allowed) {
  for (const auto& name : member) check_name(value, path, name, allowed.names);
}
void check(const Value& value, const std::string& path, std::string& member, const FilePath& file);
void check(const Value& value, const std::string& path, std::vector<std::string>& member, const FilePath& file);

template <class T>
void read_field(const Value& value, const std::string& path, T& member);

/// Reads a map's keys into the fields that it visits.
class Reader {
 public:
  Reader(const Value& value, std::string path) : value_(value), map_(map_of(value, path)), path_(std::move(path)) {}

  template <class T, class... Rule>
  void operator()(std::string_view name, T& member, std::string_view /*description*/, const Rule&... rule) {
    known_.push_back(name);
    const Value* found = find(map_, name);
    if (found == nullptr) {
      if constexpr ((std::is_same_v<Rule, Required> || ...)) fail(value_, join(path_, name), "is missing");
      return;
    }
    read_field(*found, join(path_, name), member);
    (check(*found, join(path_, name), member, rule), ...);
  }

  /// Counts a key as known that no field has.
  void know(std::string_view name) { known_.push_back(name); }
  /// Fails for a key that was not visited.
  void finish() const { check_keys(map_, path_, known_); }

 private:
  const Value& value_;
  const Map& map_;
  std::string path_;
  std::vector<std::string_view> known_;
};

template <class... Kinds>
void read_kind(const Value& value, const std::string& path, std::variant<Kinds...>& member) {
  static const std::vector<std::string_view> names = {Kind<Kinds>::name...};
  const std::string kind_path = join(path, "kind");
  const Value* kind = std::holds_alternative<std::string>(value.held) ? &value : find(map_of(value, path), "kind");
  if (kind != nullptr) {
    std::string name;
    read_one(*kind, kind_path, name);
    check_name(*kind, kind_path, name, names);
    const auto take = [&]<class T>(std::type_identity<T>) {
      if (Kind<T>::name == name && !std::holds_alternative<T>(member)) member = T{};
    };
    (take(std::type_identity<Kinds>{}), ...);
  }
  if (kind == &value) return;
  Reader reader(value, path);
  reader.know("kind");
  std::visit([&]<class T>(T& held) { Kind<T>::fields(held, reader); }, member);
  reader.finish();
}

template <class T>
void read_field(const Value& value, const std::string& path, T& member) {
  if constexpr (is_variant<T>) {
    read_kind(value, path, member);
  } else if constexpr (Options<T>) {
    Reader reader(value, path);
    T::fields(member, reader);
    reader.finish();
  } else if constexpr (std::is_enum_v<T>) {
    std::string name;
    read_one(value, path, name);
    std::vector<std::string_view> names;
    for (const auto& [known, held] : EnumNames<T>::all) {
      names.push_back(known);
      if (known == name) member = held;
    }
    check_name(value, path, name, names);
  } else if constexpr (is_vector<T>) {
    member.clear();
    if (const auto* list = std::get_if<List>(&value.held)) {
      for (const auto& item : *list) read_one(item, path, member.emplace_back());
    } else {
      read_one(value, path, member.emplace_back());  // one value stands for a list of one
    }
  } else {
    read_one(value, path, member);
  }
}

// ---- writing ----
inline Value write_one(bool member) { return {member}; }
inline Value write_one(double member) { return {member}; }
Value write_one(float member);
inline Value write_one(std::uint64_t member) { return {static_cast<std::int64_t>(member)}; }
inline Value write_one(const std::string& member) { return {member}; }

template <class T>
Value write_field(const T& member);

/// Writes every field that it visits, but empty text.
struct Writer {
  Map map = {};
  template <class T, class... Rule>
  void operator()(std::string_view name, const T& member, std::string_view /*description*/, const Rule&... /*rule*/) {
    if constexpr (std::is_same_v<T, std::string> || std::is_same_v<T, std::vector<std::string>>) {
      if (member.empty()) return;
    }
    map.emplace_back(std::string(name), write_field(member));
  }
};

template <class T>
Value write_field(const T& member) {
  if constexpr (is_variant<T>) {
    return std::visit(
        []<class Held>(const Held& held) {
          Writer writer{{{"kind", Value{std::string(Kind<Held>::name)}}}};
          Kind<Held>::fields(held, writer);
          return Value{std::move(writer.map)};
        },
        member);
  } else if constexpr (Options<T>) {
    Writer writer;
    T::fields(member, writer);
    return {std::move(writer.map)};
  } else if constexpr (std::is_enum_v<T>) {
    for (const auto& [name, held] : EnumNames<T>::all) {
      if (held == member) return {std::string(name)};
    }
    return {std::string()};
  } else if constexpr (is_vector<T>) {
    List list;
    for (const auto& item : member) list.push_back(write_one(item));
    return {std::move(list)};
  } else {
    return write_one(member);
  }
}

// ---- describing ----
/// One key of the recipe, for help.
struct KeyHelp {
  std::string key;        // "train.epochs"
  std::string kind;       // for keys that only one kind has: "mlp"
  std::string type;       // "whole number", "text", "list of text" ...
  std::string otherwise;  // the default as TOML; "" if there is none
  std::string description;
};

template <class T>
std::string type_text() {
  if constexpr (is_variant<T> || Options<T>) return "table";
  if constexpr (std::is_enum_v<T> || std::is_same_v<T, std::string>) return "text";
  if constexpr (std::is_same_v<T, bool>) return "true or false";
  if constexpr (std::is_floating_point_v<T>) return "number";
  if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) return "whole number";
  if constexpr (is_vector<T>)
    return type_text<typename T::value_type>() + " or list of " + type_text<typename T::value_type>();
}

inline std::string rule_text(const Range& range) { return range.text(); }
std::string rule_text(const OneOf& allowed);
inline std::string rule_text(const FilePath&) { return ""; }
inline std::string rule_text(Required) { return "required"; }

/// Lists every field that it visits, tables' fields after them.
struct Describer {
  std::string path;
  std::string kind = {};
  std::vector<KeyHelp> keys = {};

  template <class T, class... Rule>
  void operator()(std::string_view name, const T& member, std::string_view description, const Rule&... rule) {
    const std::string key = join(path, name);
    if constexpr (is_variant<T>) {
      describe_kinds(key, member, description);
    } else if constexpr (Options<T>) {
      Describer inner{key, kind};
      T::fields(member, inner);
      keys.insert(keys.end(), inner.keys.begin(), inner.keys.end());
    } else {
      KeyHelp help{key, kind, type_text<T>(), "", std::string(description)};
      if (Writer writer; true) {
        writer(name, member, description);
        if (!writer.map.empty()) help.otherwise = inline_toml(writer.map.front().second);
      }
      const auto add = [&](const std::string& text) {
        if (!text.empty()) help.description += " (" + text + ")";
      };
      (add(rule_text(rule)), ...);
      keys.push_back(std::move(help));
    }
  }

  template <class... Kinds>
  void describe_kinds(const std::string& key, const std::variant<Kinds...>& member, std::string_view description) {
    std::string names;
    ((names += (names.empty() ? "" : ", ") + std::string(Kind<Kinds>::name)), ...);
    const std::string current = std::visit([]<class T>(const T&) { return std::string(Kind<T>::name); }, member);
    keys.push_back(
        {join(key, "kind"), kind, "text", inline_toml(Value{current}), std::string(description) + ": " + names});
    const auto describe = [&]<class T>(std::type_identity<T>) {
      const T* held = std::get_if<T>(&member);
      Describer inner{key, std::string(Kind<T>::name)};
      const T otherwise = held != nullptr ? *held : T{};
      Kind<T>::fields(otherwise, inner);
      keys.insert(keys.end(), inner.keys.begin(), inner.keys.end());
    };
    (describe(std::type_identity<Kinds>{}), ...);
  }
};
}  // namespace podium::recipe
