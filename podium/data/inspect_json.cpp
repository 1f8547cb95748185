// A DataReport for programs.
#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>

#include "podium/core/json.h"
#include "podium/data/inspect.h"

namespace podium {
namespace {
using Json = nlohmann::ordered_json;

/// JSON has no infinity: a number that is not finite is absent.
void add_number(Json& json, const char* name, double number) {
  if (std::isfinite(number)) json[name] = number;
}
void add_text(Json& json, const char* name, const std::string& text) {
  if (!text.empty()) json[name] = text;
}

Json json_of(const SourceFile& file) {
  Json json = {{"path", file.path}, {"bytes", file.size}, {"rows", file.rows}};
  add_text(json, "checksum", file.checksum);
  for (const auto& [key, value] : file.keys) json["keys"][key] = value;
  return json;
}

/// The bound of an integer column as an integer, where a double tells every one apart.
void add_bound(Json& json, const char* name, const DataReport::ColumnReport& column, double bound) {
  constexpr double kExact = 9007199254740992.0;  // 2^53
  if (column.type != "integer" || std::fabs(bound) > kExact) return add_number(json, name, bound);
  json[name] = static_cast<std::int64_t>(bound);
}

/// Examples of numbers as numbers.
Json examples_of(const DataReport::ColumnReport& column) {
  Json list = Json::array();
  for (const std::string& example : column.examples) {
    const Json number = column.type == "text" ? Json(Json::value_t::discarded) : Json::parse(example, nullptr, false);
    list.push_back(number.is_number() ? number : Json(example));
  }
  return list;
}

Json json_of(const DataReport::ColumnReport& column) {
  Json json = {
      {"name", column.name}, {"type", column.type}, {"missing", column.missing}, {"distinct", column.distinct}};
  if (column.smallest) add_bound(json, "smallest", column, *column.smallest);
  if (column.largest) add_bound(json, "largest", column, *column.largest);
  json["examples"] = examples_of(column);
  add_text(json, "role", column.role);
  add_text(json, "reason", column.reason);
  return json;
}

Json json_of(const Roles& roles) {
  Json json = Json::object();
  add_text(json, "user", roles.user);
  add_text(json, "item", roles.item);
  add_text(json, "label", roles.label);
  add_text(json, "time", roles.time);
  return json;
}

Json json_of(const DataReport::Bin& bin) {
  Json json = Json::object();
  add_number(json, "low", bin.low);
  add_number(json, "high", bin.high);
  json["rows"] = bin.rows;
  return json;
}

Json json_of(const DataReport::Activity& activity) {
  return {{"count", activity.count}, {"quantiles", activity.quantiles}, {"mean", activity.mean}};
}

template <class List>
Json list_of(const List& list) {
  Json json = Json::array();
  for (const auto& value : list) json.push_back(json_of(value));
  return json;
}
}  // namespace

std::string to_json(const DataReport& report) {
  Json json = {{"kind", "data"},
               {"files", list_of(report.files)},
               {"rows", report.rows},
               {"columns", list_of(report.columns)},
               {"roles", json_of(report.roles)},
               {"duplicate_rows", report.duplicate_rows}};
  if (report.users.count > 0 && report.items.count > 0) json["duplicate_pairs"] = report.duplicate_pairs;
  if (!report.labels.empty()) {
    json["labels"] = list_of(report.labels);
    add_number(json, "label_mean", report.label_mean);
    add_number(json, "label_deviation", report.label_deviation);
  }
  if (report.users.count > 0) json["users"] = json_of(report.users);
  if (report.items.count > 0) json["items"] = json_of(report.items);
  json["warnings"] = report.warnings;
  return json_text(json);
}
}  // namespace podium
