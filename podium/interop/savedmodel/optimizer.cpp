#include "podium/interop/savedmodel/optimizer.h"

#include <algorithm>
#include <string>

#include "podium/core/error.h"
#include "podium/core/json.h"

namespace podium::interop::savedmodel {
namespace {
using Json = nlohmann::json;

/// Everything but the accumulators.
AdagradState parse_state(const ModelView& model) {
  const std::string what = model.directory + ": the optimizer's state";
  const Json state = parse_json<Json>(model.record.resume_state, what);
  try {
    const Json& optimizer = state.at("optimizer");
    const auto kind = optimizer.at("kind").get<std::string>();
    if (kind != "adagrad") {
      throw Error(model.directory + ": has no accumulators of Adagrad, its optimizer was " + kind +
                  "; export it without --with-optimizer");
    }
    return {.is_legacy = optimizer.at("epsilon_outside").get<bool>(),
            .step = state.at("step").get<std::int64_t>(),
            .learning_rate = optimizer.value("learning_rate", 0.001F),  // not said by one that was imported: Keras' own
            .accumulators = {}};
  } catch (const Json::exception& error) {
    throw Error(what + " is not sound (" + error.what() + "); train the model anew");
  }
}

const TensorView& accumulator_of(const ModelView& model, const TensorView& tensor) {
  const auto& slots = model.record.resume;
  const auto slot = std::ranges::find(slots, tensor.name + "/accumulator", &TensorView::name);
  if (slot == slots.end()) {
    throw Error(model.directory + ": has no accumulator of " + tensor.name + "; export it without --with-optimizer");
  }
  if (slot->shape != tensor.shape || slot->dtype != Dtype::f32) {
    throw Error(model.directory + ": the accumulators of " + tensor.name +
                " are one a row (row_wise), which Keras' Adagrad lacks; export it without --with-optimizer");
  }
  return *slot;
}
}  // namespace

AdagradState adagrad_state(const ModelView& model) {
  if (model.record.resume_state.empty()) {
    throw Error(model.directory + ": has no accumulators of Adagrad, it was saved without an optimizer; " +
                "export it without --with-optimizer");
  }
  AdagradState state = parse_state(model);
  for (const TensorView& tensor : model.weights) state.accumulators.push_back(accumulator_of(model, tensor));
  return state;
}
}  // namespace podium::interop::savedmodel
