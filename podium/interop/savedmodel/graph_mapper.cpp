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
      {"StringToHashBucketStrong", "it hashes with a salt, by SipHash; Podium's unknown_indices hash without one"},
      {"StringLower", "it is of TextVectorization; Podium reads StringLookup"},
      {"StringSplitV2", "it is of TextVectorization; Podium reads StringLookup"},
      {"Bucketize", "it is of Discretization; Podium reads numbers as they are"},
      {"Relu6", "Podium has relu"},
      {"Softplus", "Podium has relu, elu, selu, gelu and swish"},
      {"Softsign", "Podium has tanh"},
      {"Softmax", "Podium's models give a score, one column"},
      {"Rsqrt",
       "it is of a normalization, perhaps, by what it computes of each row; Podium has dense layers, dot, concat and "
       "add"},
      {"Mean",
       "it averages, or is of a normalization by what it computes of each row; Podium has dense layers, dot, concat "
       "and add"},
      {"SquaredDifference",
       "it is of a normalization by what it computes of each row; Podium has dense layers, dot, concat and add"},
      {"XlaCallModule",
       "the model was exported by Keras on JAX, whose operations are XLA's; save it by model.save(\"model.keras\"), "
       "and import that"},
      {"Maximum", "Podium has no maximum of values, nor bounds"},
      {"Minimum", "Podium has no minimum of values, nor bounds"},
      {"ClipByValue", "Podium has no bounds on values"},
      {"Exp", "Podium has sigmoid, tanh, elu and selu"},
      {"Transpose", "a dense layer on more than two axes, perhaps: put a Flatten before it"},
      {"Prod", "a dense layer on more than two axes, perhaps: put a Flatten before it"},
      {"VariableV2", "a variable of TensorFlow 1; write the model by TensorFlow 2"},
  };
  return kHints;
}

}  // namespace

ColumnKind kind_of(int type) {
  if (type == tf::DT_STRING) return ColumnKind::text;
  if (type == tf::DT_INT32 || type == tf::DT_INT64) return ColumnKind::whole;
  return type == tf::DT_FLOAT ? ColumnKind::number : ColumnKind::other;
}

GraphMapper::GraphMapper(const GraphView& graph, const SavedState& state, std::map<const tf::NodeDef*, Term> inputs,
                         GraphImporter& importer)
    : graph_(graph), state_(state), known_numbers_(graph, state), inputs_(std::move(inputs)), importer_(importer) {}

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
      {"Sub", &GraphMapper::subtract},
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

/// Mixed precision and whatever else is computed in other floats than Podium's.
void GraphMapper::refuse_other_precision(const GraphValue& value) const {
  static constexpr std::pair<int, const char*> kOthers[] = {
      {tf::DT_HALF, "float16"}, {tf::DT_BFLOAT16, "bfloat16"}, {tf::DT_DOUBLE, "float64"}};
  for (const char* name : {"T", "dtype", "SrcT", "DstT", "Tparams"}) {
    const int type = type_attribute(*value.node, name);
    for (const auto& [other, text] : kOthers) {
      if (type != other) continue;
      refuse(value, std::string("computes in ") + text +
                        "; Podium computes in float32, and its scores would differ: write the model with the dtype "
                        "policy float32 (mixed precision is not read)");
    }
  }
}

Term GraphMapper::map(const GraphValue& value) {
  if (const auto input = inputs_.find(value.node); input != inputs_.end()) return input->second;
  if (const auto known = known_.find(value); known != known_.end()) return known->second;
  if (value.output != 0) refuse(value, "has several outputs; Podium's have one");
  refuse_other_precision(value);
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
  if (raw->kind != ColumnKind::number || raw->is_cut)
    refuse(value, "uses column \"" + raw->column + "\" as numbers, which it is not");
  return {importer_.number(raw->column), term.axes};
}

graph::ValueId GraphMapper::vector(const GraphValue& value) { return std::get<graph::ValueId>(numbers(value).what); }

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

/// Whether it is the first size of a value that has as many rows as the inputs.
bool GraphMapper::is_count_of_rows(const GraphValue& size) const {
  if (size.node->op() != "StridedSlice" || input(size, 0).node->op() != "Shape") return false;
  const bool is_first = known_integers(input(size, 1)) == std::vector<std::int64_t>{0} &&
                        known_integers(input(size, 2)) == std::vector<std::int64_t>{1} &&
                        known_integers(input(size, 3)) == std::vector<std::int64_t>{1} &&
                        integer(*size.node, "shrink_axis_mask", 0) == 1 &&
                        integer(*size.node, "ellipsis_mask", 0) == 0 && integer(*size.node, "new_axis_mask", 0) == 0;
  return is_first && has_rows(input(input(size, 0), 0));
}

/// Whether the value has as many rows as the inputs: it was mapped, and so kept them, or follows from what was by
/// operations that can't do otherwise.
bool GraphMapper::has_rows(GraphValue value) const {
  static const std::map<std::string, std::size_t, std::less<>> kKeeps = {{"Cast", 0},
                                                                         {"MatMul", 0},
                                                                         {"BiasAdd", 0},
                                                                         {"Relu", 0},
                                                                         {"Sigmoid", 0},
                                                                         {"Tanh", 0},
                                                                         {"Selu", 0},
                                                                         {"Elu", 0},
                                                                         {"LeakyRelu", 0},
                                                                         {"LookupTableFind", 1},
                                                                         {"Gather", 1},
                                                                         {"GatherV2", 1},
                                                                         {"LookupTableFindV2", 1},
                                                                         {"ResourceGather", 1},
                                                                         {"AsString", 0}};
  for (std::size_t step = 0; step < kDeepest; ++step) {
    if (value.node == nullptr) return false;
    if (inputs_.contains(value.node) || known_.contains(value)) return true;
    const auto keeps = kKeeps.find(value.node->op());
    if (keeps == kKeeps.end() || flag(*value.node, "transpose_a")) return false;
    value = input(value, keeps->second);
  }
  return false;
}

/// The numbers of a constant; empty for any other value.
std::vector<std::int64_t> GraphMapper::known_integers(const GraphValue& value) const {
  return constant(value) == nullptr ? std::vector<std::int64_t>{} : state_.integers(value);
}

/// The weights of a layer. Of a frozen graph, whose weights are constants, each has its node for a source, so that one
/// that is used twice is known again.
Array GraphMapper::weights_of(const GraphValue& value) const {
  Array weights = state_.floats(value);
  if (weights.source.empty()) {
    if (state_.has_variables()) {
      importer_.gives_up(GivenUp::constants, "the node " + text_of(*value.node) + ": is a constant, and a weight here");
    }
    weights.source = "constant " + value.node->name() + " " +
                     std::to_string(constants_.emplace(value.node, constants_.size()).first->second);
  }
  return weights;
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
    } else if (is_count_of_rows(size)) {
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
