#include "podium/interop/savedmodel/read.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "podium/core/error.h"
#include "podium/core/files.h"
#include "podium/interop/parse.h"
#include "podium/interop/savedmodel/graph_mapper.h"
#include "podium/interop/savedmodel/graph_retrieval.h"
#include "podium/interop/savedmodel/optimizer_reader.h"

namespace podium::interop {
namespace {
constexpr std::size_t kMostAssetBytes = std::size_t{1} << 32;

const tf::MetaGraphDef& served(const tf::SavedModel& model) {
  std::string all;
  for (const auto& meta : model.meta_graphs()) {
    const auto& tags = meta.meta_info_def().tags();
    if (tags.size() == 1 && tags[0] == "serve") return meta;
    for (const std::string& tag : tags) all += " " + tag;
  }
  throw Error("no graph has the tag \"serve\" alone (tags:" + (all.empty() ? std::string(" none") : all) +
              "); write the model for serving");
}

/// serving_default, Keras 3's serve, or the only one.
const tf::SignatureDef& signature_of(const tf::MetaGraphDef& meta) {
  for (const char* name : {"serving_default", "serve"}) {
    const auto found = meta.signature_def().find(name);
    if (found != meta.signature_def().end()) return found->second;
  }
  const tf::SignatureDef* only = nullptr;
  std::map<std::string, int> names;
  for (const auto& [name, signature] : meta.signature_def()) {
    if (name.starts_with("__saved_model")) continue;
    only = &signature;
    names.emplace(name, 0);
  }
  if (names.size() == 1) return *only;
  std::string all;
  for (const auto& [name, unused] : names) all += (all.empty() ? "" : ", ") + name;
  throw Error("it has no signature serving_default (" + (all.empty() ? "none at all" : all) +
              "); give one when it is written");
}

/// The placeholders of a signature as columns named by its keys.
std::map<const tf::NodeDef*, Term> inputs_of(const tf::SignatureDef& signature, const GraphView& view) {
  std::map<const tf::NodeDef*, Term> inputs;
  for (const auto& [column, info] : signature.inputs()) {
    Term term{RawColumn{column, kind_of(info.dtype())}, {}};
    const auto& dims = info.tensor_shape().dim();
    for (int i = 1; i < dims.size(); ++i) {
      if (dims[i].size() > 1) {
        throw Error("the input \"" + column + "\" has several values per row; Podium imports models of one value");
      }
      term.axes.push_back(1);
    }
    inputs.emplace(view.find(info.name()).node, std::move(term));
  }
  return inputs;
}

void refuse_foreign(const tf::MetaGraphDef& meta) {
  for (const auto& function : meta.graph_def().library().function()) {
    for (const auto& node : function.node_def()) {
      if (node.op().starts_with("Scann>")) {
        throw Error("the operation " + text_of(node) +
                    " is a ScaNN index, whose code is not TensorFlow's own; save the index as BruteForce, which holds "
                    "the same candidates");
      }
    }
  }
}

/// The name of the column that a retrieval index's items become: its file has none.
std::string item_of(const tf::SignatureDef& signature, const ImportOptions& options, GraphImporter& importer) {
  std::string item = options.item.empty() ? "item" : options.item;
  if (signature.inputs().contains(item)) {
    throw Error("the column \"" + item + "\" is the query's; name the index's items otherwise, by --item");
  }
  if (options.item.empty()) {
    importer.note(
        "the items of the retrieval index are the column \"item\", for the file has no name for them; --item "
        "gives another");
  }
  return item;
}

Imported read(const SavedModelParts& parts, const ImportOptions& options) {
  tf::SavedModel model;
  if (!parse(model, parts.graph)) throw Error("is no SavedModel; the file is cut or damaged");
  const tf::MetaGraphDef& meta = served(model);
  refuse_foreign(meta);
  const GraphView view(meta.graph_def());
  const SavedState state(meta, view, parts.variables, parts.asset);
  const tf::SignatureDef& signature = signature_of(meta);
  std::map<std::string, GraphValue> outputs;
  for (const auto& [name, info] : signature.outputs()) outputs.emplace(name, view.behind(view.find(info.name())));
  const auto index = retrieval_index(outputs, view);
  if (index) refuse_without_query_model(*index, signature, view);
  GraphImporter importer;
  GraphMapper mapper(view, state, inputs_of(signature, view), importer);
  ImportOptions roles = options;
  std::vector<graph::Output> made;
  if (index) {
    roles.item = item_of(signature, options, importer);
    made.push_back({index->score, map_retrieval(*index, roles.item, view, state, mapper, importer)});
  } else {
    for (const auto& [name, value] : outputs) made.push_back({name, mapper.vector(value)});
  }
  std::optional<AdagradState> adagrad;
  if (parts.variables != nullptr) adagrad = read_adagrad(*parts.variables, importer);
  return importer.finish(std::move(made), adagrad, roles);
}
}  // namespace

Imported read_saved_model(const SavedModelParts& parts, const ImportOptions& options) {
  try {
    return read(parts, options);
  } catch (const Error& error) {
    throw Error(parts.what + ": " + error.what());
  }
}

Imported read_saved_model(const std::string& directory, const ImportOptions& options) {
  const MappedFile graph(directory + "/saved_model.pb");
  const std::string prefix = directory + "/variables/variables";
  std::optional<Bundle> variables;
  if (path_exists(prefix + ".index")) variables.emplace(prefix);
  const auto asset = [&](const std::string& name) { return read_file(directory + "/assets/" + name, kMostAssetBytes); };
  return read_saved_model({.graph = graph.text(),
                           .variables = variables ? &*variables : nullptr,
                           .asset = asset,
                           .what = directory + "/saved_model.pb"},
                          options);
}
}  // namespace podium::interop
