// An ExportReport for programs.
#include <limits>
#include <nlohmann/json.hpp>

#include "podium/core/json.h"
#include "podium/core/manifest_json.h"
#include "podium/interop/foreign_text.h"
#include "podium/interop/inspect.h"

namespace podium::interop {
namespace {
using Json = nlohmann::ordered_json;

/// A text of the file as a key: escaped, so that two that are no UTF-8 stay two.
std::string key_of(const std::string& text) { return printable(text, std::numeric_limits<std::size_t>::max()); }

/// {key: value, ...} of pairs; of equal keys the last counts, as in ONNX Runtime.
template <class Pairs>
Json object_of(const Pairs& pairs) {
  Json json = Json::object();
  for (const auto& [key, value] : pairs) json[key_of(key)] = value;
  return json;
}

template <class Value>
Json values_json(const std::vector<Value>& values) {
  Json list = Json::array();
  for (const Value& value : values) list.push_back({{"name", value.name}, {"type", value.type}});
  return list;
}

void add_contents(Json& json, const OnnxContents& onnx) {
  if (!onnx.producer.empty()) json["producer"] = onnx.producer;
  if (!onnx.producer_version.empty()) json["producer_version"] = onnx.producer_version;
  json["ir_version"] = onnx.ir_version;
  json["opsets"] = object_of(onnx.opsets);
  json["inputs"] = values_json(onnx.inputs);
  json["outputs"] = values_json(onnx.outputs);
  json["operators"] = object_of(onnx.operators);
  json["initializers"] = onnx.initializers;
  json["initializer_bytes"] = onnx.initializer_bytes;
  json["data_files"] = Json::array();
  for (const OnnxContents::DataFile& file : onnx.files) {
    json["data_files"].push_back({{"location", file.location}, {"tensors", file.tensors}, {"bytes", file.bytes}});
  }
  json["metadata"] = object_of(onnx.metadata);
}

void add_contents(Json& json, const SavedModelContents& model) {
  if (!model.tensorflow_version.empty()) json["tensorflow_version"] = model.tensorflow_version;
  json["tags"] = model.tags;
  json["signatures"] = Json::array();
  for (const SavedModelContents::Signature& signature : model.signatures) {
    json["signatures"].push_back({{"name", signature.name},
                                  {"inputs", values_json(signature.inputs)},
                                  {"outputs", values_json(signature.outputs)}});
  }
  json["variables"] = model.variables;
  json["assets"] = model.assets;
}
}  // namespace

std::string to_json(const ExportReport& report) {
  const auto problems = problems_of(report);
  Json json = {{"kind", "export"},          {"path", report.path},  {"format", report.format},
               {"sound", problems.empty()}, {"problems", problems}, {"manifest", report.is_ours}};
  if (report.onnx) add_contents(json, *report.onnx);
  if (report.saved_model) add_contents(json, *report.saved_model);
  json["files"] = files_json(report.files);
  json["extra_files"] = files_json(report.extra);
  return json_text(json);
}
}  // namespace podium::interop
