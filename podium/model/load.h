#pragma once
#include <string>

#include "podium/model/model.h"
#include "podium/model/record.h"

namespace podium {
/// A model and what stands beside it in its directory.
struct LoadedModel {
  Model model;
  ModelRecord record;
  std::string directory;  // the version's: "models/ranking/3"
};

/// A published model whose weights stay where they are, in a mapped file: for who reads them once, without memory for
/// them.
struct StoredModel {
  graph::Graph graph;
  Features features;
  ModelOptions options;
  Safetensors weights;  // every one of graph::parameters() and nothing else, each of its shape
  ModelRecord record;
  std::string directory;
};

/// Reads a published model: FOLDER/NAME is its highest version, FOLDER/NAME/VERSION is that one. Every file is verified
/// against the MANIFEST before anything is believed; no code runs.
/// Throws Error naming the file that is missing, changed, superfluous, of a newer format or of another program.
Model load(const std::string& path);
/// What stands beside the model; reads no weights, but verifies all files.
ModelRecord load_record(const std::string& path);
/// Both at once.
LoadedModel load_all(const std::string& path);
/// The same, but for the weights' numbers.
StoredModel load_stored(const std::string& path);

/// The directory of the version that `path` means. Throws Error if there is none.
std::string find_model(const std::string& path);
}  // namespace podium
