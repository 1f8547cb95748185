#pragma once
// The names in a model directory, shared by saving, loading and inspecting.
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "podium/core/batch.h"
#include "podium/core/mapped_file.h"
#include "podium/core/safetensors.h"
#include "podium/model/description.h"
#include "podium/model/load.h"

namespace podium::model {
inline constexpr const char* kModelFile = "model.json";
inline constexpr const char* kWeightsFile = "weights.safetensors";
inline constexpr const char* kVocabularyFile = "vocabulary.safetensors";
inline constexpr const char* kCatalogFile = "catalog.safetensors";
inline constexpr const char* kHistoryFile = "history.safetensors";
inline constexpr const char* kSelfTestFile = "selftest.safetensors";
inline constexpr const char* kResumeFile = "resume/optimizer.safetensors";
inline constexpr const char* kRunFile = "run.json";
inline constexpr const char* kReportFile = "report.html";

/// Encoded rows and what the model answered to them when it was saved.
struct SelfTest {
  Batch rows;
  std::vector<float> scores;  // [rows]
};
/// 32 rows spread over the vocabularies, unknown ids among them, and the model's scores of them.
SelfTest make_self_test(const Model& model);
std::vector<TensorView> views_of(const SelfTest& test);
/// Throws Error if the file does not fit the model's features and vocabularies.
SelfTest read_self_test(const Safetensors& file, const Model& model, const std::string& what);

/// A verified directory's files.
using MappedFiles = std::map<std::string, MappedFile>;
/// Parses one of them. Throws Error if it is not there.
Safetensors take_safetensors(MappedFiles& files, const std::string& directory, const char* name);

/// `files` are open_verified(directory)'s. A stored model has an empty record.
StoredModel read_stored(MappedFiles& files, const Description& description, const std::string& directory);
Model read_model(MappedFiles& files, const Description& description, const std::string& directory);
ModelRecord read_record(MappedFiles& files, const Description& description, const std::string& directory);
}  // namespace podium::model
