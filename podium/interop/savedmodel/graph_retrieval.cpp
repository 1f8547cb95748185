#include "podium/interop/savedmodel/graph_retrieval.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <unordered_map>
#include <utility>

#include "podium/core/error.h"
#include "podium/interop/foreign_text.h"

namespace podium::interop {
namespace {
/// The identifiers of the candidates, one of the two filled.
struct Identifiers {
  bool integers = true;
  std::vector<std::string> words;
  std::vector<std::int64_t> numbers;
};

std::string where_of(const GraphValue& value) { return "the operation " + text_of(*value.node); }

bool is_gather(const tf::NodeDef& node) {
  return node.op() == "ResourceGather" || node.op() == "GatherV2" || node.op() == "Gather";
}

bool is_best(const GraphValue& value, std::size_t output) {
  return value.node->op() == "TopKV2" && value.output == output;
}

/// Product of queries [rows, dim] and candidates [candidates, dim].
struct Product {
  GraphValue query, candidates;
};

/// A choice by index < 0, which no index of the best is: Keras 3 counts those below 0 from the end.
GraphValue without_wrap(const GraphValue& value, const GraphView& graph, const SavedState& state) {
  if (value.node->op() != "SelectV2") return value;
  const GraphValue condition = graph.input(value, 0), otherwise = graph.input(value, 2);
  const bool is_wrap = condition.node->op() == "Less" && graph.input(condition, 0) == otherwise &&
                       is_best(otherwise, 1) && constant(graph.input(condition, 1)) != nullptr &&
                       state.integers(graph.input(condition, 1)) == std::vector<std::int64_t>{0};
  return is_wrap ? otherwise : value;
}

Product product_of(const GraphValue& best, const GraphView& graph, const SavedState& state) {
  const GraphValue product = graph.input(best, 0);
  if (product.node->op() != "MatMul") {
    throw Error(where_of(best) + ": chooses the best of what the operation " + text_of(*product.node) +
                " gives; Podium reads indices that multiply a query with their candidates, as BruteForce does");
  }
  Product parts{graph.input(product, 0), graph.input(product, 1)};
  bool is_transposed = flag(*product.node, "transpose_b");
  if (parts.candidates.node->op() == "Transpose") {  // KerasRS' BruteForceRetrieval
    const GraphValue order = graph.input(parts.candidates, 1);
    if (constant(order) == nullptr || state.integers(order) != std::vector<std::int64_t>{1, 0}) {
      throw Error(where_of(parts.candidates) + ": turns the candidates in another way than rows to columns");
    }
    parts.candidates = graph.input(parts.candidates, 0);
    is_transposed = !is_transposed;
  }
  if (!state.is_known(parts.candidates)) {
    throw Error(where_of(product) +
                ": computes the candidates with each query; store them first, by BruteForce's index() of TFRS or "
                "BruteForceRetrieval's update_candidates() of KerasRS");
  }
  if (const int type = type_attribute(*product.node, "T"); type != tf::DT_FLOAT && type != tf::DT_INVALID) {
    throw Error(where_of(product) + ": computes in other numbers than float32, and Podium's scores would differ");
  }
  if (flag(*product.node, "transpose_a") || !is_transposed) {
    throw Error(where_of(product) + ": has its candidates in columns; Podium reads one per row (transpose_b=True)");
  }
  return parts;
}

Identifiers identifiers_of(const RetrievalIndex& index, std::size_t candidates, const GraphView& graph,
                           const SavedState& state) {
  Identifiers found;
  if (!index.identifiers) {
    found.numbers.resize(candidates);
    std::iota(found.numbers.begin(), found.numbers.end(), 0);
    return found;
  }
  const GraphValue& gather = *index.identifiers;
  const tf::NodeDef& node = *gather.node;
  const std::string where = where_of(gather);
  const bool has_axis = node.op() == "GatherV2";
  if (integer(node, "batch_dims", 0) != 0 ||
      (has_axis && state.integers(graph.input(gather, 2)) != std::vector<std::int64_t>{0})) {
    throw Error(where + ": gathers the identifiers along another axis than the candidates");
  }
  const GraphValue held = graph.input(gather, 0);
  if (!state.is_known(held)) throw Error(where + ": gathers from what is no list of identifiers");
  const auto kind = kind_of(type_attribute(node, node.op() == "ResourceGather" ? "dtype" : "Tparams"));
  found.integers = kind == ColumnKind::whole;
  if (kind == ColumnKind::text) {
    found.words = state.strings(held);
  } else if (kind == ColumnKind::whole) {
    found.numbers = state.integers(held);
  } else {
    throw Error(where + ": the identifiers are neither text nor whole numbers");
  }
  const std::size_t count = found.words.size() + found.numbers.size();
  if (count != candidates) {
    throw Error(where + ": " + std::to_string(count) + " identifiers for " + std::to_string(candidates) +
                " candidates; the index is damaged");
  }
  return found;
}

/// Whether two rows are one vector: computed in batches, the same item's can differ in their last bits.
bool is_same_row(const Array& array, std::size_t left, std::size_t right) {
  const std::size_t dim = array.shape[1];
  for (std::size_t i = 0; i < dim; ++i) {
    const float a = array.values[left * dim + i], b = array.values[right * dim + i];
    if (!(std::fabs(a - b) <= 1e-5F * std::max(1.0F, std::fabs(a)))) return false;
  }
  return true;
}

std::string quoted(const std::string& identifier) { return in_quotes(identifier); }
std::string quoted(std::int64_t identifier) { return std::to_string(identifier); }

/// The first row of each identifier, in their order. One that stands again with its vector is left out with a note;
/// with another vector it has two scores, and no order of single items is the index's.
template <class Identifier>
std::vector<std::int64_t> keep_first(std::vector<Identifier>& identifiers, const Array& candidates,
                                     const std::string& where, GraphImporter& importer) {
  std::unordered_map<Identifier, std::size_t> seen;
  std::vector<Identifier> kept;
  std::vector<std::int64_t> rows;
  std::string example;
  for (std::size_t row = 0; row < identifiers.size(); ++row) {
    const auto [first, is_new] = seen.emplace(identifiers[row], row);
    if (is_new) {
      kept.push_back(identifiers[row]);
      rows.push_back(static_cast<std::int64_t>(row));
    } else if (!is_same_row(candidates, first->second, row)) {
      throw Error(where + ": the index has the identifier " + quoted(identifiers[row]) + " in its rows " +
                  std::to_string(first->second) + " and " + std::to_string(row) +
                  " with different vectors; give each item an identifier of its own");
    } else if (example.empty()) {
      example = quoted(identifiers[row]);
    }
  }
  if (kept.size() != identifiers.size()) {
    importer.note("rows of the index that repeat an item and its vector, and were left out: " +
                  std::to_string(identifiers.size() - kept.size()) + " (the first is " + example + "'s)");
  }
  identifiers = std::move(kept);
  return rows;
}

void note_k(const GraphValue& best, std::size_t candidates, const GraphView& graph, const SavedState& state,
            GraphImporter& importer) {
  const GraphValue k = graph.input(best, 1);
  if (constant(k) == nullptr) return;
  const auto given = state.integers(k);
  if (given.size() != 1) return;
  importer.note("the index gave the " + std::to_string(given[0]) + " best of its " + std::to_string(candidates) +
                " candidates; here rank's --top says how many");
}
}  // namespace

std::optional<RetrievalIndex> retrieval_index(const std::map<std::string, GraphValue>& outputs, const GraphView& graph,
                                              const SavedState& state) {
  std::optional<RetrievalIndex> index;
  std::vector<std::string> others;
  for (const auto& [name, value] : outputs) {
    const GraphValue gathered = is_gather(*value.node) ? without_wrap(graph.input(value, 1), graph, state) : value;
    const bool gathers = is_gather(*value.node) && is_best(gathered, 1);
    if (!gathers && !is_best(value, 0) && !is_best(value, 1)) {
      others.push_back(name);
      continue;
    }
    GraphValue best = gathers ? gathered : value;
    best.output = 0;
    if (!index) index = RetrievalIndex{.best = best};
    if (index->best != best) {
      throw Error("the outputs are of two retrieval indices; give each a signature, and a model, of its own");
    }
    if (gathers) index->identifiers = value;
    if (is_best(value, 0)) index->score = name;
  }
  if (index) index->left_out = std::move(others);
  return index;
}

void refuse_without_query_model(const RetrievalIndex& index, const tf::SignatureDef& signature,
                                const GraphView& graph) {
  const GraphValue product = graph.input(index.best, 0);
  if (product.node->op() != "MatMul") return;
  const tf::NodeDef* query = graph.input(product, 0).node;
  for (const auto& [column, info] : signature.inputs()) {
    if (graph.find(info.name()).node != query) continue;
    throw Error("the retrieval index takes a query's vector as \"" + column +
                "\", for it was saved without its query model; save it with one, as BruteForce(query_model)");
  }
}

graph::ValueId map_retrieval(const RetrievalIndex& index, const std::string& item, const GraphView& graph,
                             const SavedState& state, GraphMapper& mapper, GraphImporter& importer) {
  const Product parts = product_of(index.best, graph, state);
  const graph::ValueId query = mapper.vector(parts.query);
  const std::string where = where_of(graph.input(index.best, 0));
  Array candidates = state.floats(parts.candidates);
  if (candidates.shape.size() != 2 || candidates.values.empty()) {
    throw Error(where + ": its candidates have the shape " + text_of(candidates.shape) +
                "; Podium reads a vector for each");
  }
  const std::size_t count = candidates.shape[0];
  Identifiers identifiers = identifiers_of(index, count, graph, state);
  note_k(index.best, count, graph, state, importer);
  IdMap map{.column = item, .integers = identifiers.integers};
  map.ids = identifiers.integers ? keep_first(identifiers.numbers, candidates, where, importer)
                                 : keep_first(identifiers.words, candidates, where, importer);
  map.words = std::move(identifiers.words);
  map.numbers = std::move(identifiers.numbers);
  // A row of zeros behind the others, for what is no candidate.
  map.unknown = {static_cast<std::int64_t>(count)};
  candidates.source.clear();
  candidates.shape[0] = count + 1;
  candidates.values.resize(candidates.values.size() + candidates.shape[1], 0.0F);
  importer.note("column \"" + item + "\": what is no item of the index gets a vector of zeros, and scores 0");
  for (const std::string& output : index.left_out) {
    importer.note("output \"" + output + "\" is neither the index's scores nor its identifiers and was left out");
  }
  return importer.dot(query, importer.lookup(map, candidates, where), where);
}
}  // namespace podium::interop
