#include "podium/interop/keras/read.h"

#include <array>
#include <optional>
#include <utility>

#include "podium/core/error.h"
#include "podium/core/mapped_file.h"
#include "podium/interop/archive.h"
#include "podium/interop/keras/layers.h"

namespace podium::interop {
namespace {
constexpr const char *kConfig = "config.json", *kWeights = "model.weights.h5";

/// Keras' options that mean in Podium what they mean there, under the same names.
constexpr std::array kOptions = {"learning_rate", "initial_accumulator_value", "epsilon",  "weight_decay",
                                 "clipnorm",      "global_clipnorm",           "clipvalue"};

/// Adagrad's accumulators: after the optimizer's own numbers, in the order of the trainable weights.
std::optional<AdagradState> adagrad_of(const Json& config, const Hdf5& weights, const std::vector<std::string>& trained,
                                       bool is_keras3, GraphImporter& importer) {
  const auto compiled = config.find("compile_config");
  if (compiled == config.end() || !compiled->is_object()) return std::nullopt;
  const auto optimizer = compiled->find("optimizer");
  if (optimizer == compiled->end() || !optimizer->is_object()) return std::nullopt;
  const std::string kind = optimizer->value("class_name", "");
  const auto without = [&](const std::string& why) -> std::optional<AdagradState> {
    importer.note(why + "; " + kStartsAnew);
    return std::nullopt;
  };
  if (kind != "Adagrad") return without("the state of the optimizer " + kind + " is left out; Podium reads Adagrad's");
  constexpr const char* kNone = "the file holds no accumulators of its Adagrad";
  AdagradState state;
  state.sums_squares = is_keras3;
  const Json& options = optimizer->at("config");
  for (const char* name : kOptions) {
    if (options.contains(name) && options.at(name).is_number()) {
      state.options.emplace_back(name, options.at(name).get<double>());
    } else if (options.contains(name) && options.at(name).is_object()) {
      importer.note(std::string("Adagrad's ") + name + " is no number in the file; " + kSayIt);
    }
  }
  std::size_t next = 0;
  for (std::size_t i = 0;; ++i) {
    const std::string path = "optimizer/vars/" + std::to_string(i);
    if (!weights.has(path)) break;
    if (i == 0) {
      state.step = weights.integer(path);
      continue;
    }
    Array array = weights.floats(path);
    if (array.shape.empty()) continue;  // the learning rate
    if (next == trained.size() || weights.floats(trained[next]).shape != array.shape) return without(kNone);
    state.accumulators.emplace(trained[next++], std::move(array));
  }
  if (next == 0 || next != trained.size()) return without(kNone);
  return state;
}

/// "3.14.1", or of tf-keras, which writes archives of the same kind, "2.15.0"; "" if the archive doesn't say.
std::string keras_version(const Archive& archive, const std::string& path) {
  constexpr const char* kMetadata = "metadata.json";
  if (!archive.has(kMetadata)) return "";
  const Json metadata = parse_json<Json>(archive.read(kMetadata), path + ": " + kMetadata, {.depth = 16});
  const auto version = metadata.is_object() ? metadata.find("keras_version") : metadata.end();
  return version != metadata.end() && version->is_string() ? version->get<std::string>() : "";
}
}  // namespace

Imported read_keras(const KerasParts& parts, const ImportOptions& options) {
  const Json config = parse_json<Json>(parts.config, parts.what + ": " + kConfig, {.depth = 128});
  try {
    const Hdf5 weights(parts.weights, kWeights);
    GraphImporter importer;
    KerasModel model(config, parts.asset, weights, parts.keras_version, importer);
    auto outputs = model.outputs(options.output);
    return importer.finish(std::move(outputs),
                           adagrad_of(config, weights, model.trainable(), model.is_keras3(), importer), options);
  } catch (const Error& error) {
    throw Error(parts.what + ": " + error.what());
  } catch (const nlohmann::json::exception& error) {
    throw Error(parts.what + ": " + kConfig + " is not as Keras writes it (" + error.what() + ")");
  }
}

Imported read_keras(const std::string& path, const ImportOptions& options) {
  const MappedFile file(path);
  const Archive archive(file.bytes(), path);
  const std::string config = archive.read(kConfig);
  if (!archive.has(kWeights)) throw Error(path + ": has no " + kWeights + "; save the whole model in one file");
  const std::string weights = archive.read(kWeights);
  const auto asset = [&](const std::string& name) {
    return archive.has(name) ? std::optional(archive.read(name)) : std::nullopt;
  };
  return read_keras({.config = config,
                     .weights = weights,
                     .asset = asset,
                     .keras_version = keras_version(archive, path),
                     .what = path},
                    options);
}
}  // namespace podium::interop
