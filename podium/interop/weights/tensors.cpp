#include "podium/interop/weights/tensors.h"

#include <algorithm>
#include <functional>
#include <string>
#include <variant>

namespace podium::interop {
namespace {
struct AddVocabulary {
  void operator()(const StringVocabulary& vocabulary) const {
    const Strings& values = vocabulary.values();
    // Signed, unlike in our own files: PyTorch indexes with int64.
    offsets->emplace_back(values.offsets().begin(), values.offsets().end());
    views->push_back(view_of(name + "/offsets", offsets->back()));
    const auto bytes = std::as_bytes(std::span(values.bytes()));
    views->push_back({name + "/bytes", Dtype::u8, {bytes.size()}, bytes});
  }
  void operator()(const IntegerVocabulary& vocabulary) const {
    views->push_back(view_of(name + "/values", vocabulary.values()));
  }
  void operator()(const NumericEncoder&) const {}

  std::string name;
  std::deque<std::vector<std::int64_t>>* offsets;
  std::vector<TensorView>* views;
};
}  // namespace

ModelTensors::ModelTensors(const ModelView& model) : views_(model.weights) {
  const Features& features = model.features;
  for (std::size_t f = 0; f < features.features.size(); ++f) {
    const std::string name = "vocabulary/" + graph::column_of(features.features[f]);
    std::visit(AddVocabulary{name, &offsets_, &views_}, features.encoders[f]);
  }
  std::ranges::stable_sort(views_, std::greater{}, [](const TensorView& view) { return size_of(view.dtype); });
}
}  // namespace podium::interop
