// Which options of Keras' layers Podium reads; what it does not know it refuses, by name.
#include "podium/interop/keras/options.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "podium/core/error.h"

namespace podium::interop {
namespace {
[[noreturn]] void fail(const std::string& layer, const std::string& why) {
  throw Error("the layer \"" + layer + "\" " + why);
}

/// Options that mean something to the rules, or nothing to a score. Beside them every layer has those of kEverywhere
/// and those whose names end as in kEnds.
const std::map<std::string, std::vector<std::string_view>, std::less<>>& known() {
  static const std::map<std::string, std::vector<std::string_view>, std::less<>> kKnown = {
      {"StringLookup",
       {"num_oov_indices", "oov_token", "mask_token", "vocabulary", "invert", "output_mode", "max_tokens",
        "pad_to_max_tokens", "vocabulary_size", "oov_method", "salt", "has_input_vocabulary", "encoding", "idf_weights",
        "sparse"}},
      {"IntegerLookup",
       {"num_oov_indices", "oov_token", "mask_token", "vocabulary", "invert", "output_mode", "max_tokens",
        "pad_to_max_tokens", "vocabulary_size", "vocabulary_dtype", "oov_method", "salt", "has_input_vocabulary",
        "idf_weights", "sparse"}},
      {"Embedding", {"input_dim", "output_dim", "mask_zero", "input_length"}},
      {"Dense", {"units", "activation", "use_bias"}},
      {"Flatten", {"data_format"}},
      {"Reshape", {"target_shape"}},
      {"Concatenate", {"axis"}},
      {"Dot", {"axes", "normalize"}},
      {"Dropout", {"rate", "seed", "noise_shape"}},
      {"ActivityRegularization", {"l1", "l2"}},
      {"Activation", {"activation"}},
      {"ReLU", {"max_value", "negative_slope", "threshold"}},
      {"LeakyReLU", {"negative_slope", "alpha"}},
      {"ELU", {"alpha"}},
      {"Rescaling", {"scale", "offset"}},
      {"Normalization", {"axis", "mean", "variance", "invert"}},
      {"BatchNormalization", {"axis", "momentum", "epsilon", "center", "scale", "synchronized", "renorm_momentum"}},
      {"ops.Reshape", {"newshape"}}};
  return kKnown;
}
constexpr std::array<std::string_view, 6> kEverywhere = {"name",        "trainable",   "dtype", "batch_input_shape",
                                                         "batch_shape", "build_config"};
constexpr std::array<std::string_view, 3> kEnds = {"_initializer", "_regularizer", "_constraint"};

bool is_off(const Json& value) {
  return value.is_null() || (value.is_boolean() && !value.get<bool>()) || (value.is_structured() && value.empty());
}

std::string text_of(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// Whether an object is of a class of Keras' own, and not of one that has the same name. Archives say so by the module,
/// which is null of a class of one's own; the oldest have none.
bool is_own(const Json& object) {
  const std::string module = text_of(object, "module"), package = module.substr(0, module.find('.'));
  const bool is_keras = package == "keras" || package == "tf_keras" || !object.contains("module");
  return is_keras && text_of(object, "registered_name").find('>') == std::string::npos;
}

/// "mixed_float16" of a policy, however it is written; "" if none is said.
std::string policy_of(const Json& dtype) {
  if (dtype.is_null()) return "";
  if (dtype.is_string()) return dtype.get<std::string>();
  const auto config = dtype.is_object() ? dtype.find("config") : dtype.end();
  const bool is_named = dtype.is_object() && config != dtype.end() && config->is_object() && config->contains("name") &&
                        config->at("name").is_string();
  return is_named ? config->at("name").get<std::string>() : dtype.dump();
}
}  // namespace

std::string kind_of_layer(const Json& layer, const std::string& name) {
  const std::string kind = layer.at("class_name").get<std::string>();
  const std::string module = text_of(layer, "module"), registered = text_of(layer, "registered_name");
  if (!is_own(layer)) {
    fail(name, "is of the class " + (registered.empty() ? module + "." + kind : registered) +
                   ", which is not Keras' own; write the model by model.export(), and import that");
  }
  if (kind == "TFOpLambda") return "tf." + layer.at("config").at("function").get<std::string>();
  return module.starts_with("keras.src.ops") || module.starts_with("keras.ops") ? "ops." + kind : kind;
}

void expect_known_options(const std::string& kind, const Json& config, const std::string& name) {
  const bool is_lookup = kind == "StringLookup" || kind == "IntegerLookup";
  if (const auto dtype = config.find("dtype"); dtype != config.end()) {
    const std::string policy = policy_of(*dtype);
    const bool is_whole = is_lookup && (policy == "int64" || policy == "int32" || policy == "string");
    if (!policy.empty() && policy != "float32" && !is_whole) {
      fail(name, "computes by the dtype policy " + policy +
                     "; Podium computes in float32, and its scores would differ (mixed precision is not read)");
    }
  }
  const auto own = known().find(kind);
  for (const auto& option : config.items()) {
    const std::string& key = option.key();
    const Json& value = option.value();
    const auto is_key = [&](std::string_view other) { return key == other; };
    const auto ends = [&](std::string_view end) { return key.ends_with(end); };
    if (std::ranges::any_of(kEverywhere, is_key) || std::ranges::any_of(kEnds, ends) || is_off(value)) continue;
    if (own != known().end() && std::ranges::any_of(own->second, is_key)) continue;
    if (kind.starts_with("tf.") && key == "function") continue;
    fail(name, "of the kind " + kind + " has the option " + key + ", which Podium does not read");
  }
  const auto is_on = [&](const char* key) { return config.contains(key) && !is_off(config.at(key)); };
  if (is_lookup && (is_on("sparse") || is_on("idf_weights"))) {
    fail(name, "gives something else than rows of a table; Podium reads output_mode=\"int\"");
  }
  if (is_lookup && config.value("encoding", "utf-8") != "utf-8") {
    fail(name, "reads text of the encoding " + config.value("encoding", "") + "; Podium's is UTF-8");
  }
}

std::optional<float> l2_of(const Json& regularizer) {
  if (is_off(regularizer)) return 0.0F;
  const auto kind = regularizer.is_object() ? regularizer.value("class_name", "") : "";
  const auto config = regularizer.is_object() ? regularizer.find("config") : regularizer.end();
  if (!regularizer.is_object() || !is_own(regularizer)) return std::nullopt;
  if ((kind != "L2" && kind != "L1L2") || config == regularizer.end() || !config->is_object()) return std::nullopt;
  const auto number = [&](const char* key) {
    return config->contains(key) && config->at(key).is_number() ? config->at(key).get<float>() : 0.0F;
  };
  if (number("l1") != 0.0F) return std::nullopt;
  return number("l2");
}

void note_losses(const Json& config, const std::string& where, bool keeps_l2, GraphImporter& importer) {
  for (const auto& [key, value] : config.items()) {
    if (is_off(value)) continue;
    const auto l2 = l2_of(value);
    const bool is_kept = l2 == 0.0F || (keeps_l2 && key == "kernel_regularizer" && l2.has_value());
    if (key.ends_with("_regularizer") && !is_kept) {
      importer.gives_up(GivenUp::regularizers, where + ": has the option " + key);
    }
    if (key.ends_with("_constraint")) importer.gives_up(GivenUp::constraints, where + ": has the option " + key);
  }
}
}  // namespace podium::interop
