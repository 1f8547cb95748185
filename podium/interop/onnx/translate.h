#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "podium/model/view.h"

namespace podium::interop::onnx {
class Builder;                          // in builder.h, which includes what protoc made
enum class ElementType : std::int32_t;  // likewise

/// What an input is given as: the type that serves every feature of the column. Text before whole numbers before
/// numbers, as `podium predict` reads one column for several features.
ElementType input_type(const Features& features, const std::string& column);

/// ONNX has no operator that hashes text: who asks a graph with a column of text with several unknown_indices gives the
/// Fingerprint64 of each value too, by this input. Nothing for the other columns.
std::optional<std::string> fingerprint_input(const Features& features, const std::string& column);

/// Adds one feature's encoding. Returns the name of its ids, int64 [rows] (an unknown's for what the vocabulary lacks),
/// or of its numbers, float [rows, 1]. The input of its column, [rows], and its fingerprint_input are there already.
std::string add_feature(Builder& builder, const Features& features, std::size_t feature);

/// Adds the graph's nodes.
///   features  what add_feature returned of each feature
///   outputs   a name for each of the graph's outputs
void add_nodes(Builder& builder, const ModelView& model, const std::vector<std::string>& features,
               const std::vector<std::string>& outputs);

/// Both whole graphs, with inputs and outputs.
///   predict  COLUMN [batch] of every column that a feature reads, and its fingerprint_input if it has one
///            -> output_1 [batch, width], output_2 ...
///   rank     the user's column [1], its fingerprint_input if it has one, and k [1] -> top_items [min(k, items)] and
///            top_scores, best first, ties to the item that stands first in the vocabulary
/// Throw Error for columns whose names collide with these, and add_rank for a model that needs more than a user and an
/// item.
void add_predict(Builder& builder, const ModelView& model);
void add_rank(Builder& builder, const ModelView& model);
}  // namespace podium::interop::onnx
