#pragma once
#include <string>

#include "podium/graph/graph.h"
#include "podium/model/model.h"
#include "podium/model/record.h"
#include "podium/nn/optimizer.h"

/// From one model's numbers to another's whose layers are the same and whose vocabularies may differ: a table's rows
/// go by the values that they stand for, the unknown's row too; values that only the new model knows keep what they
/// have there.
namespace podium {
/// Throws Error naming the first layer in which two graphs differ; `what` begins the message. Layers are what gives
/// weights their meaning: tables by name and dim, features by kind and column, nodes with their inputs, widths and
/// activations. Rows, initializers, l2 and dropout may differ.
void check_same_layers(const graph::Graph& from, const graph::Graph& to, const std::string& what);

/// What a model knows of a feature (of this kind and column). Throws Error if it has none such.
const Encoder& encoder_of(const Features& features, const graph::Feature& feature);

/// Copies all weights. Both have the same layers.
void carry_weights(const Model& from, Model& to);

/// Copies the optimizer's slots that stand beside a model into `state`, the new model's before its first step. Returns
/// false, with `state` as it was, if one of them is not there in the shape that it needs.
bool carry_slots(const Model& from, const ModelRecord& record, const Model& to, nn::OptimizerState& state);

/// How many values of the new model's features the old one lacks, [to.features]; 0 for numbers.
std::vector<std::size_t> count_new_values(const Features& from, const Features& to);
}  // namespace podium
