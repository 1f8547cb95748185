#include "podium/model/save.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <variant>
#include <vector>

#include "podium/core/publish.h"
#include "podium/model/directory.h"
#include "podium/model/rank.h"

namespace podium {
namespace {
using namespace model;

/// A feature's vocabulary as tensors: COLUMN/bytes and COLUMN/offsets of text, COLUMN/values of integers.
std::vector<TensorView> vocabulary_views(const Features& features) {
  std::vector<TensorView> views;
  for (std::size_t i = 0; i < features.features.size(); ++i) {
    const std::string& column = graph::column_of(features.features[i]);
    struct Append {
      void operator()(const StringVocabulary& vocabulary) const {
        for (TensorView& view : podium::views_of(name, vocabulary.values())) views->push_back(std::move(view));
      }
      void operator()(const IntegerVocabulary& vocabulary) const {
        views->push_back(view_of(name + "/values", vocabulary.values()));
      }
      void operator()(const NumericEncoder&) const {}
      const std::string& name;
      std::vector<TensorView>* views;
    };
    std::visit(Append{column, &views}, features.encoders[i]);
  }
  // Wide types first, so that each tensor is aligned in the file.
  std::stable_partition(views.begin(), views.end(), [](const TensorView& view) { return size_of(view.dtype) == 8; });
  return views;
}

std::vector<TensorView> history_views(const History& history) {
  std::vector<TensorView> views = {view_of("offsets", history.offsets)};
  if (!history.times.empty()) views.push_back(view_of("times", history.times));
  views.push_back(view_of("items", history.items));
  return views;
}
}  // namespace

std::string save(const Model& model, const std::string& directory) { return save(model, ModelRecord{}, directory); }

std::string save(const Model& model, const ModelRecord& record, const std::string& directory, Files& files) {
  std::vector<TensorView> weights;
  for (const nn::Tensor& tensor : model.weights().tensors) {
    weights.push_back(view_of(tensor.name, tensor.shape, tensor.values));
  }
  const Strings candidates = record.candidates.empty() ? known_items(model) : record.candidates;
  const SelfTest test = make_self_test(model);
  const Description description{model.graph(), model.options(), record.sources, record.split,
                                record.recipe, record.metrics,  record.gives_up};

  std::vector<NewFile> contents;
  contents.push_back({kModelFile, write_description(description), {}});
  contents.push_back(safetensors_file(kWeightsFile, weights));
  contents.push_back(safetensors_file(kVocabularyFile, vocabulary_views(model.features())));
  contents.push_back(safetensors_file(kCatalogFile, podium::views_of("item", candidates)));
  contents.push_back(safetensors_file(kSelfTestFile, model::views_of(test)));
  if (record.history) contents.push_back(safetensors_file(kHistoryFile, history_views(*record.history)));
  if (!record.resume.empty() || !record.resume_state.empty()) {
    contents.push_back(safetensors_file(kResumeFile, record.resume, {{"state", record.resume_state}}));
  }
  contents.push_back({kRunFile, record.run.empty() ? "{}\n" : record.run, {}});
  if (!record.report.empty()) contents.push_back({kReportFile, record.report, {}});
  return publish_version(files, directory, contents);
}
}  // namespace podium
