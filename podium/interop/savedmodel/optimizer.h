#pragma once
#include <cstdint>
#include <vector>

#include "podium/core/safetensors.h"
#include "podium/model/view.h"

namespace podium::interop::savedmodel {
/// Adagrad where a training left it.
struct AdagradState {
  bool is_legacy = false;  // epsilon_outside: tf.keras.optimizers.legacy.Adagrad computes this one
  std::int64_t step = 0;
  float learning_rate = 0.0F, decay = 0.0F;  // decay: the legacy one's, which Podium lacks
  std::vector<TensorView> accumulators;      // of the model's parameters, in their order; each of its parameter's shape
};

/// Throws Error if the model was not trained with Adagrad or has no accumulators, or if they are one a row.
AdagradState adagrad_state(const ModelView& model);
}  // namespace podium::interop::savedmodel
