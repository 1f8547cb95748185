#pragma once
#include <cstdint>
#include <deque>
#include <vector>

#include "podium/core/safetensors.h"
#include "podium/model/view.h"

namespace podium::interop {
/// A model's weights and vocabularies as named arrays; the weights stay where they are, so the model outlives this.
///   embedding/TABLE/weight F32 [rows, dim], NAME/kernel F32 [in, out], NAME/bias F32 [out]
///   vocabulary/COLUMN/offsets I64 [values + 1] and vocabulary/COLUMN/bytes U8 of text,
///   vocabulary/COLUMN/values I64 [values] of whole numbers: the value at place i has row i + 1 of its tables
class ModelTensors {
 public:
  explicit ModelTensors(const ModelView& model);
  ModelTensors(const ModelTensors&) = delete;
  ModelTensors& operator=(const ModelTensors&) = delete;

  /// Wide types first, so that each array is aligned in a safetensors file.
  const std::vector<TensorView>& views() const { return views_; }

 private:
  std::deque<std::vector<std::int64_t>> offsets_;  // a deque leaves them where they are
  std::vector<TensorView> views_;
};
}  // namespace podium::interop
