#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "podium/core/manifest.h"
#include "podium/model/record.h"

namespace podium {
/// What a model directory is, and what is wrong with it.
struct ModelReport {
  struct Feature {
    std::string column, type;                     // "text", "integer" or "number"
    std::size_t values = 0, unknown_indices = 0;  // of text and integers
    friend bool operator==(const Feature&, const Feature&) = default;
  };
  struct Weight {
    std::string name;
    std::vector<std::size_t> shape;
  };
  /// The rows that were saved with their scores, scored again here.
  struct SelfTestResult {
    std::size_t rows = 0;
    double largest_difference = 0.0;  // of a score, absolute
    bool same_kernel = false;         // then the scores must be the same bits
    bool passed = false;
  };
  std::string directory;
  std::vector<FileCheck> files;       // every file, with its checksum's verdict
  std::vector<std::string> problems;  // empty for a sound model; what follows is then filled in
  std::string user, item, kernel, recorded_kernel;
  std::uint64_t seed = 0;
  std::vector<Feature> features;
  std::vector<std::string> outputs;
  std::vector<Weight> weights;
  std::size_t parameters = 0;
  std::size_t candidates = 0;               // distinct items in the catalog
  std::optional<std::size_t> interactions;  // of the history, if it is there
  bool can_resume = false;
  std::map<std::string, std::string> gives_up;  // ModelRecord's
  std::vector<Source> sources;
  std::string metrics;  // JSON or ""
  std::optional<SelfTestResult> self_test;
};

/// Looks at all of a published model, as `load` names it, and runs its self-test; changes nothing.
/// Throws Error if there is no model directory; damage is in ModelReport::problems.
ModelReport inspect_model(const std::string& path);
/// For people: several lines, the last one says whether the model is sound.
std::string to_text(const ModelReport& report);
/// For programs: one JSON object. What the report has not (all that follows `problems`, where the files are damaged) is
/// absent. Throws Error if `metrics` is no JSON.
std::string to_json(const ModelReport& report);
}  // namespace podium
