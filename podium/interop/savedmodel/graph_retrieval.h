#pragma once
#include <map>
#include <optional>
#include <string>

#include "podium/interop/proto/tensorflow.pb.h"
#include "podium/interop/savedmodel/graph_mapper.h"

namespace podium::interop {
/// A retrieval index, as TFRS' BruteForce and KerasRS' BruteForceRetrieval are saved: the k best products of a query
/// with all candidates.
struct RetrievalIndex {
  GraphValue best;                             // the TopKV2
  std::optional<GraphValue> identifiers = {};  // the gather by its indices; none: the indices themselves
  std::string score = "score";                 // the output's name, if it is one
  std::vector<std::string> left_out = {};      // outputs that are neither
};

/// The index that a signature's outputs are of, or none. Throws Error if they are of two.
std::optional<RetrievalIndex> retrieval_index(const std::map<std::string, GraphValue>& outputs, const GraphView& graph,
                                              const SavedState& state);

/// Throws Error if the index takes vectors: it was saved without its query model.
void refuse_without_query_model(const RetrievalIndex& index, const tf::SignatureDef& signature, const GraphView& graph);

/// The product of the query with one candidate, [rows, 1], where the index has it with all: the candidates become a
/// table whose vocabulary is their identifiers, read by the column `item`. Says in notes what is not as it was there.
/// Throws Error naming what the index does that Podium has nothing for.
graph::ValueId map_retrieval(const RetrievalIndex& index, const std::string& item, const GraphView& graph,
                             const SavedState& state, GraphMapper& mapper, GraphImporter& importer);
}  // namespace podium::interop
