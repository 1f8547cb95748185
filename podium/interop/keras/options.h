#pragma once
// Included by sources only.
#include <optional>
#include <string>

#include "podium/core/json.h"
#include "podium/interop/graph_importer.h"

namespace podium::interop {
using Json = nlohmann::ordered_json;

/// The kind that the rules know a layer by: its class where it is Keras' own, "ops.Add" for an operation of
/// keras.ops, "tf.math.add" for a function of TensorFlow's. Throws Error for a class of somebody else's, whatever it is
/// called.
std::string kind_of_layer(const Json& layer, const std::string& name);

/// Throws Error naming the first option of a layer's configuration that changes what it computes and that Podium does
/// not read: another precision than float32, or a key that this version of Podium does not know and that is not off.
void expect_known_options(const std::string& kind, const Json& config, const std::string& name);

/// The factor of an L2 regularizer; 0 without a regularizer, std::nullopt for one of another kind.
std::optional<float> l2_of(const Json& regularizer);

/// Gives up the regularizers and constraints of a layer's configuration, but with `keeps_l2` an L2 of its kernel.
void note_losses(const Json& config, const std::string& where, bool keeps_l2, GraphImporter& importer);
}  // namespace podium::interop
