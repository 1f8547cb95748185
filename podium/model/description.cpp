#include "podium/model/description.h"

#include <cstdint>
#include <set>
#include <utility>

#include "podium/core/error.h"
#include "podium/core/json.h"
#include "podium/model/graph_json.h"

namespace podium::model {
namespace {
constexpr JsonLimits kLimits = {.depth = 48, .keys = 4096};

/// A part that others wrote as JSON, kept as it is.
Json embedded(const std::string& text, const char* name) {
  return parse_json<Json>(text, std::string("the model's ") + name, {.depth = kLimits.depth - 1, .keys = kLimits.keys});
}

/// The members of an object, each taken once.
class Members {
 public:
  Members(const Json& json, std::string where) : json_(json), where_(std::move(where)) {
    if (!json.is_object()) throw Error(where_ + " is not an object; the file is damaged");
  }
  const Json* find(const char* name) {
    const auto at = json_.find(name);
    if (at == json_.end()) return nullptr;
    taken_.insert(name);
    return &*at;
  }
  std::string text(const char* name) {
    const Json* value = find(name);
    if (value == nullptr) return "";
    if (!value->is_string()) throw Error(where_ + "." + name + " is not text; the file is damaged");
    return value->get<std::string>();
  }
  std::uint64_t number(const char* name) {
    const Json* value = find(name);
    if (value == nullptr) return 0;
    if (!value->is_number_unsigned()) throw Error(where_ + "." + name + " is not a whole number; the file is damaged");
    return value->get<std::uint64_t>();
  }
  std::string json_text(const char* name) {
    const Json* value = find(name);
    return value == nullptr ? "" : value->dump();
  }
  void expect_no_others() const {
    for (const auto& [name, value] : json_.items()) {
      if (!taken_.contains(name)) throw Error(where_ + " has \"" + name + "\", which this Podium does not know");
    }
  }

 private:
  const Json& json_;
  std::string where_;
  std::set<std::string> taken_;
};
}  // namespace

std::string write_description(const Description& description) {
  Json json;
  json["format_version"] = kFormatVersion;
  json["graph"] = graph_to_json(description.graph);
  json["roles"] = {{"user", description.options.user}, {"item", description.options.item}};
  json["seed"] = description.options.seed;
  json["kernel"] = description.options.kernel;
  Json sources = Json::array();
  for (const Source& source : description.sources) {
    sources.push_back(
        {{"path", source.path}, {"role", source.role}, {"rows", source.rows}, {"checksum", source.checksum}});
  }
  json["sources"] = sources;
  if (!description.split.empty()) json["split"] = embedded(description.split, "split");
  if (!description.recipe.empty()) json["recipe"] = embedded(description.recipe, "recipe");
  if (!description.metrics.empty()) json["metrics"] = embedded(description.metrics, "metrics");
  if (!description.gives_up.empty()) json["gives_up"] = description.gives_up;
  try {
    return json.dump(2) + "\n";
  } catch (const nlohmann::json::exception& exception) {
    throw Error(std::string("the model's names or recipe are not UTF-8: ") + exception.what());
  }
}

Description read_description(std::string_view text, const std::string& what) {
  const Json json = parse_json<Json>(text, what, kLimits);
  Members members(json, what + ": model");
  const Json* version = members.find("format_version");
  if (version == nullptr) throw Error(what + ": has no format_version; is it a Podium model?");
  const std::uint64_t format = members.number("format_version");
  if (format > kFormatVersion) {
    throw Error(what + ": written by a newer Podium: format " + std::to_string(format) + ", this one reads " +
                std::to_string(kFormatVersion) + "; update Podium");
  }
  if (format == 0) throw Error(what + ": has format 0, which never was; the file is damaged");

  Description description;
  const Json* graph = members.find("graph");
  if (graph == nullptr) throw Error(what + ": has no graph; the file is damaged");
  description.graph = graph_from_json(*graph, what + ": graph");
  if (const Json* roles = members.find("roles")) {
    Members role(*roles, what + ": roles");
    description.options.user = role.text("user");
    description.options.item = role.text("item");
    role.expect_no_others();
  }
  description.options.seed = members.number("seed");
  description.options.kernel = members.text("kernel");
  if (const Json* sources = members.find("sources")) {
    if (!sources->is_array()) throw Error(what + ": sources is not a list; the file is damaged");
    for (const Json& entry : *sources) {
      Members source(entry, what + ": a source");
      description.sources.push_back(
          {source.text("path"), source.text("role"), source.number("rows"), source.text("checksum")});
      source.expect_no_others();
    }
  }
  description.split = members.json_text("split");
  description.recipe = members.json_text("recipe");
  description.metrics = members.json_text("metrics");
  if (const Json* given_up = members.find("gives_up")) {
    Members reasons(*given_up, what + ": gives_up");
    for (const auto& [name, reason] : given_up->items()) description.gives_up[name] = reasons.text(name.c_str());
  }
  members.expect_no_others();
  try {
    graph::widths(description.graph);
  } catch (const Error& error) {
    throw Error(what + ": " + error.what());
  }
  return description;
}
}  // namespace podium::model
