#include "podium/model/load.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "podium/core/error.h"
#include "podium/core/files.h"
#include "podium/core/gemm.h"
#include "podium/core/manifest.h"
#include "podium/core/publish.h"
#include "podium/model/directory.h"

namespace podium {
namespace model {
namespace {
void check_shapes(const Safetensors& file, const graph::Graph& graph, const std::string& what) {
  const auto parameters = graph::parameters(graph);
  for (const graph::Parameter& parameter : parameters) {
    const auto& shape = file.tensor(parameter.name).shape;
    if (shape != parameter.shape) {
      throw Error(what + ": \"" + parameter.name + "\" has shape " + nn::text_of(shape) + ", model.json says " +
                  nn::text_of(parameter.shape) + "; the files are of different models");
    }
    file.floats(parameter.name);  // throws for another type
  }
  if (parameters.size() != file.tensors().size()) {
    throw Error(what + ": has tensors that model.json does not name; the files are of different models");
  }
}

Features read_features(const Safetensors& file, const graph::Graph& graph) {
  Features features{graph.features, {}};
  struct Read {
    Encoder operator()(const graph::Text& text) const { return StringVocabulary(file.strings(text.column)); }
    Encoder operator()(const graph::Integer& integer) const {
      const auto values = file.i64s(integer.column + "/values");
      return IntegerVocabulary({values.begin(), values.end()});
    }
    Encoder operator()(const graph::Numeric&) const { return NumericEncoder{}; }
    const Safetensors& file;
  };
  for (const graph::Feature& feature : graph.features) features.encoders.push_back(std::visit(Read{file}, feature));
  return features;
}

/// Every id that the vocabularies give must have a row in the tables.
void check_tables(const graph::Graph& graph, const Features& features, const std::string& what) {
  graph::Graph sized = graph;
  size_tables(sized, features);
  for (std::size_t i = 0; i < graph.tables.size(); ++i) {
    if (graph.tables[i].rows == sized.tables[i].rows) continue;
    throw Error(what + ": table \"" + graph.tables[i].name + "\" has " + std::to_string(graph.tables[i].rows) +
                " rows, its vocabulary needs " + std::to_string(sized.tables[i].rows) +
                "; the files are of different models");
  }
}

std::string read_text(const MappedFiles& files, const char* name) {
  const auto at = files.find(name);
  return at == files.end() ? "" : std::string(at->second.text());
}

void check_history(const History& history, std::size_t candidates, const std::string& what) {
  const auto fail = [&](const char* why) { throw Error(what + ": " + why + "; the file is damaged"); };
  if (history.offsets.empty() || history.offsets.front() != 0 || history.offsets.back() != history.items.size()) {
    fail("its offsets do not span its items");
  }
  for (std::size_t i = 1; i < history.offsets.size(); ++i) {
    if (history.offsets[i] < history.offsets[i - 1]) fail("its offsets fall");
  }
  for (const std::uint32_t item : history.items) {
    if (item >= candidates) fail("it names an item that the catalog lacks");
  }
  if (!history.times.empty() && history.times.size() != history.items.size()) fail("it has not one time for each item");
}
}  // namespace

Safetensors take_safetensors(MappedFiles& files, const std::string& directory, const char* name) {
  const std::string path = directory + "/" + name;
  const auto at = files.find(name);
  if (at == files.end())
    throw Error(path + ": is not there, and the MANIFEST does not name it; the model is not whole");
  return Safetensors(std::move(at->second), path);
}

StoredModel read_stored(MappedFiles& files, const Description& description, const std::string& directory) {
  const std::string weights_path = directory + "/" + kWeightsFile, vocabulary_path = directory + "/" + kVocabularyFile;
  const Safetensors vocabulary = take_safetensors(files, directory, kVocabularyFile);
  Features features = [&] {
    try {
      return read_features(vocabulary, description.graph);
    } catch (const Error& error) {
      const std::string message = error.what();  // a vocabulary's own error does not know its file
      throw message.starts_with(vocabulary_path) ? error : Error(vocabulary_path + ": " + message);
    }
  }();
  check_tables(description.graph, features, vocabulary_path);
  Safetensors weights = take_safetensors(files, directory, kWeightsFile);
  check_shapes(weights, description.graph, weights_path);
  try {
    check_score(description.graph);
  } catch (const Error& error) {
    throw Error(directory + ": " + error.what());
  }
  return {description.graph, std::move(features), description.options, std::move(weights), {}, directory};
}

Model read_model(MappedFiles& files, const Description& description, const std::string& directory) {
  StoredModel stored = read_stored(files, description, directory);
  nn::Weights weights;
  for (const graph::Parameter& parameter : graph::parameters(stored.graph)) {
    weights.tensors.push_back({parameter.name, parameter.shape, stored.weights.take_floats(parameter.name)});
  }
  // A model from another machine scores with this one's best kernel: the same to rounding.
  const auto kernels = gemm_kernels();
  if (std::ranges::find(kernels, stored.options.kernel) == kernels.end()) stored.options.kernel.clear();
  return {std::move(stored.graph), std::move(stored.features), std::move(weights), std::move(stored.options)};
}

ModelRecord read_record(MappedFiles& files, const Description& description, const std::string& directory) {
  ModelRecord record;
  record.sources = description.sources;
  record.split = description.split;
  record.recipe = description.recipe;
  record.metrics = description.metrics;
  record.gives_up = description.gives_up;
  record.run = read_text(files, kRunFile);
  record.report = read_text(files, kReportFile);
  record.candidates = take_safetensors(files, directory, kCatalogFile).strings("item");
  if (files.contains(kHistoryFile)) {
    const Safetensors file = take_safetensors(files, directory, kHistoryFile);
    const auto offsets = file.u64s("offsets");
    const auto items = file.u32s("items");
    History history{{offsets.begin(), offsets.end()}, {items.begin(), items.end()}, {}};
    if (file.has("times")) {
      const auto times = file.i64s("times");
      history.times.assign(times.begin(), times.end());
    }
    check_history(history, record.candidates.size(), directory + "/" + kHistoryFile);
    record.history = std::move(history);
  }
  if (files.contains(kResumeFile)) {
    const auto slots = std::make_shared<const Safetensors>(take_safetensors(files, directory, kResumeFile));
    record.resume = slots->tensors();
    const auto state = slots->metadata().find("state");
    if (state != slots->metadata().end()) record.resume_state = state->second;
    record.storage = slots;
  }
  return record;
}

namespace {
struct Opened {
  std::string directory;
  MappedFiles files;
  Description description;
};

Opened open_model(const std::string& path) {
  Opened opened;
  opened.directory = find_model(path);
  opened.files = open_verified(opened.directory);
  const std::string name = opened.directory + "/" + kModelFile;
  const auto file = opened.files.find(kModelFile);
  if (file == opened.files.end()) throw Error(name + ": is not in the MANIFEST; the model is not whole");
  opened.description = read_description(file->second.text(), name);
  return opened;
}
}  // namespace
}  // namespace model

Model load(const std::string& path) {
  auto opened = model::open_model(path);
  return model::read_model(opened.files, opened.description, opened.directory);
}

ModelRecord load_record(const std::string& path) {
  auto opened = model::open_model(path);
  return model::read_record(opened.files, opened.description, opened.directory);
}

LoadedModel load_all(const std::string& path) {
  auto opened = model::open_model(path);
  Model model = model::read_model(opened.files, opened.description, opened.directory);
  return {std::move(model), model::read_record(opened.files, opened.description, opened.directory), opened.directory};
}

StoredModel load_stored(const std::string& path) {
  auto opened = model::open_model(path);
  StoredModel stored = model::read_stored(opened.files, opened.description, opened.directory);
  stored.record = model::read_record(opened.files, opened.description, opened.directory);
  return stored;
}

std::string find_model(const std::string& path) {
  std::string directory = path;
  while (directory.size() > 1 && directory.back() == '/') directory.pop_back();
  if (!is_directory(directory)) {
    throw Error(directory +
                (path_exists(directory) ? ": is a file, not a model directory" : ": there is no such model") +
                "; give FOLDER/NAME or FOLDER/NAME/VERSION");
  }
  const auto is_model = [](const std::string& candidate) { return path_exists(candidate + "/" + model::kModelFile); };
  if (!is_model(directory)) {
    const auto published = versions(directory);
    if (published.empty()) throw Error(directory + ": no model.json and no version: is it a model directory?");
    directory += "/" + std::to_string(published.back());
    if (!is_model(directory)) throw Error(directory + ": no model.json: is it a model directory?");
  }
  if (!path_exists(directory + "/" + kManifestName)) {
    throw Error(directory + ": no MANIFEST: the model is not whole; copy the directory again or train anew");
  }
  return directory;
}
}  // namespace podium
