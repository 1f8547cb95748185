#include "podium/interop/onnx/write.h"

#include <map>
#include <utility>

#include "podium/core/error.h"
#include "podium/core/json.h"
#include "podium/interop/export.h"
#include "podium/interop/onnx/builder.h"
#include "podium/interop/onnx/file.h"
#include "podium/interop/onnx/translate.h"
#include "podium/model/description.h"

namespace podium::interop {
namespace {
using namespace onnx;

/// The IR version that came with an opset, so that the oldest reader that knows the opset takes the file.
/// Source: onnx/onnx:docs/Versioning.md.
std::int64_t ir_version(std::int64_t opset) {
  static const std::map<std::int64_t, std::int64_t> versions = {{17, 8}, {18, 8}, {19, 9}, {20, 9}, {21, 10}};
  const auto found = versions.find(opset);
  if (found == versions.end()) {
    throw Error("ONNX: opset " + std::to_string(opset) + " is not one that Podium writes; choose 17 to 21");
  }
  return found->second;
}

/// Where the model comes from and how good it is, as texts; lists and objects are JSON.
std::map<std::string, std::string> metadata_of(const ModelView& model) {
  using Json = nlohmann::ordered_json;
  Json sources = Json::array(), sizes = Json::object();
  for (const Source& source : model.record.sources) {
    sources.push_back({{"role", source.role}, {"rows", source.rows}, {"checksum", source.checksum}});
  }
  const Features& features = model.features;
  for (std::size_t f = 0; f < features.features.size(); ++f) {
    if (std::holds_alternative<NumericEncoder>(features.encoders[f])) continue;
    sizes[graph::column_of(features.features[f])] = vocabulary_size(features.encoders[f]);
  }
  std::map<std::string, std::string> metadata = {{"podium.format_version", std::to_string(model::kFormatVersion)},
                                                 {"podium.sources", sources.dump()},
                                                 {"podium.vocabulary_sizes", sizes.dump()}};
  if (!model.record.metrics.empty()) metadata["podium.metrics"] = model.record.metrics;
  if (!model.options.user.empty()) metadata["podium.user"] = model.options.user;
  if (!model.options.item.empty()) metadata["podium.item"] = model.options.item;
  return metadata;
}

ModelProto envelope(const ModelView& model, std::int64_t opset) {
  ModelProto proto;
  proto.set_ir_version(ir_version(opset));
  proto.set_producer_name("podium");
  proto.set_producer_version(PODIUM_VERSION);
  auto* operators = proto.add_opset_import();
  operators->set_domain("");
  operators->set_version(opset);
  auto* ml = proto.add_opset_import();
  ml->set_domain("ai.onnx.ml");
  ml->set_version(2);  // the LabelEncoder of every ONNX Runtime since 1.0
  for (const auto& [key, value] : metadata_of(model)) {
    auto* entry = proto.add_metadata_props();
    entry->set_key(key);
    entry->set_value(value);
  }
  return proto;
}
}  // namespace

void write_onnx(const ModelView& model, const std::string& to, const OnnxOptions& options) {
  const ModelProto proto = envelope(model, options.opset);
  Builder builder;
  builder.graph().set_name("podium");
  switch (options.graph) {
    case OnnxGraph::predict:
      add_predict(builder, model);
      break;
    case OnnxGraph::rank:
      add_rank(builder, model);
      break;
  }
  std::size_t bytes = 0;
  for (const auto& initializer : builder.large()) bytes += initializer.data.bytes.size();
  const ModelFiles files(proto, builder.graph(), builder.large(), bytes > options.inline_bytes);
  write_export(to, files.files());
}
}  // namespace podium::interop
