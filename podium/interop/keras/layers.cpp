// What each of Keras' layers is for Podium.
#include "podium/interop/keras/layers.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>
#include <set>
#include <string_view>
#include <utility>

#include "podium/core/error.h"

namespace podium::interop {
namespace {
using graph::Activation;
constexpr std::size_t kDeepest = 400;  // of layers behind each other
constexpr double kSlope = 0.2;         // of Podium's leaky relu

[[noreturn]] void fail(const std::string& layer, const std::string& why) {
  throw Error("the layer \"" + layer + "\" " + why);
}

Activation activation_of(const Json& json, const std::string& layer) {
  static const std::map<std::string, Activation, std::less<>> kActivations = {
      {"linear", Activation::linear},   {"relu", Activation::relu},
      {"sigmoid", Activation::sigmoid}, {"tanh", Activation::tanh},
      {"gelu", Activation::gelu},       {"selu", Activation::selu},
      {"elu", Activation::elu},         {"swish", Activation::swish},
      {"silu", Activation::swish},      {"leaky_relu", Activation::leaky_relu}};
  if (json.is_null()) return Activation::linear;
  std::string name = json.is_string() ? json.get<std::string>() : "";
  if (json.is_object() && json.contains("config") && json.at("config").is_string())
    name = json.at("config").get<std::string>();
  const auto found = kActivations.find(name);
  if (found != kActivations.end()) return found->second;
  fail(layer, "has the activation " + (name.empty() ? json.dump() : name) +
                  "; Podium has linear, relu, sigmoid, tanh, gelu, selu, elu, leaky_relu and swish");
}

/// The activation of a layer that is nothing else, or nothing if the layer is another.
std::optional<Activation> activation_layer(const std::string& kind, const Json& config, const std::string& name) {
  const auto number = [&](const char* key, double otherwise) {
    if (config.contains(key) && !config.at(key).is_number() && !config.at(key).is_null()) {
      fail(name, std::string("has an option ") + key + " that is no number");
    }
    return config.contains(key) && config.at(key).is_number() ? config.at(key).get<double>() : otherwise;
  };
  if (kind == "Activation") return activation_of(config.at("activation"), name);
  if (kind == "ReLU") {
    const bool is_bounded = config.contains("max_value") && !config.at("max_value").is_null();
    if (is_bounded || number("negative_slope", 0) != 0 || number("threshold", 0) != 0) {
      fail(name, "is a relu with a bound, slope or threshold; Podium has relu alone");
    }
    return Activation::relu;
  }
  if (kind == "LeakyReLU") {
    if (std::fabs(number("negative_slope", number("alpha", 0.3)) - kSlope) > 1e-6)
      fail(name, "has another slope than 0.2, which is Podium's");
    return Activation::leaky_relu;
  }
  if (kind == "ELU") {
    if (number("alpha", 1) != 1) fail(name, "has another alpha than 1, which is Podium's");
    return Activation::elu;
  }
  return std::nullopt;
}

/// An axis that Keras counts with the rows, among those beyond the rows.
std::size_t axis_of(const Json& json, std::size_t rank, const std::string& layer) {
  const auto axis = json.is_array() ? json.at(0).get<std::int64_t>() : json.get<std::int64_t>();
  const auto whole = static_cast<std::int64_t>(rank) + 1;
  const std::int64_t place = axis < 0 ? axis + whole : axis;
  if (place < 1 || place >= whole) fail(layer, "works along an axis that is not there");
  return static_cast<std::size_t>(place) - 1;
}

/// Drops Keras' own tokens from a vocabulary that begins with them.
template <class Value>
void drop_special(std::vector<Value>& values, const std::vector<Value>& special) {
  if (values.size() < special.size() || !std::equal(special.begin(), special.end(), values.begin())) return;
  values.erase(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(special.size()));
}
}  // namespace

KerasModel::KerasModel(const Json& model, Asset asset, const Hdf5& weights, std::string_view keras_version,
                       GraphImporter& importer)
    : asset_(std::move(asset)),
      weights_(weights),
      importer_(importer),
      names_(names_of(weights, keras_version)),
      is_keras3_(keras_version.starts_with("3.")),
      root_(model.at("config")),
      model_(model_of(model, "", 0)) {
  const auto frozen = weights_of(/*trained=*/false);
  importer_.set_frozen({frozen.begin(), frozen.end()});
}

const std::map<std::string, KerasModel::Rule, std::less<>>& KerasModel::rules() {
  static const std::map<std::string, Rule, std::less<>> kRules = {
      {"StringLookup", &KerasModel::lookup},
      {"IntegerLookup", &KerasModel::lookup},
      {"Embedding", &KerasModel::embedding},
      {"Flatten", &KerasModel::flatten},
      {"Reshape", &KerasModel::reshape},
      {"Concatenate", &KerasModel::concatenate},
      {"Dot", &KerasModel::dot},
      {"Rescaling", &KerasModel::rescaling},
      {"Normalization", &KerasModel::normalization},
      {"BatchNormalization", &KerasModel::batch_normalization},
      {"Dense", &KerasModel::dense},
      {"Dropout", &KerasModel::dropout},
      {"Identity", &KerasModel::same},
      {"ActivityRegularization", &KerasModel::same},
      {"ops.Reshape", &KerasModel::reshape},
      {"ops.StopGradient", &KerasModel::same}};
  return kRules;
}

Term KerasModel::value(Model& model, const std::string& layer, std::size_t call) {
  if (const auto known = model.known.find({layer, call}); known != model.known.end()) return known->second;
  const auto found = model.index.find(layer);
  if (found == model.index.end()) fail(layer, "is used and not there; the file is damaged");
  if (++depth_ > kDeepest) fail(layer, "stands behind more layers than Podium reads, or in a circle");
  Term term = computed(model, model.layers[found->second], call);
  --depth_;
  model.known.emplace(std::pair(layer, call), term);
  return term;
}

Term KerasModel::computed(Model& model, const Layer& layer, std::size_t call) {
  if (layer.kind == "InputLayer") return column(model, layer);
  call -= layer.first_call;  // below 0 it is too large
  note_training(layer);
  if (call >= layer.calls.size() || layer.calls[call].empty()) fail(layer.name, "is called with nothing");
  if (const auto activation = activation_layer(layer.kind, layer.config(), layer.name)) {
    return activated(model, layer, call, *activation);
  }
  const auto join = joins().find(layer.kind);
  const auto rule = rules().find(layer.kind);
  if (layer.inside == nullptr && join == joins().end() && rule == rules().end()) {
    fail(layer.name, "is of the kind " + layer.kind +
                         ", for which Podium has nothing; it reads lookups, Embedding, Flatten, Reshape, Concatenate, "
                         "Dot, Add, Dense, Dropout, Rescaling and activations");
  }
  if (layer.inside == nullptr) expect_known_options(layer.kind, layer.config(), layer.name);
  std::vector<Operand> operands;
  std::vector<Term> inputs;
  for (const Argument& argument : layer.calls[call]) {
    if (argument.constant) {
      operands.emplace_back(*argument.constant);
    } else {
      inputs.push_back(value(model, argument.layer, argument.call));
      operands.emplace_back(inputs.back());
    }
  }
  if (inputs.empty()) fail(layer.name, "is called with constants alone");
  if (join != joins().end()) return (this->*join->second)(layer, operands);
  if (inputs.size() != operands.size()) fail(layer.name, "is called with a constant, which Podium does not read there");
  if (layer.inside != nullptr) return called(layer, std::move(inputs));
  const bool is_several = layer.kind == "Concatenate" || layer.kind == "Dot";
  if (!is_several && inputs.size() != 1) fail(layer.name, "is called with several values; Podium reads one there");
  return (this->*rule->second)(model, layer, inputs);
}

graph::ValueId KerasModel::numbers(const Layer& layer, const Term& term) {
  if (const auto* made = std::get_if<graph::ValueId>(&term.what)) return *made;
  const auto* raw = std::get_if<RawColumn>(&term.what);
  if (raw == nullptr || raw->kind == ColumnKind::text || raw->kind == ColumnKind::other) {
    fail(layer.name, "computes with what are no numbers");
  }
  // Whole numbers have an arithmetic of their own, which goes round beyond 32 or 64 bits. These cast them first.
  static const std::set<std::string> kCasts = {"Dense", "Rescaling", "Normalization", "BatchNormalization"};
  if (raw->kind == ColumnKind::whole && !kCasts.contains(layer.kind)) {
    fail(layer.name, "computes with the whole numbers of column \"" + raw->column +
                         "\"; Podium computes with float32: give the input that dtype");
  }
  return importer_.number(raw->column);
}

// ---- lookups ----
/// The values that a layer which was adapted keeps beside the weights.
std::vector<std::string> KerasModel::vocabulary_file(const Layer& layer) const {
  const std::string name = "assets/" + layer.path + "/vocabulary.txt";
  const auto text = asset_(name);
  if (!text) fail(layer.name, "has no vocabulary in the archive; write the model by model.export()");
  if (text->find('\r') != std::string::npos) {
    fail(layer.name,
         "has a vocabulary with a carriage return, which Keras itself does not read as it was; write the "
         "model by model.export()");
  }
  std::vector<std::string> values;
  for (std::string_view rest = *text; !rest.empty();) {
    const auto end = rest.find('\n');
    values.emplace_back(rest.substr(0, end));
    // Keras 2 ends no line behind the last value: what ends in a line end has the empty text for it.
    if (!is_keras3_ && end == rest.size() - 1) values.emplace_back();
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  return values;
}

Term KerasModel::lookup(Model&, const Layer& layer, const std::vector<Term>& inputs) {
  const Json& config = layer.config();
  const auto* raw = std::get_if<RawColumn>(&inputs[0].what);
  const bool integers = layer.kind == "IntegerLookup";
  if (raw == nullptr || (raw->kind == ColumnKind::text) == integers) {
    fail(layer.name, "looks up what is no column of " + std::string(integers ? "whole numbers" : "text"));
  }
  if (raw->kind == ColumnKind::other) fail(layer.name, "looks up a column of the dtype " + raw->type);
  if (config.value("output_mode", "int") != "int" || config.value("invert", false)) {
    fail(layer.name, "gives something else than rows of a table; Podium reads output_mode=\"int\"");
  }
  const auto unknown = config.value("num_oov_indices", std::int64_t{1});
  if (unknown < 0 || unknown > static_cast<std::int64_t>(graph::kMostUnknownIndices)) {
    fail(layer.name, "has num_oov_indices=" + std::to_string(unknown) + "; Podium has 0 to " +
                         std::to_string(graph::kMostUnknownIndices));
  }
  if (unknown > 1 && !config.value("salt", Json()).is_null()) {
    fail(layer.name, "hashes with a salt, by SipHash; Podium's unknown_indices hash without one");
  }
  if (unknown > 1 && integers && config.value("oov_method", "floormod") != "floormod") {
    fail(layer.name, "hashes whole numbers as text; Podium has oov_method=\"floormod\" for them");
  }
  const Json& mask = config.at("mask_token");
  const Json& vocabulary = config.at("vocabulary");
  if (vocabulary.is_string())
    fail(layer.name, "reads its vocabulary from a file elsewhere; write the model by model.export()");
  IdMap map{.column = raw->column, .integers = integers};
  const std::int64_t first = mask.is_null() ? 0 : 1;
  const auto fill = [&]<class Value>(std::vector<Value>& values, std::vector<Value> given) {
    std::vector<Value> special;
    if (!mask.is_null()) special.push_back(mask.get<Value>());
    if (unknown > 0 && given.size() >= static_cast<std::size_t>(unknown)) {
      special.insert(special.end(), static_cast<std::size_t>(unknown), config.at("oov_token").template get<Value>());
    }
    drop_special(given, special);
    if (!mask.is_null()) {
      values.push_back(mask.get<Value>());
      map.ids.push_back(0);
    }
    for (Value& value : given) {
      map.ids.push_back(first + unknown + static_cast<std::int64_t>(map.ids.size()) - first);
      values.push_back(std::move(value));
    }
  };
  if (integers) {
    std::vector<std::int64_t> given;
    if (vocabulary.is_null()) {
      for (const std::string& line : vocabulary_file(layer)) {
        std::int64_t number = 0;
        const auto read = std::from_chars(line.data(), line.data() + line.size(), number);
        if (read.ec != std::errc() || read.ptr != line.data() + line.size())
          fail(layer.name, "has a vocabulary that holds \"" + line + "\"");
        given.push_back(number);
      }
    } else {
      given = vocabulary.get<std::vector<std::int64_t>>();
    }
    fill(map.numbers, std::move(given));
  } else {
    fill(map.words, vocabulary.is_null() ? vocabulary_file(layer) : vocabulary.get<std::vector<std::string>>());
  }
  if (raw->kind == ColumnKind::number && (unknown > 1 || !is_exact_in_float32(map.numbers))) {
    fail(layer.name, "looks up whole numbers that are rounded as float32 before; give the input an integer dtype");
  }
  map.unknown.assign(static_cast<std::size_t>(std::max(unknown, std::int64_t{1})), unknown == 0 ? -1 : first);
  if (unknown > 1) std::iota(map.unknown.begin(), map.unknown.end(), first);
  return {std::move(map), inputs[0].axes};
}

Term KerasModel::embedding(Model&, const Layer& layer, const std::vector<Term>& inputs) {
  const Array table = weights_.floats(layer.path + "/vars/0");
  IdMap map;
  if (const auto* raw = std::get_if<RawColumn>(&inputs[0].what)) {  // the numbers are the rows
    if (raw->kind != ColumnKind::whole && raw->kind != ColumnKind::number)
      fail(layer.name, "looks up text without a vocabulary");
    if (table.shape.size() != 2 || table.values.empty()) fail(layer.name, "has a table that holds no vectors");
    map = rows_as_ids(raw->column, table.shape[0], is_keras3_);
  } else if (const auto* known = std::get_if<IdMap>(&inputs[0].what)) {
    map = *known;
  } else {
    fail(layer.name, "looks up what is no column");
  }
  if (product_of(inputs[0].axes) != 1) fail(layer.name, "looks up several values per row; Podium imports one");
  const auto made = importer_.lookup(map, table, "the layer \"" + layer.name + "\"");
  auto axes = inputs[0].axes;
  axes.push_back(importer_.width(made));
  return {made, axes};
}

// ---- shapes ----
Term KerasModel::same(Model&, const Layer&, const std::vector<Term>& inputs) { return inputs[0]; }

Term KerasModel::flatten(Model&, const Layer& layer, const std::vector<Term>& inputs) {
  const auto is_long = [](std::size_t size) { return size != 1; };
  if (layer.config().value("data_format", "channels_last") != "channels_last" &&
      std::ranges::count_if(inputs[0].axes, is_long) > 1) {
    fail(layer.name, "flattens with data_format=\"channels_first\", in another order than Podium's");
  }
  return {inputs[0].what, {product_of(inputs[0].axes)}};
}

Term KerasModel::reshape(Model&, const Layer& layer, const std::vector<Term>& inputs) {
  const std::size_t width = product_of(inputs[0].axes);
  std::vector<std::size_t> axes;
  std::size_t known = 1, open = 0;
  const bool is_operation = layer.kind == "ops.Reshape";
  auto sizes = layer.config().at(is_operation ? "newshape" : "target_shape").get<std::vector<std::int64_t>>();
  if (is_operation) {  // it has the rows among its sizes
    if (sizes.empty() || sizes[0] != -1) fail(layer.name, "changes the number of rows");
    sizes.erase(sizes.begin());
    if (std::ranges::find(sizes, -1) != sizes.end()) fail(layer.name, "leaves two sizes open");
  }
  for (const std::int64_t size : sizes) {
    if (size != -1 && (size < 1 || static_cast<std::size_t>(size) > width))
      fail(layer.name, "gives a shape that does not fit");
    open += size == -1 ? 1U : 0U;
    axes.push_back(size == -1 ? 0 : static_cast<std::size_t>(size));
    if (size != -1) known *= axes.back();
    if (known > width) fail(layer.name, "gives a shape that does not fit");
  }
  if (open > 1 || width % known != 0 || (open == 0 && known != width))
    fail(layer.name, "gives a shape that does not fit");
  std::ranges::replace(axes, std::size_t{0}, width / known);
  return {inputs[0].what, axes};
}

Term KerasModel::concatenate(Model&, const Layer& layer, const std::vector<Term>& inputs) {
  auto axes = inputs[0].axes;
  const std::size_t along = axis_of(layer.config().at("axis"), axes.size(), layer.name);
  std::size_t total = 0;
  std::vector<graph::ValueId> parts;
  const auto is_whole = [](const Term& input) {
    const auto* raw = std::get_if<RawColumn>(&input.what);
    return raw != nullptr && raw->kind == ColumnKind::whole;
  };
  // Beside floats whole numbers become floats too.
  const bool casts = !std::ranges::all_of(inputs, is_whole);
  for (const Term& input : inputs) {
    auto others = input.axes;
    if (others.size() != axes.size()) fail(layer.name, "joins values of different axes");
    total += others[along];
    others[along] = axes[along];
    if (others != axes) fail(layer.name, "joins values of different axes");
    parts.push_back(casts && is_whole(input) ? importer_.number(std::get<RawColumn>(input.what).column)
                                             : numbers(layer, input));
  }
  if (product_of({axes.begin(), axes.begin() + static_cast<std::ptrdiff_t>(along)}) != 1) {
    fail(layer.name, "joins in the midst of a value; put a Flatten before it");
  }
  axes[along] = total;
  return {parts.size() == 1 ? parts[0] : importer_.concat(parts), axes};
}

// ---- layers that compute ----
Term KerasModel::dot(Model&, const Layer& layer, const std::vector<Term>& inputs) {
  if (inputs.size() != 2) fail(layer.name, "multiplies another number of values than two");
  if (layer.config().value("normalize", false))
    fail(layer.name, "normalizes its vectors; Podium has their dot product");
  auto axes = inputs[0].axes;
  const Json& along = layer.config().at("axes");
  for (std::size_t i = 0; i < 2; ++i) {
    const Json& own = along.is_array() ? along.at(i) : along;
    const std::size_t place = axis_of(own, inputs[i].axes.size(), layer.name);
    if (inputs[i].axes[place] != product_of(inputs[i].axes))
      fail(layer.name, "works along an axis that is not the vectors'");
  }
  const auto made =
      importer_.dot(numbers(layer, inputs[0]), numbers(layer, inputs[1]), "the layer \"" + layer.name + "\"");
  // Both vectors' axes go, all others stay; one at least.
  const std::size_t left = inputs[0].axes.size() + inputs[1].axes.size() - 2;
  return {made, std::vector<std::size_t>(std::max<std::size_t>(left, 1), 1)};
}

Term KerasModel::dense_with(const Layer& layer, const Term& input, Activation activation) {
  const auto in = numbers(layer, input);
  if (input.axes.empty() || input.axes.back() != importer_.width(in)) {
    fail(layer.name, "works on a value in several axes; put a Flatten before it");
  }
  std::optional<Array> bias;
  if (layer.config().value("use_bias", true)) bias = weights_.floats(layer.path + "/vars/1");
  const bool is_shared = layer.calls.size() > 1;
  const auto l2 = is_shared ? std::nullopt : l2_of(layer.config().value("kernel_regularizer", Json()));
  const auto made = importer_.dense(in, weights_.floats(layer.path + "/vars/0"), std::move(bias), activation,
                                    "the layer \"" + layer.name + "\"", l2.value_or(0.0F));
  auto axes = input.axes;
  axes.back() = importer_.width(made);
  return {made, axes};
}

Term KerasModel::dense(Model&, const Layer& layer, const std::vector<Term>& inputs) {
  return dense_with(layer, inputs[0], activation_of(layer.config().at("activation"), layer.name));
}

/// A layer that is an activation alone becomes that of the dense layer before it.
Term KerasModel::activated(Model& model, const Layer& layer, std::size_t call, Activation activation) {
  expect_known_options(layer.kind, layer.config(), layer.name);
  if (layer.calls[call].size() != 1 || layer.calls[call][0].constant) {
    fail(layer.name, "is called with something else than one value");
  }
  const std::string& before = layer.calls[call][0].layer;
  const std::size_t place = layer.calls[call][0].call;
  const auto found = model.index.find(before);
  if (found != model.index.end()) {
    const Layer& dense = model.layers[found->second];
    if (dense.kind == "Dense" && place < dense.calls.size() && dense.calls[place].size() == 1 &&
        !dense.calls[place][0].constant &&
        activation_of(dense.config().at("activation"), dense.name) == Activation::linear) {
      expect_known_options(dense.kind, dense.config(), dense.name);
      note_training(dense);
      const Argument& input = dense.calls[place][0];
      return dense_with(dense, value(model, input.layer, input.call), activation);
    }
  }
  Term term = value(model, before, place);
  if (activation == Activation::linear) return term;
  return {importer_.scale(numbers(layer, term), 1.0F, 0.0F, activation, "the layer \"" + layer.name + "\""), term.axes};
}

Term KerasModel::dropout(Model&, const Layer& layer, const std::vector<Term>& inputs) {
  const auto rate = layer.config().at("rate").get<float>();
  if (rate == 0.0F) return inputs[0];
  if (!layer.config().value("noise_shape", Json()).is_null()) {
    importer_.gives_up(GivenUp::dropout, "the layer \"" + layer.name + "\": drops numbers together (noise_shape)");
  }
  return {importer_.dropout(numbers(layer, inputs[0]), rate), inputs[0].axes};
}
}  // namespace podium::interop
