#pragma once
#include <string>

#include "podium/model/view.h"

namespace podium::interop {
struct SavedModelOptions {
  bool with_optimizer = false;  // Adagrad's accumulators too, as a checkpoint of the model's optimizer
};

/// Writes the model as TensorFlow 2's SavedModel: `to`/saved_model.pb, `to`/variables/ and a MANIFEST, complete or not
/// at all. Throws Error if it can't be written, or if there are no accumulators to write.
void write_saved_model(const ModelView& model, const std::string& to, const SavedModelOptions& options);
}  // namespace podium::interop
