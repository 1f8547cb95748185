#include "podium/interop/savedmodel/contents.h"

#include <algorithm>
#include <cctype>
#include <map>

#include "podium/core/error.h"
#include "podium/core/files.h"
#include "podium/core/mapped_file.h"
#include "podium/interop/file_below.h"
#include "podium/interop/foreign_text.h"
#include "podium/interop/parse.h"
#include "podium/interop/proto/tensorflow.pb.h"
#include "podium/interop/savedmodel/bundle_reader.h"

namespace podium::interop {
namespace {
/// "float" for DT_FLOAT.
std::string name_of(tf::DataType type) {
  std::string name = tf::DataType_IsValid(type) ? tf::DataType_Name(type) : "";
  if (!name.starts_with("DT_")) return "type " + std::to_string(type);
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return name.substr(3);
}

std::string text_of(const tf::TensorInfo& info) {
  if (info.tensor_shape().unknown_rank()) return name_of(info.dtype()) + " of any shape";
  std::string shape;
  for (const auto& dim : info.tensor_shape().dim()) {
    shape += (shape.empty() ? "" : ", ") + (dim.size() < 0 ? "?" : std::to_string(dim.size()));
  }
  return name_of(info.dtype()) + " [" + shape + "]";
}

using Infos = google::protobuf::Map<std::string, tf::TensorInfo>;
std::vector<SavedModelContents::Value> values_of(const Infos& infos) {
  std::vector<SavedModelContents::Value> values;
  for (const auto& [name, info] : infos) values.push_back({name, text_of(info)});
  std::ranges::sort(values, {}, &SavedModelContents::Value::name);
  return values;
}

const tf::MetaGraphDef& graph_of(const tf::SavedModel& model) {
  for (const auto& meta : model.meta_graphs()) {
    if (std::ranges::count(meta.meta_info_def().tags(), "serve") != 0) return meta;
  }
  return model.meta_graphs(0);
}

/// As objects, or, of TensorFlow 1, as nodes.
std::size_t variables_of(const tf::MetaGraphDef& meta) {
  const auto objects = std::ranges::count_if(meta.object_graph_def().nodes(), &tf::SavedObject::has_variable);
  const auto nodes = std::ranges::count_if(meta.graph_def().node(), [](const tf::NodeDef& node) {
    return node.op() == "VarHandleOp" || node.op() == "VariableV2" || node.op() == "Variable";
  });
  return static_cast<std::size_t>(objects != 0 ? objects : nodes);
}
}  // namespace

SavedModelContents read_saved_model_contents(std::string_view graph, const std::string& what) {
  tf::SavedModel model;
  if (!parse(model, graph) || model.meta_graphs().empty()) {
    throw Error(what + ": is no SavedModel; the file is cut or damaged");
  }
  const tf::MetaGraphDef& meta = graph_of(model);
  SavedModelContents contents;
  contents.tensorflow_version = meta.meta_info_def().tensorflow_version();
  contents.tags.assign(meta.meta_info_def().tags().begin(), meta.meta_info_def().tags().end());
  for (const auto& [name, signature] : meta.signature_def()) {
    if (name.starts_with("__saved_model")) continue;  // what a loader runs, not a caller
    contents.signatures.push_back({name, values_of(signature.inputs()), values_of(signature.outputs())});
  }
  std::ranges::sort(contents.signatures, {}, &SavedModelContents::Signature::name);
  contents.variables = variables_of(meta);
  for (const auto& asset : meta.asset_file_def()) contents.assets.push_back(asset.filename());
  return contents;
}

SavedModelContents read_saved_model_contents(const std::string& directory) {
  const std::string path = directory + "/saved_model.pb";
  const MappedFile file(path);
  SavedModelContents contents = read_saved_model_contents(file.text(), path);
  const std::string prefix = directory + "/variables/variables";
  try {
    if (path_exists(prefix + ".index")) {
      const Bundle bundle(prefix);
    } else if (contents.variables != 0) {
      contents.problems.push_back("variables/variables.index is not there; copy all of the model");
    }
  } catch (const Error& error) {
    contents.problems.emplace_back(error.what());
  }
  for (const std::string& asset : contents.assets) {
    try {
      if (size_below(directory + "/assets", asset)) continue;
      contents.problems.push_back("the asset " + in_quotes(asset) + " is not there; copy all of the model");
    } catch (const Error& error) {
      contents.problems.push_back("the asset " + in_quotes(asset) + " " + error.what());
    }
  }
  return contents;
}
}  // namespace podium::interop
