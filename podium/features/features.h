#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
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

/// Values that have an id, without the unknown; 0 for a number.
std::size_t vocabulary_size(const Encoder& encoder);
/// Those values in the order of their ids; whole numbers in decimal. Empty for a number.
Strings vocabulary_text(const Encoder& encoder);

/// Ids that a feature has: the unknown's, then its vocabulary's; 0 for a number.
std::size_t id_count(const graph::Feature& feature, const Encoder& encoder);
/// The id of a value: the vocabulary's, else one of the unknown's. A whole number is written in decimal; what is none
/// has id 0. The feature is no number.
std::uint32_t id_of(const graph::Feature& feature, const Encoder& encoder, std::string_view value);
/// Where the id's value stands in the vocabulary, from 1; 0 for an unknown's.
std::uint32_t place_of(const graph::Feature& feature, std::uint32_t id);

/// The fitted features of a graph: one encoder per graph.features, in that order.
struct Features {
  std::vector<graph::Feature> features;
  std::vector<Encoder> encoders;
};

/// Where a feature's vocabulary comes from: rows of a table, or values in an order of their own (a file's).
using VocabularySource = std::variant<const TableView*, const Strings*>;

/// Fits every feature of the graph on `rows`: vocabularies are the sorted unique values (text by bytes, integers by
/// value), without missing cells. Features that look up one table share one vocabulary, of all their values.
/// Throws Error if a column is missing or of a wrong type, or if a table is shared by text and integers.
Features fit_features(const graph::Graph& graph, const TableView& rows);
/// The same with a source for each feature, [graph.features]; numeric features check the column of a TableView only.
Features fit_features(const graph::Graph& graph, std::span<const VocabularySource> sources);

/// The values of both: where the values are equal in order, `a`; else their sorted union. Throws Error if one is text
/// and the other whole numbers.
Encoder join_vocabularies(const Encoder& a, const Encoder& b);

/// Gives the features that look up one table one vocabulary, as fit_features does: equal ones stay, others become their
/// sorted union. Throws Error if one is text and another whole numbers.
void share_vocabularies(const graph::Graph& graph, std::vector<Encoder>& encoders);

/// Sets each table's number of rows to what the features that look it up need: their id_count.
void size_tables(graph::Graph& graph, const Features& features);

/// Columns to ids and floats. Values that a vocabulary lacks get an index of the unknown's. A missing cell of text is
/// the text "", one of whole numbers has index 0. A Text feature reads an integer column too, by its decimal digits; an
/// Integer feature a text column of whole numbers; a Numeric feature integers and text of numbers. So a table of text
/// serves every feature, as requests need it.
/// Throws Error for a missing column, a wrong type, or a number that is missing or not finite (with the row, from 1).
Batch encode(const Features& features, const TableView& rows);

/// How many rows of `batch` have an unknown value of each feature that has a vocabulary (0 for the others), [features].
std::vector<std::size_t> count_unknown(const Features& features, const Batch& batch);
}  // namespace podium
