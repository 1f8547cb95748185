// A ModelReport for programs.
#include <cmath>
#include <nlohmann/json.hpp>

#include "podium/core/json.h"
#include "podium/core/manifest_json.h"
#include "podium/model/inspect.h"

namespace podium {
namespace {
using Json = nlohmann::ordered_json;

Json json_of(const ModelReport::Feature& feature) {
  Json json = {{"column", feature.column}, {"type", feature.type}};
  if (feature.type == "number") return json;
  json["values"] = feature.values;
  json["unknown_indices"] = feature.unknown_indices;
  return json;
}
Json json_of(const ModelReport::Weight& weight) { return {{"name", weight.name}, {"shape", weight.shape}}; }
Json json_of(const Source& source) {
  Json json = {{"path", source.path}};
  if (!source.role.empty()) json["role"] = source.role;
  json["rows"] = source.rows;
  if (!source.checksum.empty()) json["checksum"] = source.checksum;
  return json;
}
Json json_of(const ModelReport::SelfTestResult& test) {
  Json json = {{"rows", test.rows}, {"same_kernel", test.same_kernel}, {"passed", test.passed}};
  if (std::isfinite(test.largest_difference)) json["largest_difference"] = test.largest_difference;
  return json;
}
template <class List>
Json list_of(const List& list) {
  Json json = Json::array();
  for (const auto& value : list) json.push_back(json_of(value));
  return json;
}

/// What model.json says, which is there if that file could be read.
void add_description(Json& json, const ModelReport& report) {
  if (!report.user.empty()) json["user"] = report.user;
  if (!report.item.empty()) json["item"] = report.item;
  json["outputs"] = report.outputs;
  json["seed"] = report.seed;
  if (!report.recorded_kernel.empty()) json["recorded_kernel"] = report.recorded_kernel;
  json["sources"] = list_of(report.sources);
  if (!report.gives_up.empty()) json["gives_up"] = report.gives_up;
  if (!report.metrics.empty()) json["metrics"] = parse_json<Json>(report.metrics, report.directory + ": metrics");
}

/// What the model says that was loaded.
void add_model(Json& json, const ModelReport& report) {
  json["kernel"] = report.kernel;
  json["features"] = list_of(report.features);
  json["parameters"] = report.parameters;
  json["weights"] = list_of(report.weights);
}
}  // namespace

std::string to_json(const ModelReport& report) {
  const bool is_sound = report.problems.empty();
  Json json = {{"kind", "model"}, {"directory", report.directory}, {"sound", is_sound}, {"problems", report.problems}};
  if (!report.outputs.empty()) add_description(json, report);
  if (!report.kernel.empty()) add_model(json, report);
  if (report.self_test) json["self_test"] = json_of(*report.self_test);
  if (is_sound || report.candidates > 0) {  // these are read last
    json["candidates"] = report.candidates;
    if (report.interactions) json["interactions"] = *report.interactions;
    json["can_resume"] = report.can_resume;
  }
  json["files"] = files_json(report.files);
  return json_text(json);
}
}  // namespace podium
