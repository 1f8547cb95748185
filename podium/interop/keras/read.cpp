#include "podium/interop/keras/read.h"

#include <optional>
#include <utility>

#include "podium/core/error.h"
#include "podium/core/mapped_file.h"
#include "podium/interop/archive.h"
#include "podium/interop/keras/layers.h"

namespace podium::interop {
namespace {
constexpr const char *kConfig = "config.json", *kWeights = "model.weights.h5";

/// Adagrad's accumulators: after the optimizer's own numbers, in the order of the trainable weights.
std::optional<AdagradState> adagrad_of(const Json& config, const Hdf5& weights,
                                       const std::vector<std::string>& trained) {
  const auto compiled = config.find("compile_config");
  if (compiled == config.end() || !compiled->is_object()) return std::nullopt;
  const auto optimizer = compiled->find("optimizer");
  if (optimizer == compiled->end() || !optimizer->is_object() || optimizer->value("class_name", "") != "Adagrad") {
    return std::nullopt;
  }
  AdagradState state;
  const Json& options = optimizer->at("config");
  const auto number = [&](const char* key, double otherwise) {
    return options.contains(key) && options.at(key).is_number() ? options.at(key).get<double>() : otherwise;
  };
  state.learning_rate = number("learning_rate", state.learning_rate);
  state.initial_accumulator_value = number("initial_accumulator_value", state.initial_accumulator_value);
  state.epsilon = number("epsilon", state.epsilon);
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
    if (next == trained.size() || weights.floats(trained[next]).shape != array.shape) return std::nullopt;
    state.accumulators.emplace(trained[next++], std::move(array));
  }
  if (next == 0 || next != trained.size()) return std::nullopt;
  return state;
}

}  // namespace

Imported read_keras(const KerasParts& parts, const ImportOptions& options) {
  const Json config = parse_json<Json>(parts.config, parts.what + ": " + kConfig, {.depth = 128});
  try {
    const Hdf5 weights(parts.weights, kWeights);
    GraphImporter importer;
    KerasModel model(config, parts.asset, weights, importer);
    auto outputs = model.outputs();
    return importer.finish(std::move(outputs), adagrad_of(config, weights, model.trainable()), options);
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
  return read_keras({.config = config, .weights = weights, .asset = asset, .what = path}, options);
}
}  // namespace podium::interop
