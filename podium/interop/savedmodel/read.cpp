#include "podium/interop/savedmodel/read.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "podium/core/error.h"
#include "podium/core/files.h"
#include "podium/interop/foreign_text.h"
#include "podium/interop/parse.h"
#include "podium/interop/savedmodel/graph_mapper.h"
#include "podium/interop/savedmodel/graph_retrieval.h"
#include "podium/interop/savedmodel/keras_metadata.h"
#include "podium/interop/savedmodel/optimizer_reader.h"
#include "podium/interop/savedmodel/trainable.h"

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

std::string joined(const std::vector<std::string>& names) {
  std::string all;
  for (const std::string& name : names) all += (all.empty() ? "" : ", ") + in_quotes(name);
  return all;
}

/// All but what the loader runs for itself.
std::vector<std::string> signatures_of(const tf::MetaGraphDef& meta) {
  std::vector<std::string> names;
  for (const auto& [name, signature] : meta.signature_def()) {
    if (!name.starts_with("__saved_model")) names.push_back(name);
  }
  std::ranges::sort(names);
  return names;
}

/// The one asked for; else serving_default, Keras 3's serve, or the only one.
std::string signature_name(const tf::MetaGraphDef& meta, const std::string& chosen) {
  const auto names = signatures_of(meta);
  const auto has = [&](const std::string& name) { return std::ranges::find(names, name) != names.end(); };
  if (!chosen.empty()) {
    if (has(chosen)) return chosen;
    throw Error("has no signature " + in_quotes(chosen) + (names.empty() ? "" : "; it has " + joined(names)));
  }
  for (const char* name : {"serving_default", "serve"}) {
    if (has(name)) return name;
  }
  if (names.size() == 1) return names.front();
  throw Error("it has no signature serving_default" +
              (names.empty() ? "; give one when it is written" : "; take one of " + joined(names) + " by --signature"));
}

/// "output_10" after "output_9", other names by their letters: the order of a list, or of a dictionary's keys.
bool is_before(const std::string& left, const std::string& right) {
  const auto end_of = [](const std::string& name) { return name.find_last_not_of("0123456789") + 1; };
  const bool is_numbered = left.substr(0, end_of(left)) == right.substr(0, end_of(right));
  if (is_numbered && left.size() != right.size()) return left.size() < right.size();
  return left < right;
}

/// A function that writes to its variables or tables while it answers has other weights than its checkpoint.
void refuse_writes(const tf::SignatureDef& signature, const GraphView& view) {
  for (const auto& [key, info] : signature.outputs()) {
    for (const GraphValue& value : view.running(view.find(info.name()))) {
      const std::string& op = value.node->op();
      const bool writes = op.starts_with("Assign") || op.starts_with("Scatter") || op.starts_with("ResourceScatter") ||
                          op.starts_with("ResourceApply") || op.starts_with("ResourceSparseApply") ||
                          op.starts_with("LookupTableInsert") || op.starts_with("LookupTableRemove") ||
                          op.starts_with("LookupTableImport");
      if (writes) {
        throw Error("the operation " + text_of(*value.node) +
                    ": changes the model while it answers; Podium reads models that answer from what was saved");
      }
    }
  }
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

/// The values of the outputs as columns of numbers, the chosen one alone or all.
std::vector<graph::Output> outputs_of(const std::map<std::string, GraphValue>& outputs, const std::string& chosen,
                                      GraphMapper& mapper) {
  std::vector<std::string> names;
  for (const auto& [name, value] : outputs) names.push_back(name);
  std::ranges::sort(names, is_before);
  if (!chosen.empty() && !outputs.contains(chosen)) {
    throw Error("has no output " + in_quotes(chosen) + "; it has " + joined(names));
  }
  std::vector<graph::Output> made;
  for (const std::string& name : names) {
    if (!chosen.empty() && name != chosen) continue;
    try {
      made.push_back({name, mapper.vector(outputs.at(name))});
    } catch (const Error& error) {
      if (names.size() == 1 || !chosen.empty()) throw;
      throw Error("output " + in_quotes(name) + ": " + error.what() + " (--output takes one alone, of " +
                  joined(names) + ")");
    }
  }
  return made;
}

Imported read_signature(const tf::MetaGraphDef& meta, const std::string& name, const SavedModelParts& parts,
                        const ImportOptions& options) {
  const GraphView view(meta.graph_def());
  const SavedState state(meta, view, parts.variables, parts.asset);
  const tf::SignatureDef& signature = meta.signature_def().at(name);
  std::map<std::string, GraphValue> outputs;
  for (const auto& [key, info] : signature.outputs()) outputs.emplace(key, view.behind(view.find(info.name())));
  refuse_writes(signature, view);
  const auto index = retrieval_index(outputs, view, state);
  if (index) refuse_without_query_model(*index, signature, view);
  GraphImporter importer;
  if (parts.variables != nullptr) importer.set_frozen(frozen_variables(meta, *parts.variables));
  GraphMapper mapper(view, state, inputs_of(signature, view), importer);
  ImportOptions roles = options;
  std::vector<graph::Output> made;
  if (index) {
    roles.item = item_of(signature, options, importer);
    made.push_back({index->score, map_retrieval(*index, roles.item, view, state, mapper, importer)});
  } else {
    made = outputs_of(outputs, options.output, mapper);
  }
  if (view.stops_gradients())
    importer.gives_up(GivenUp::gradients, "an operation such as StopGradient: stops or changes gradients");
  if (!parts.keras_metadata.empty()) note_keras_metadata(parts.keras_metadata, importer);
  std::optional<AdagradState> adagrad;
  if (parts.variables != nullptr) adagrad = read_adagrad(*parts.variables, importer);
  return importer.finish(std::move(made), adagrad, roles);
}

Imported read(const SavedModelParts& parts, const ImportOptions& options) {
  tf::SavedModel model;
  if (!parse(model, parts.graph)) throw Error("is no SavedModel; the file is cut or damaged");
  const tf::MetaGraphDef& meta = served(model);
  refuse_foreign(meta);
  const std::string name = signature_name(meta, options.signature);
  try {
    return read_signature(meta, name, parts, options);
  } catch (const Error& error) {
    auto others = signatures_of(meta);
    std::erase(others, name);
    // Keras 3 writes one function under both names.
    if (name == "serving_default") std::erase(others, "serve");
    if (others.empty() || !options.signature.empty()) throw;
    throw Error("the signature " + in_quotes(name) + ": " + error.what() +
                " (--signature takes another: " + joined(others) + ")");
  }
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
  const std::string keras_path = directory + "/keras_metadata.pb";
  const MappedFile keras_metadata = path_exists(keras_path) ? MappedFile(keras_path) : MappedFile();
  const std::string prefix = directory + "/variables/variables";
  std::optional<Bundle> variables;
  if (path_exists(prefix + ".index")) variables.emplace(prefix);
  const auto asset = [&](const std::string& name) { return read_file(directory + "/assets/" + name, kMostAssetBytes); };
  return read_saved_model({.graph = graph.text(),
                           .variables = variables ? &*variables : nullptr,
                           .asset = asset,
                           .what = directory + "/saved_model.pb",
                           .keras_metadata = keras_metadata.text()},
                          options);
}
}  // namespace podium::interop
