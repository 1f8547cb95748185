// How Keras' configuration says which layer is called with what.
#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "podium/core/error.h"
#include "podium/interop/keras/layers.h"

namespace podium::interop {
namespace {
constexpr std::size_t kDeepestModel = 16, kMostCalls = 10'000;
constexpr const char* kUnnamedInput = "(input)";  // of a Sequential that doesn't name its own

/// Keras' own file names of the layers that have weights or vocabularies of their own.
std::string file_name(const std::string& kind) {
  static const std::map<std::string, std::string> kNames = {{"Dense", "dense"},
                                                            {"Embedding", "embedding"},
                                                            {"Sequential", "sequential"},
                                                            {"Functional", "functional"},
                                                            {"StringLookup", "string_lookup"},
                                                            {"IntegerLookup", "integer_lookup"},
                                                            {"Normalization", "normalization"},
                                                            {"BatchNormalization", "batch_normalization"}};
  const auto found = kNames.find(kind);
  return found == kNames.end() ? "" : found->second;
}

[[noreturn]] void fail(const std::string& layer, const std::string& why) {
  throw Error("the layer \"" + layer + "\" " + why);
}

/// Whether a call's argument is what the layer does without it: no mask, no training.
bool is_default(const std::string& key, const Json& value) {
  if (value.is_null() || key == "name") return true;
  if (value.is_array()) {  // the masks of several inputs
    return std::ranges::all_of(value, [](const Json& element) { return element.is_null(); });
  }
  return key == "training" && value.is_boolean() && !value.get<bool>();
}

/// Numbers that stand in a call, alone or as nested lists.
Array constant_of(const Json& json, const std::string& layer) {
  Array array;
  std::vector<const Json*> waiting = {&json};
  for (const Json* first = &json; first->is_array(); first = &first->at(0)) {
    array.shape.push_back(first->size());
    if (first->empty()) fail(layer, "is called with a constant that is empty");
  }
  while (!waiting.empty()) {
    const Json* next = waiting.back();
    waiting.pop_back();
    if (next->is_number()) {
      array.values.push_back(next->get<float>());
    } else if (next->is_array()) {
      for (auto element = next->rbegin(); element != next->rend(); ++element) waiting.push_back(&*element);
    } else {
      fail(layer, "is called with a constant that is no number");
    }
  }
  if (elements(array.shape, "the layer \"" + layer + "\"") != array.values.size()) {
    fail(layer, "is called with a constant whose lists have different lengths");
  }
  return array;
}

bool is_reference(const Json& json) {
  return json.is_array() && (json.size() == 3 || json.size() == 4) && json[0].is_string() &&
         json[1].is_number_integer() && json[2].is_number_unsigned();
}

/// Keras 2's 1 - x.
bool is_first_constant(const Json& json) {
  return json.is_array() && json.size() == 4 && json[0] == "_CONSTANT_VALUE" && json[3].is_object();
}

std::pair<std::string, std::size_t> reference_of(const Json& layer, const Json& call, const Json& tensor) {
  if (tensor.get<std::size_t>() != 0) fail(layer.get<std::string>(), "has several outputs; Podium's have one");
  return {layer.get<std::string>(), call.get<std::size_t>()};
}

}  // namespace

/// Arguments in the order in which they stand: Keras 3's objects, and tf-keras' lists of layer, call and tensor.
void KerasModel::gather(const Json& json, const std::string& name, std::vector<Argument>& found) {
  const auto is_of = [&](const char* kind) { return json.is_object() && json.value("class_name", "") == kind; };
  if (is_reference(json)) {
    if (json.size() == 4 && !json[3].is_object()) fail(name, "is called in a way that Podium does not read");
    const auto [layer, call] = reference_of(json[0], json[1], json[2]);
    found.push_back({layer, call});
    if (json.size() == 4) gather_keywords(json[3], name, {"y"}, found);
  } else if (is_first_constant(json)) {
    found.push_back({.layer = "", .constant = constant_of(json[2], name)});
    gather_keywords(json[3], name, {"y"}, found);
  } else if (is_of("__keras_tensor__")) {
    const Json& history = json.at("config").at("keras_history");
    const auto [layer, call] = reference_of(history.at(0), history.at(1), history.at(2));
    found.push_back({layer, call});
  } else if (is_of("__tensor__") || is_of("__numpy__")) {
    const std::string dtype = json.at("config").value("dtype", "");
    if (dtype != "float32" && dtype != "int32") fail(name, "is called with a constant of the dtype " + dtype);
    found.push_back({.layer = "", .constant = constant_of(json.at("config").at("value"), name)});
  } else if (json.is_number()) {
    found.push_back({.layer = "", .constant = constant_of(json, name)});
  } else if (json.is_array()) {
    for (const auto& element : json) gather(element, name, found);
  } else if (!json.is_null()) {
    fail(name, "is called with " + json.dump().substr(0, 80) + ", which Podium does not read");
  }
}

/// Operations name their operands; other keywords have to be those that a call has without them.
void KerasModel::gather_keywords(const Json& keywords, const std::string& name,
                                 const std::vector<std::string_view>& operands, std::vector<Argument>& found) {
  for (const std::string_view operand : operands) {  // in their order, whatever the file's
    if (const auto value = keywords.find(operand); value != keywords.end()) gather(*value, name, found);
  }
  for (const auto& [key, value] : keywords.items()) {
    if (std::ranges::find(operands, key) == operands.end() && !is_default(key, value)) {
      fail(name, "is called with " + key + "=" + value.dump().substr(0, 80) + ", which Podium does not read");
    }
  }
}

std::vector<std::vector<KerasModel::Argument>> KerasModel::calls_of(const Json& layer, const std::string& name) {
  std::vector<std::vector<Argument>> calls;
  const auto nodes = layer.find("inbound_nodes");
  if (nodes == layer.end()) return calls;
  for (const Json& node : *nodes) {
    std::vector<Argument> inputs;
    if (node.is_object() && node.contains("args")) {
      for (const auto& argument : node.at("args")) gather(argument, name, inputs);
      gather_keywords(node.at("kwargs"), name, {"inputs", "x", "x1", "x2"}, inputs);
    } else {
      gather(node, name, inputs);
    }
    calls.push_back(std::move(inputs));
  }
  return calls;
}

/// A dictionary's outputs have its keys for names, in their order, as they have in a SavedModel; others have their
/// layers'. Keras 2 has all of them by name there.
std::vector<std::pair<std::string, KerasModel::Argument>> KerasModel::outputs_of(const Json& json, bool is_keras3) {
  std::vector<std::pair<std::string, Argument>> outputs;
  const auto append = [&](const std::string& name, const Json& part) {
    std::vector<Argument> found;
    gather(part, name, found);
    for (std::size_t i = 0; i < found.size(); ++i) {
      const std::string number = found.size() == 1 ? "" : "_" + std::to_string(i);
      outputs.emplace_back(name.empty() ? found[i].layer : name + number, found[i]);
    }
  };
  const bool is_dictionary = json.is_object() && !json.contains("class_name");
  if (is_dictionary) {
    for (const auto& [name, part] : json.items()) append(name, part);
  } else {
    append("", json);
  }
  if (is_dictionary || !is_keras3) {
    std::ranges::stable_sort(outputs, {}, [](const auto& output) { return output.first; });
  }
  return outputs;
}

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
  return layer.kind == "Embedding" || layer.kind == "Dense" || layer.kind == "BatchNormalization" ||
         layer.kind == "Normalization";
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
  kind_of_layer(json, "model");  // throws where it is somebody's own class of that name
  if (depth > kDeepestModel) throw Error("has models within each other without end");
  const Json& config = json.at("config");
  auto model = std::make_shared<Model>();
  std::map<std::string, std::size_t> used;
  const auto append = [&](Layer layer) {
    if (!model->index.emplace(layer.name, model->layers.size()).second) fail(layer.name, "stands there twice");
    model->layers.push_back(std::move(layer));
  };
  if (kind == "Sequential" && config.at("layers").at(0).at("class_name") != "InputLayer") {
    append({.kind = "InputLayer", .name = kUnnamedInput, .path = "", .calls = {}});
  }
  for (const Json& entry : config.at("layers")) {
    Layer layer;
    layer.json = &entry;
    layer.name =
        entry.contains("name") ? entry.at("name").get<std::string>() : entry.at("config").at("name").get<std::string>();
    layer.kind = kind_of_layer(entry, layer.name);
    const std::string file = file_name(layer.kind);
    const std::size_t number = used[file]++;
    layer.path = prefix + names_.folder + file + (number == 0 ? "" : "_" + std::to_string(number));
    if (kind != "Sequential") {
      layer.calls = calls_of(entry, layer.name);
    } else if (!model->layers.empty()) {
      layer.calls = {{{.layer = model->layers.back().name}}};
    }
    if (layer.kind == "Sequential" || layer.kind == "Functional" || layer.kind == "Model") {
      layer.inside = model_of(entry, layer.path + "/", depth + 1);
      layer.first_call = kind == "Sequential" ? 0 : first_call(layer);
    }
    if (has_variables(layer)) {
      model->has_variables = true;
      if (names_.counts_twice) ++used[file];
    }
    append(std::move(layer));
  }
  if (kind == "Sequential") {
    model->inputs = {model->layers.front().name};
    model->outputs = {{model->layers.back().name, {.layer = model->layers.back().name}}};
    return model;
  }
  std::vector<Argument> inputs;
  const Json& given = config.at("input_layers");
  const bool is_dictionary = given.is_object() && !given.contains("class_name");
  if (is_dictionary && depth > 0) {
    fail(config.value("name", ""), "is a model that takes its inputs by name; give it a list of them");
  }
  if (is_dictionary) {
    for (const auto& [name, input] : given.items()) {
      gather(input, name, inputs);
      if (inputs.back().layer != name) {
        fail(inputs.back().layer, "is the input \"" + name + "\" of a dictionary; give both one name");
      }
    }
  } else {
    gather(given, "inputs", inputs);
  }
  for (const Argument& input : inputs) model->inputs.push_back(input.layer);
  model->outputs = outputs_of(config.at("output_layers"), is_keras3_);
  if (model->outputs.empty()) throw Error("the model has no output");
  return model;
}

/// A model within the model casts what it is called with to its inputs' types.
void KerasModel::expect_same_type(const Layer& input, const Term& given) {
  if (input.json == nullptr) return;  // a Sequential without an input of its own
  const std::string wanted = input.config().value("dtype", "");
  std::string type = "float32";
  if (const auto* raw = std::get_if<RawColumn>(&given.what)) type = raw->type;
  const bool is_row = std::holds_alternative<IdMap>(given.what) && (wanted == "int32" || wanted == "int64");
  if (!is_row && type != wanted) {
    fail(input.name, "casts what its model is called with to " + wanted + ", which Podium does not follow");
  }
}

Term KerasModel::column(Model& model, const Layer& layer) {
  if (!model.given.empty()) {
    const auto place = static_cast<std::size_t>(std::ranges::find(model.inputs, layer.name) - model.inputs.begin());
    if (place >= model.given.size()) fail(layer.name, "is an input that its model is not called with");
    expect_same_type(layer, model.given[place]);
    return model.given[place];
  }
  if (layer.json == nullptr) throw Error("has no InputLayer that names its input; give the model one");
  const Json& config = layer.config();
  const std::string type = config.value("dtype", "");
  Term term{RawColumn{.column = layer.name, .type = type}, {}};
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
  const Argument& output = inside.outputs[0].second;
  return value(inside, output.layer, output.call);
}

void KerasModel::collect(const Model& model, bool is_frozen, bool trained, std::vector<std::string>& paths) const {
  for (const Layer& layer : model.layers) {
    if (layer.json == nullptr) continue;
    const bool is_off = is_frozen || !layer.config().value("trainable", true);
    if (layer.inside != nullptr) collect(*layer.inside, is_off, trained, paths);
    std::size_t count = 0;
    if (layer.kind == "Embedding") count = 1;
    if (layer.kind == "Dense") count = layer.config().value("use_bias", true) ? 2 : 1;
    if (layer.kind == "BatchNormalization") {
      for (const char* part : {"scale", "center"}) count += layer.config().value(part, true) ? 1 : 0;
    }
    if (is_off == trained) continue;
    for (std::size_t i = 0; i < count; ++i) paths.push_back(layer.path + "/vars/" + std::to_string(i));
  }
}

std::vector<std::string> KerasModel::weights_of(bool trained) const {
  std::vector<std::string> paths;
  collect(*model_, !root_.value("trainable", true), trained, paths);
  return paths;
}

std::vector<graph::Output> KerasModel::outputs(const std::string& chosen) {
  std::string names;
  for (const auto& [name, output] : model_->outputs) names += (names.empty() ? "\"" : ", \"") + name + "\"";
  std::vector<graph::Output> outputs;
  for (const auto& [name, output] : model_->outputs) {
    if (!chosen.empty() && name != chosen) continue;
    try {
      const Term term = value(*model_, output.layer, output.call);
      outputs.push_back({name, numbers(model_->layers[model_->index.at(output.layer)], term)});
    } catch (const Error& error) {
      if (model_->outputs.size() == 1 || !chosen.empty()) throw;
      throw Error("output \"" + name + "\": " + error.what() + " (--output takes one alone, of " + names + ")");
    }
  }
  if (outputs.empty()) throw Error("has no output \"" + chosen + "\"; it has " + names);
  return outputs;
}
}  // namespace podium::interop
