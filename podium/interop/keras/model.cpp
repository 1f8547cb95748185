// How Keras' configuration says which layer is called with what.
#include <algorithm>
#include <string_view>
#include <utility>

#include "podium/core/error.h"
#include "podium/interop/keras/layers.h"

namespace podium::interop {
namespace {
constexpr std::size_t kDeepestModel = 16, kMostCalls = 10'000;
constexpr const char* kUnnamedInput = "(input)";  // of a Sequential that doesn't name its own

using Reference = std::pair<std::string, std::size_t>;  // a layer and which of its calls

/// Keras' own file names of the layers that have weights or vocabularies of their own.
std::string file_name(const std::string& kind) {
  static const std::map<std::string, std::string> kNames = {
      {"Dense", "dense"},           {"Embedding", "embedding"},        {"Sequential", "sequential"},
      {"Functional", "functional"}, {"StringLookup", "string_lookup"}, {"IntegerLookup", "integer_lookup"}};
  const auto found = kNames.find(kind);
  return found == kNames.end() ? "" : found->second;
}

[[noreturn]] void fail(const std::string& layer, const std::string& why) {
  throw Error("the layer \"" + layer + "\" " + why);
}

Reference reference_of(const Json& layer, const Json& call, const Json& tensor) {
  if (tensor.get<std::size_t>() != 0) fail(layer.get<std::string>(), "has several outputs; Podium's have one");
  return {layer.get<std::string>(), call.get<std::size_t>()};
}

/// Tensors in the order in which they stand: Keras 3's objects, and tf-keras' lists of layer, call and tensor.
void gather(const Json& json, std::vector<Reference>& found) {
  const bool is_listed = json.is_array() && (json.size() == 3 || json.size() == 4) && json[0].is_string() &&
                         json[1].is_number_unsigned() && json[2].is_number_unsigned();
  if (is_listed) {
    if (json.size() == 4 && !json[3].empty())
      fail(json[0].get<std::string>(), "is used with arguments that Podium does not read");
    found.push_back(reference_of(json[0], json[1], json[2]));
  } else if (json.is_object() && json.value("class_name", "") == "__keras_tensor__") {
    const Json& history = json.at("config").at("keras_history");
    found.push_back(reference_of(history.at(0), history.at(1), history.at(2)));
  } else if (json.is_structured()) {
    for (const auto& element : json) gather(element, found);
  }
}

std::vector<std::vector<Reference>> calls_of(const Json& layer, const std::string& name) {
  std::vector<std::vector<Reference>> calls;
  const auto nodes = layer.find("inbound_nodes");
  if (nodes == layer.end()) return calls;
  for (const Json& node : *nodes) {
    std::vector<Reference> inputs;
    if (node.is_object() && node.contains("args")) {
      gather(node.at("args"), inputs);
      std::vector<Reference> others;
      for (const auto& [key, value] : node.at("kwargs").items()) gather(value, key == "inputs" ? inputs : others);
      if (!others.empty()) fail(name, "is called with keyword arguments that Podium does not read");
    } else {
      gather(node, inputs);
    }
    calls.push_back(std::move(inputs));
  }
  return calls;
}
}  // namespace

/// In Keras 2 a model with inputs of its own was called with them when it was made: that call counts, but isn't
/// written.
std::size_t KerasModel::first_call(const Layer& layer) const {
  return !is_keras3_ && layer.config().at("layers").at(0).at("class_name") == "InputLayer" ? 1 : 0;
}

bool KerasModel::has_variables(const Layer& layer) {
  if (layer.inside != nullptr) return layer.inside->has_variables;
  if (layer.kind == "StringLookup" || layer.kind == "IntegerLookup") {  // the table of an adapted one
    const auto vocabulary = layer.config().find("vocabulary");
    return vocabulary == layer.config().end() || vocabulary->is_null();
  }
  return layer.kind == "Embedding" || layer.kind == "Dense";
}

/// Keras 2.12 to 2.14 name the folder after a property of theirs, which before 2.14 listed layers with variables twice.
KerasModel::Names KerasModel::names_of(const Hdf5& weights, std::string_view keras_version) {
  constexpr std::string_view kOlder = "_layer_checkpoint_dependencies/";
  const auto is_older = [&](const std::string& path) { return path.starts_with(kOlder); };
  if (std::ranges::none_of(weights.paths(), is_older)) return {.folder = "layers/"};
  const bool counts_twice = keras_version.starts_with("2.12.") || keras_version.starts_with("2.13.");
  return {.folder = std::string(kOlder), .counts_twice = counts_twice};
}

std::shared_ptr<KerasModel::Model> KerasModel::model_of(const Json& json, const std::string& prefix,
                                                        std::size_t depth) const {
  const std::string kind = json.at("class_name").get<std::string>();
  if (kind != "Functional" && kind != "Sequential" && kind != "Model") {
    throw Error("is a model of the class " + kind +
                ", which says what it computes in Python alone; write it by model.export(), and import that");
  }
  if (depth > kDeepestModel) throw Error("has models within each other without end");
  const Json& config = json.at("config");
  auto model = std::make_shared<Model>();
  std::map<std::string, std::size_t> used;
  const auto append = [&](Layer layer) {
    if (!model->index.emplace(layer.name, model->layers.size()).second) fail(layer.name, "stands there twice");
    model->layers.push_back(std::move(layer));
  };
  if (kind == "Sequential" && config.at("layers").at(0).at("class_name") != "InputLayer") {
    append({.kind = "InputLayer", .name = kUnnamedInput, .path = "", .calls = {}, .inside = nullptr});
  }
  for (const Json& entry : config.at("layers")) {
    Layer layer;
    layer.json = &entry;
    layer.kind = entry.at("class_name").get<std::string>();
    layer.name =
        entry.contains("name") ? entry.at("name").get<std::string>() : entry.at("config").at("name").get<std::string>();
    const std::string file = file_name(layer.kind);
    const std::size_t number = used[file]++;
    layer.path = prefix + names_.folder + file + (number == 0 ? "" : "_" + std::to_string(number));
    if (kind != "Sequential") {
      layer.calls = calls_of(entry, layer.name);
    } else if (!model->layers.empty()) {
      layer.calls = {{{model->layers.back().name, 0}}};
    }
    if (layer.kind == "Sequential" || layer.kind == "Functional" || layer.kind == "Model") {
      layer.inside = model_of(entry, layer.path + "/", depth + 1);
      layer.first_call = first_call(layer);
    }
    if (has_variables(layer)) {
      model->has_variables = true;
      if (names_.counts_twice) ++used[file];
    }
    append(std::move(layer));
  }
  if (kind == "Sequential") {
    model->inputs = {model->layers.front().name};
    model->outputs = {{model->layers.back().name, 0}};
    return model;
  }
  std::vector<Reference> inputs;
  gather(config.at("input_layers"), inputs);
  for (const auto& [layer, call] : inputs) model->inputs.push_back(layer);
  gather(config.at("output_layers"), model->outputs);
  return model;
}

Term KerasModel::column(Model& model, const Layer& layer) {
  if (!model.given.empty()) {
    const auto place = static_cast<std::size_t>(std::ranges::find(model.inputs, layer.name) - model.inputs.begin());
    if (place >= model.given.size()) fail(layer.name, "is an input that its model is not called with");
    return model.given[place];
  }
  if (layer.json == nullptr) throw Error("has no InputLayer that names its input; give the model one");
  const Json& config = layer.config();
  const std::string type = config.value("dtype", "");
  Term term{RawColumn{layer.name, ColumnKind::other}, {}};
  auto& kind = std::get<RawColumn>(term.what).kind;
  if (type == "string") kind = ColumnKind::text;
  if (type.starts_with("int") || type.starts_with("uint")) kind = ColumnKind::whole;
  if (type == "float32") kind = ColumnKind::number;
  const Json& shape = config.at(config.contains("batch_shape") ? "batch_shape" : "batch_input_shape");
  for (std::size_t i = 1; i < shape.size(); ++i) {
    if (!shape[i].is_null() && shape[i] != 1)
      fail(layer.name, "has several values per row; Podium imports models of one value");
    term.axes.push_back(1);
  }
  return term;
}

Term KerasModel::called(const Layer& layer, std::vector<Term> inputs) {
  if (++calls_ > kMostCalls) fail(layer.name, "is called more often than any model's layers are");
  Model inside = *layer.inside;  // each call has values of its own
  if (inputs.size() != inside.inputs.size() || inside.outputs.size() != 1) {
    fail(layer.name, "is a model of another number of inputs or outputs than it is called with");
  }
  inside.given = std::move(inputs);
  return value(inside, inside.outputs[0].first, inside.outputs[0].second);
}

void KerasModel::collect(const Model& model, std::vector<std::string>& paths) const {
  for (const Layer& layer : model.layers) {
    if (layer.inside != nullptr) collect(*layer.inside, paths);
    if (layer.kind != "Embedding" && layer.kind != "Dense") continue;
    paths.push_back(layer.path + "/vars/0");
    if (layer.kind == "Dense" && layer.config().value("use_bias", true)) paths.push_back(layer.path + "/vars/1");
  }
}

std::vector<std::string> KerasModel::trainable() const {
  std::vector<std::string> paths;
  collect(*model_, paths);
  return paths;
}

std::vector<graph::Output> KerasModel::outputs() {
  std::vector<graph::Output> outputs;
  for (const auto& [layer, call] : model_->outputs) {
    const Term term = value(*model_, layer, call);
    outputs.push_back({layer, numbers(model_->layers[model_->index.at(layer)], term)});
  }
  return outputs;
}
}  // namespace podium::interop
