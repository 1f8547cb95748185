#include "podium/interop/savedmodel/graph_mapper.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "podium/core/error.h"

namespace podium::interop {
namespace {
constexpr std::size_t kDeepest = 400;  // of values within each other: a layer is one
constexpr std::int64_t kRows = -2;     // in a target shape: as many as there are rows

/// What to say about operations that have a name for what they do; the others are named alone.
const std::map<std::string, std::string, std::less<>>& hints() {
  static const std::map<std::string, std::string, std::less<>> kHints = {
      {"TopKV2", "it chooses the best; Podium reads a retrieval index whose outputs are its scores and identifiers"},
      {"GatherNd", "it is of a retrieval index with exclusions, perhaps; save the index alone"},
      {"ReduceDataset",
       "it is a Streaming retrieval index, which reads its candidates from a data set; save a BruteForce index of "
       "them"},
      {"StringToHashBucketFast", "it hashes; Podium reads StringLookup with at most one out-of-vocabulary index"},
      {"StringToHashBucketStrong", "it hashes with a salt, by SipHash; Podium's unknown_indices hash without one"},
      {"StringLower", "it is of TextVectorization; Podium reads StringLookup"},
      {"StringSplitV2", "it is of TextVectorization; Podium reads StringLookup"},
      {"Bucketize", "it is of Discretization; Podium reads numbers as they are"},
      {"Relu6", "Podium has relu"},
      {"Softplus", "Podium has relu, elu, selu, gelu and swish"},
      {"Softsign", "Podium has tanh"},
      {"Softmax", "Podium's models give a score, one column"},
      {"Rsqrt", "it normalizes; Podium has dense layers, dot, concat and add"},
      {"Sub", "Podium has add; Normalization and BatchNormalization are not among what it reads"},
      {"Transpose", "a dense layer on more than two axes, perhaps: put a Flatten before it"},
      {"Prod", "a dense layer on more than two axes, perhaps: put a Flatten before it"},
      {"VariableV2", "a variable of TensorFlow 1; write the model by TensorFlow 2"},
  };
  return kHints;
}

/// Drops the values that count as unknown, as an empty vocabulary's only one.
void drop_unknown(IdMap& map) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < map.ids.size(); ++i) {
    if (map.ids[i] == map.unknown.front()) continue;
    if (map.integers) map.numbers[kept] = map.numbers[i];
    if (!map.integers && kept != i) map.words[kept] = std::move(map.words[i]);
    map.ids[kept++] = map.ids[i];
  }
  map.ids.resize(kept);
  map.integers ? map.numbers.resize(kept) : map.words.resize(kept);
}

std::size_t product_of(const std::vector<std::size_t>& axes) {
  return std::accumulate(axes.begin(), axes.end(), std::size_t{1}, std::multiplies<>());
}

}  // namespace

ColumnKind kind_of(int type) {
  if (type == tf::DT_STRING) return ColumnKind::text;
  if (type == tf::DT_INT32 || type == tf::DT_INT64) return ColumnKind::whole;
  return type == tf::DT_FLOAT ? ColumnKind::number : ColumnKind::other;
}

GraphMapper::GraphMapper(const GraphView& graph, const SavedState& state, std::map<const tf::NodeDef*, Term> inputs,
                         GraphImporter& importer)
    : graph_(graph), state_(state), inputs_(std::move(inputs)), importer_(importer) {}

const std::map<std::string, GraphMapper::Rule, std::less<>>& GraphMapper::rules() {
  static const std::map<std::string, Rule, std::less<>> kRules = {
      {"LookupTableFindV2", &GraphMapper::find},
      {"LookupTableFind", &GraphMapper::find},
      {"StringToHashBucketFast", &GraphMapper::hash},
      {"FloorMod", &GraphMapper::hash},
      {"SelectV2", &GraphMapper::select},
      {"Select", &GraphMapper::select},
      {"Cast", &GraphMapper::cast},
      {"AsString", &GraphMapper::as_string},
      {"ResourceGather", &GraphMapper::gather},
      {"GatherV2", &GraphMapper::gather},
      {"Gather", &GraphMapper::gather},
      {"ConcatV2", &GraphMapper::concat},
      {"Reshape", &GraphMapper::reshape},
      {"ExpandDims", &GraphMapper::expand},
      {"Squeeze", &GraphMapper::squeeze},
      {"MatMul", &GraphMapper::matrix_product},
      {"BatchMatMul", &GraphMapper::batch_product},
      {"BatchMatMulV2", &GraphMapper::batch_product},
      {"BatchMatMulV3", &GraphMapper::batch_product},
      {"Sum", &GraphMapper::sum_of_products},
      {"BiasAdd", &GraphMapper::add},
      {"Add", &GraphMapper::add},
      {"AddV2", &GraphMapper::add},
      {"AddN", &GraphMapper::add},
      {"Mul", &GraphMapper::multiply},
      {"Neg", &GraphMapper::multiply},
      {"RealDiv", &GraphMapper::multiply},
      {"Relu", &GraphMapper::activation},
      {"Sigmoid", &GraphMapper::activation},
      {"Tanh", &GraphMapper::activation},
      {"Selu", &GraphMapper::activation},
      {"Elu", &GraphMapper::activation},
      {"LeakyRelu", &GraphMapper::activation},
  };
  return kRules;
}

void GraphMapper::refuse(const GraphValue& value, const std::string& why) const {
  throw Error("the operation " + text_of(*value.node) + ": " + why);
}

Term GraphMapper::map(const GraphValue& value) {
  if (const auto input = inputs_.find(value.node); input != inputs_.end()) return input->second;
  if (const auto known = known_.find(value); known != known_.end()) return known->second;
  const auto rule = rules().find(value.node->op());
  if (rule == rules().end()) {
    const auto hint = hints().find(value.node->op());
    refuse(value, "Podium has nothing for it; " +
                      (hint != hints().end() ? hint->second
                                             : "it reads lookups, embeddings, concat, dot, add and dense layers"));
  }
  if (++depth_ > kDeepest) refuse(value, "the graph is deeper than Podium reads, or goes in a circle");
  Term term = (this->*rule->second)(value);
  --depth_;
  known_.emplace(value, term);
  return term;
}

Term GraphMapper::numbers(const GraphValue& value) {
  Term term = map(value);
  if (std::holds_alternative<graph::ValueId>(term.what)) return term;
  const auto* raw = std::get_if<RawColumn>(&term.what);
  if (raw == nullptr) refuse(value, "uses the rows of a lookup as numbers; Podium has embeddings for them");
  if (raw->kind != ColumnKind::number) refuse(value, "uses column \"" + raw->column + "\" as numbers, which it is not");
  return {importer_.number(raw->column), term.axes};
}

graph::ValueId GraphMapper::vector(const GraphValue& value) { return std::get<graph::ValueId>(numbers(value).what); }

// ---- columns to rows of tables ----
Term GraphMapper::find(const GraphValue& value) {
  Term keys = map(input(value, 1));
  const auto* raw = std::get_if<RawColumn>(&keys.what);
  if (raw == nullptr) refuse(value, "looks up what is no column");
  TableContents table = state_.table(input(value, 0));
  if (table.integers ? raw->kind != ColumnKind::whole : raw->kind != ColumnKind::text) {
    refuse(value, "looks up column \"" + raw->column + "\" in a table of another type");
  }
  const auto otherwise = state_.integers(input(value, 2));
  if (otherwise.size() != 1) refuse(value, "has no single default");
  IdMap ids{raw->column,    table.integers, std::move(table.words), std::move(table.numbers), std::move(table.ids),
            {otherwise[0]}, false};
  return {std::move(ids), keys.axes};
}

/// A column without a vocabulary: every value gets a row by its hash.
Term GraphMapper::hash(const GraphValue& value) {
  Term term = map(input(value, 0));
  const auto* raw = std::get_if<RawColumn>(&term.what);
  const bool integers = value.node->op() == "FloorMod";
  if (raw == nullptr || raw->kind != (integers ? ColumnKind::whole : ColumnKind::text)) {
    refuse(value, "hashes what is no column of " + std::string(integers ? "whole numbers" : "text"));
  }
  const auto divisor = integers ? state_.integers(input(value, 1)) : std::vector<std::int64_t>{};
  const std::int64_t rows = !integers ? integer(*value.node, "num_buckets", 0) : divisor.size() == 1 ? divisor[0] : 0;
  if (rows < 1 || rows > static_cast<std::int64_t>(graph::kMostUnknownIndices)) {
    refuse(value, "hashes into " + std::to_string(rows) + " rows; Podium has 1 to " +
                      std::to_string(graph::kMostUnknownIndices));
  }
  std::vector<std::int64_t> unknown(static_cast<std::size_t>(rows));
  std::iota(unknown.begin(), unknown.end(), 0);
  return {IdMap{.column = raw->column, .integers = integers, .unknown = std::move(unknown)}, term.axes};
}

Term GraphMapper::select(const GraphValue& value) {
  const GraphValue condition = input(value, 0), otherwise = input(value, 2);
  const std::string& op = condition.node->op();
  // Keras 3 lets rows below 0 count from the table's end: select(x < 0, x + rows, x).
  if (op == "Less" && input(condition, 0) == otherwise) {
    Term ids = map(otherwise);
    if (auto* map = std::get_if<IdMap>(&ids.what)) map->wraps = true;
    return ids;
  }
  if (op == "Equal" && input(condition, 0) == otherwise) {
    return with_hash(map(otherwise), input(condition, 1), input(value, 1), value);
  }
  if (op == "Equal") return with_override(map(otherwise), condition, input(value, 1), value);
  refuse(value, "chooses by " + text_of(*condition.node) + ", for which Podium has nothing");
}

/// Several rows for unknown values: where the lookup found none, a row by the value's hash, counted from an offset.
Term GraphMapper::with_hash(Term ids, const GraphValue& none, const GraphValue& hashed, const GraphValue& value) {
  auto* found = std::get_if<IdMap>(&ids.what);
  const bool is_sum = hashed.node->op() == "AddV2" || hashed.node->op() == "Add";
  const Term rows = map(is_sum ? input(hashed, 0) : hashed);
  const auto* buckets = std::get_if<IdMap>(&rows.what);
  const auto offset = is_sum ? state_.integers(input(hashed, 1)) : std::vector<std::int64_t>{0};
  const bool is_same = found != nullptr && buckets != nullptr && buckets->words.empty() && buckets->numbers.empty() &&
                       buckets->column == found->column && buckets->integers == found->integers;
  if (!is_same || found->unknown != state_.integers(none) || offset.size() != 1 || offset[0] < 0 ||
      offset[0] > static_cast<std::int64_t>(graph::kMostUnknownIndices)) {
    refuse(value, "chooses rows for unknown values in a way that Podium does not follow");
  }
  drop_unknown(*found);
  found->unknown = buckets->unknown;
  for (std::int64_t& row : found->unknown) row += offset[0];
  return ids;
}

/// A mask token: where the column is a certain value, a certain row.
Term GraphMapper::with_override(Term ids, const GraphValue& condition, const GraphValue& id,
                                const GraphValue& value) const {
  auto* map = std::get_if<IdMap>(&ids.what);
  if (map == nullptr) refuse(value, "chooses among values that are no rows of a table");
  const GraphValue left = input(condition, 0), right = input(condition, 1);
  const bool is_left = constant(left) == nullptr;
  const auto column = inputs_.find((is_left ? left : right).node);
  const auto* raw = column == inputs_.end() ? nullptr : std::get_if<RawColumn>(&column->second.what);
  const GraphValue& token = is_left ? right : left;
  if (raw == nullptr || raw->column != map->column || constant(token) == nullptr) {
    refuse(value, "chooses by more than a mask token; Podium reads what StringLookup and IntegerLookup do");
  }
  const auto row = state_.integers(id);
  if (row.size() != 1) refuse(value, "gives its mask token more than one row");
  const auto put = [&](auto& keys, const auto& key) {
    const auto found = std::ranges::find(keys, key);
    if (found != keys.end()) {
      map->ids[static_cast<std::size_t>(found - keys.begin())] = row[0];
    } else {
      keys.insert(keys.begin(), key);
      map->ids.insert(map->ids.begin(), row[0]);
    }
  };
  if (map->integers) {
    const auto keys = state_.integers(token);
    if (keys.size() != 1) refuse(value, "has more than one mask token");
    put(map->numbers, keys[0]);
  } else {
    const auto keys = state_.strings(token);
    if (keys.size() != 1) refuse(value, "has more than one mask token");
    put(map->words, keys[0]);
  }
  return ids;
}

Term GraphMapper::cast(const GraphValue& value) {
  Term term = map(input(value, 0));
  const int to = type_attribute(*value.node, "DstT");
  if (auto* raw = std::get_if<RawColumn>(&term.what)) {
    const bool fits = kind_of(to) == raw->kind ||
                      (raw->kind == ColumnKind::whole && kind_of(to) == ColumnKind::number) ||
                      (raw->kind == ColumnKind::number && kind_of(to) == ColumnKind::whole);  // fractions are refused
    if (!fits) refuse(value, "casts column \"" + raw->column + "\" to a type in which Podium does not have it");
    raw->kind = kind_of(to);
  } else if (std::holds_alternative<IdMap>(term.what) ? kind_of(to) != ColumnKind::whole : to != tf::DT_FLOAT) {
    refuse(value, "casts to a type in which Podium does not compute");
  }
  return term;
}

Term GraphMapper::as_string(const GraphValue& value) {
  Term term = map(input(value, 0));
  auto* raw = std::get_if<RawColumn>(&term.what);
  const auto* fill = attribute(*value.node, "fill");
  if (raw == nullptr || raw->kind != ColumnKind::whole || integer(*value.node, "width", -1) > 0 ||
      (fill != nullptr && !fill->s().empty())) {
    refuse(value, "Podium reads whole numbers as text by their decimal digits alone");
  }
  raw->kind = ColumnKind::text;
  return term;
}

Term GraphMapper::gather(const GraphValue& value) {
  const bool is_resource = value.node->op() == "ResourceGather";
  const GraphValue table = input(value, 0), rows = input(value, 1);
  if (integer(*value.node, "batch_dims", 0) != 0) refuse(value, "gathers by batch");
  if (value.node->op() == "GatherV2" && state_.integers(input(value, 2)) != std::vector<std::int64_t>{0}) {
    refuse(value, "gathers along another axis than the first");
  }
  if (!is_resource && !state_.is_known(table)) refuse(value, "gathers from what is no table of weights");
  const Array weights = state_.floats(table);
  Term ids = map(rows);
  const std::string where = "the operation " + text_of(*value.node);
  if (const auto* raw = std::get_if<RawColumn>(&ids.what); raw != nullptr && raw->kind == ColumnKind::whole) {
    IdMap all{.column = raw->column, .integers = true, .unknown = {-1}};  // the numbers are the rows
    for (std::size_t i = 0; !weights.shape.empty() && i < weights.shape[0] && i < weights.values.size(); ++i) {
      all.numbers.push_back(static_cast<std::int64_t>(i));
      all.ids.push_back(static_cast<std::int64_t>(i));
    }
    ids.what = std::move(all);
  }
  const auto* map = std::get_if<IdMap>(&ids.what);
  if (map == nullptr) refuse(value, "gathers by what is no lookup of a column");
  if (product_of(ids.axes) != 1) refuse(value, "looks up several values per row; Podium imports one");
  const auto made = importer_.lookup(*map, weights, where);
  ids.axes.push_back(importer_.width(made));
  return {made, ids.axes};
}

// ---- shapes: Podium's vectors are flat ----
std::size_t GraphMapper::axis(const GraphValue& value, std::size_t rank) const {
  const auto given = state_.integers(value);
  const auto whole = static_cast<std::int64_t>(rank);
  if (given.size() != 1 || given[0] < -whole || given[0] >= whole) {
    refuse(value, "names an axis that is not there");
  }
  return static_cast<std::size_t>(given[0] < 0 ? given[0] + whole : given[0]);
}

Term GraphMapper::concat(const GraphValue& value) {
  const std::size_t count = GraphView::inputs(*value.node);
  if (count < 2) refuse(value, "has no inputs");
  std::vector<graph::ValueId> parts;
  std::vector<std::size_t> axes;
  std::size_t along = 0, total = 0;
  for (std::size_t i = 0; i + 1 < count; ++i) {
    const Term part = numbers(input(value, i));
    if (i == 0) {
      axes = part.axes;
      along = axis(input(value, count - 1), axes.size() + 1);
      if (along == 0) refuse(value, "joins rows; Podium joins columns");
    }
    auto others = part.axes;
    if (others.size() != axes.size()) refuse(value, "joins values of different axes");
    total += others[along - 1];
    others[along - 1] = axes[along - 1];
    if (others != axes) refuse(value, "joins values of different axes");
    parts.push_back(std::get<graph::ValueId>(part.what));
  }
  if (product_of({axes.begin(), axes.begin() + static_cast<std::ptrdiff_t>(along) - 1}) != 1) {
    refuse(value, "joins in the midst of a value; put a Flatten before it");
  }
  axes[along - 1] = total;
  return {parts.size() == 1 ? parts[0] : importer_.concat(parts), axes};
}

/// The sizes that a Reshape asks for: kRows for the rows, -1 for what is left.
std::vector<std::int64_t> GraphMapper::target_shape(const GraphValue& value) const {
  if (constant(value) != nullptr) return state_.integers(value);
  if (value.node->op() != "Pack") refuse(value, "computes a shape in a way that Podium does not follow");
  std::vector<std::int64_t> sizes;
  for (std::size_t i = 0; i < GraphView::inputs(*value.node); ++i) {
    const GraphValue size = input(value, i);
    if (constant(size) != nullptr) {
      const auto given = state_.integers(size);
      if (given.size() != 1) refuse(value, "has a size that is no single number");
      sizes.push_back(given[0]);
    } else if (size.node->op() == "StridedSlice" && input(size, 0).node->op() == "Shape" &&
               state_.integers(input(size, 1)) == std::vector<std::int64_t>{0}) {
      sizes.push_back(kRows);
    } else {
      refuse(size, "computes a size in a way that Podium does not follow");
    }
  }
  return sizes;
}

Term GraphMapper::reshape(const GraphValue& value) {
  Term term = map(input(value, 0));
  auto sizes = target_shape(input(value, 1));
  const std::size_t width = product_of(term.axes);
  if (sizes.empty() || (sizes[0] != kRows && sizes[0] != -1)) refuse(value, "changes the number of rows");
  std::vector<std::size_t> axes;
  std::size_t known = 1, open = 0;
  for (std::size_t i = 1; i < sizes.size(); ++i) {
    const bool is_open = sizes[i] == -1 && sizes[0] == kRows;
    if (!is_open && (sizes[i] < 1 || static_cast<std::size_t>(sizes[i]) > width))
      refuse(value, "changes the number of rows");
    open += is_open ? 1U : 0U;
    axes.push_back(is_open ? 0 : static_cast<std::size_t>(sizes[i]));
    if (!is_open) known *= axes.back();
    if (known > width) refuse(value, "changes the number of rows");
  }
  if (open > 1 || known == 0 || width % known != 0 || (open == 0 && known != width)) {
    refuse(value, "changes the number of rows");
  }
  std::ranges::replace(axes, std::size_t{0}, width / known);
  return {term.what, axes};
}

Term GraphMapper::expand(const GraphValue& value) {
  Term term = map(input(value, 0));
  const std::size_t at = axis(input(value, 1), term.axes.size() + 2);
  if (at == 0) refuse(value, "puts an axis before the rows");
  term.axes.insert(term.axes.begin() + static_cast<std::ptrdiff_t>(at) - 1, 1);
  return term;
}

Term GraphMapper::squeeze(const GraphValue& value) {
  Term term = map(input(value, 0));
  const auto* dims = attribute(*value.node, "squeeze_dims");
  std::vector<bool> drop(term.axes.size(), false);
  const auto rank = static_cast<std::int64_t>(term.axes.size()) + 1;
  if (dims == nullptr || dims->list().i_size() == 0) {
    for (std::size_t i = 0; i < drop.size(); ++i) drop[i] = term.axes[i] == 1;
  } else {
    for (const std::int64_t dim : dims->list().i()) {
      const std::int64_t at = dim < 0 ? dim + rank : dim;
      if (at < 1 || at >= rank || term.axes[static_cast<std::size_t>(at) - 1] != 1) {
        refuse(value, "drops an axis that is not of size 1");
      }
      drop[static_cast<std::size_t>(at) - 1] = true;
    }
  }
  std::vector<std::size_t> kept;
  for (std::size_t i = 0; i < drop.size(); ++i) {
    if (!drop[i]) kept.push_back(term.axes[i]);
  }
  return {term.what, kept};
}
}  // namespace podium::interop
