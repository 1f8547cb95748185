#pragma once
#include <cstddef>
#include <string>
#include <variant>
#include <vector>

#include "podium/core/batch.h"
#include "podium/core/table.h"
#include "podium/features/vocabulary.h"
#include "podium/graph/graph.h"

namespace podium {
/// What a numeric feature knows: nothing to fit, yet.
struct NumericEncoder {};
using Encoder = std::variant<StringVocabulary, IntegerVocabulary, NumericEncoder>;

/// The fitted features of a graph: one encoder per graph.features, in that order.
struct Features {
  std::vector<graph::Feature> features;
  std::vector<Encoder> encoders;
};

/// Fits every feature of the graph on `rows`: vocabularies are the sorted unique values (text by bytes, integers by
/// value). Throws Error if a column is missing or of a wrong type.
Features fit_features(const graph::Graph& graph, const TableView& rows);

/// Sets each table's number of rows to what the features that look it up need: vocabulary size + 1 for the unknown.
void size_tables(graph::Graph& graph, const Features& features);

/// Columns to ids and floats. Values that a vocabulary lacks get index 0. A text feature reads an integer column too,
/// by its decimal digits, and an Integer feature a text column of whole numbers. Throws Error for a missing column,
/// a wrong type, or a number that is not finite (with the row).
Batch encode(const Features& features, const TableView& rows);

/// How many rows of `batch` have index 0 for each feature that has a vocabulary, [features].
std::vector<std::size_t> count_unknown(const Features& features, const Batch& batch);
}  // namespace podium
