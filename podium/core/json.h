#pragma once
// Included by sources only: the JSON library stays out of every public header.
#include <cstddef>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "podium/core/error.h"

namespace podium {
struct JsonLimits {
  std::size_t depth = 32;                   // of objects and arrays within each other
  std::size_t keys = std::size_t{1} << 20;  // of one object
};

/// Parses JSON that may come from anyone. `what` begins the message ("models/ranking/1/model.json").
/// Throws Error for what is no JSON, nests too deep, or says a key twice (parsers differ in which one they keep).
template <class Json>
Json parse_json(std::string_view text, const std::string& what, const JsonLimits& limits = {}) {
  std::vector<std::set<std::string>> keys;  // of the objects that are open
  using Event = typename Json::parse_event_t;
  const auto check = [&](int depth, Event event, Json& parsed) {
    if (event == Event::object_start || event == Event::array_start) {
      if (static_cast<std::size_t>(depth) >= limits.depth) {
        throw Error(what + ": nests deeper than " + std::to_string(limits.depth) + " levels");
      }
    }
    if (event == Event::object_start) keys.emplace_back();
    if (event == Event::object_end) keys.pop_back();
    if (event == Event::key) {
      if (keys.back().size() >= limits.keys) throw Error(what + ": an object has too many keys");
      const auto& name = parsed.template get_ref<const std::string&>();
      if (!keys.back().insert(name).second) throw Error(what + ": \"" + name + "\" stands there twice");
    }
    return true;
  };
  try {
    return Json::parse(text.begin(), text.end(), check);
  } catch (const nlohmann::json::exception& exception) {
    throw Error(what + ": is not valid JSON (" + exception.what() + ")");
  }
}

/// JSON as the verbs print it, whatever bytes its texts are: what is no UTF-8 becomes U+FFFD, and what is not ASCII is
/// escaped, so that another program's file sends a terminal nothing but text.
template <class Json>
std::string json_text(const Json& json) {
  return json.dump(1, ' ', /*ensure_ascii=*/true, Json::error_handler_t::replace);
}
}  // namespace podium
