#include "podium/nn/table_products.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "podium/nn/activation.h"
#include "podium/nn/lookup.h"

namespace podium::nn {
namespace {
using graph::ValueId;
constexpr std::size_t kAhead = 2;  // rows
}  // namespace

std::vector<TableProducts::Part> TableProducts::parts_of(const graph::Graph& graph, const Plan& plan, ValueId concat) {
  std::vector<Part> parts;
  std::size_t column = 0;
  for (const ValueId input : std::get<graph::Concat>(graph.nodes[concat]).inputs) {
    const auto* lookup = std::get_if<graph::Lookup>(&graph.nodes[input]);
    const auto feature = lookup != nullptr ? std::optional(lookup->feature) : std::nullopt;
    if (parts.empty() || parts.back().feature != feature) {
      Part& part = parts.emplace_back();
      part.column = column;
      part.feature = feature;
      part.ids = std::numeric_limits<std::size_t>::max();
    }
    Part& part = parts.back();
    if (lookup != nullptr) {
      part.lookups.push_back(input);
      part.ids = std::min(part.ids, graph.tables[lookup->table].rows);
    }
    part.width += plan.values[input].width;
    column += plan.values[input].width;
  }
  return parts;
}

/// Says which parts are to have products. Returns the multiply-adds of a row that they spare.
std::size_t TableProducts::choose(std::vector<Part>& parts, std::size_t units, std::size_t most_bytes) {
  std::vector<Part*> smallest_first;
  for (Part& part : parts) {
    if (part.feature) smallest_first.push_back(&part);
  }
  std::ranges::stable_sort(smallest_first, {}, &Part::ids);
  std::size_t spared = 0, room = most_bytes / sizeof(float) / units;  // in rows
  for (Part* part : smallest_first) {
    if (part->ids > room) break;
    room -= part->ids;
    part->is_chosen = true;
    spared += part->width * units;
  }
  return spared;
}

std::optional<TableProducts> TableProducts::find(const graph::Graph& graph, const Executor& executor,
                                                 const GemmKernel& kernel, const Weights& weights,
                                                 std::size_t most_bytes) {
  if (is_bf16(kernel.name())) return std::nullopt;
  const Plan& plan = executor.plan();
  TableProducts best(graph, executor, kernel, weights);
  std::size_t most_spared = 0;
  for (ValueId id = 0; id < graph.nodes.size(); ++id) {
    const auto* dense = std::get_if<graph::Dense>(&graph.nodes[id]);
    if (dense == nullptr || !std::holds_alternative<graph::Concat>(graph.nodes[dense->input])) continue;
    auto parts = parts_of(graph, plan, dense->input);
    if (parts.size() < 2) continue;
    const std::size_t spared = choose(parts, dense->units, most_bytes);
    if (spared <= most_spared) continue;
    most_spared = spared;
    best.dense_ = id;
    best.units_ = dense->units;
    best.reads_alone_ = is_read_by_alone(graph, dense->input, id);
    best.parts_ = std::move(parts);
  }
  if (most_spared == 0) return std::nullopt;
  const float* matrix = weights.tensors[plan.values[best.dense_].kernel].values.data();
  for (Part& part : best.parts_) {
    kernel.pack(matrix + part.column * best.units_, part.width, best.units_, part.kernel);
  }
  best.compute_products();
  return best;
}

const float* TableProducts::bias_of(const Part& part) const {
  const std::size_t bias = executor_->plan().values[dense_].bias;
  return &part == parts_.data() && bias != Plan::kNone ? weights_->tensors[bias].values.data() : nullptr;
}

/// to [count, units]: products of the ids from `first` on. vectors: [count, part.width] of working memory.
void TableProducts::multiply(const Part& part, std::size_t first, std::size_t count, float* vectors, float* to,
                             GemmScratch& scratch) const {
  std::size_t column = 0;
  for (const ValueId value : part.lookups) {
    const std::size_t width = executor_->plan().values[value].width;
    const float* table = weights_->tensors[std::get<graph::Lookup>(graph_->nodes[value]).table].values.data();
    for (std::size_t i = 0; i < count; ++i) {
      std::memcpy(vectors + i * part.width + column, table + (first + i) * width, width * sizeof(float));
    }
    column += width;
  }
  kernel_->forward({vectors, count, part.width}, part.kernel, bias_of(part), /*with_relu=*/false, {to, count, units_},
                   scratch);
}

void TableProducts::compute_products() {
  GemmScratch scratch;
  for (Part& part : parts_) {
    if (!part.is_chosen) continue;
    AlignedFloats vectors(kTileRows * part.width);
    part.products.resize(part.ids * units_);
    for (std::size_t first = 0; first < part.ids; first += kTileRows) {
      multiply(part, first, std::min(kTileRows, part.ids - first), vectors.data(),
               part.products.data() + first * units_, scratch);
    }
  }
}

TableProducts::Shared TableProducts::memory() const {
  const std::size_t widest = std::ranges::max(parts_, {}, &Part::width).width;
  return {.feature = 0, .vectors = AlignedFloats(widest), .sums = AlignedFloats(parts_.size() * units_)};
}

void TableProducts::start(graph::FeatureId feature, std::uint32_t id, Shared& shared, GemmScratch& scratch) const {
  shared.feature = feature;
  for (std::size_t p = 0; p < parts_.size(); ++p) {
    if (parts_[p].feature != feature || !parts_[p].products.empty()) continue;
    multiply(parts_[p], id, 1, shared.vectors.data(), shared.sums.data() + p * units_, scratch);
  }
}

/// What the part adds to each row of the tile: its products, else sums that are shared, else computed into `spare`.
TableProducts::Rows TableProducts::rows_of(const Part& part, const Tile& tile, const Shared* shared,
                                           MatrixView spare) const {
  if (!part.products.empty()) {
    const Ids& ids = std::get<Ids>(tile.data().features[*part.feature]);
    return {part.products.data(), units_, ids.ids.data(), tile.rows().data()};
  }
  if (shared != nullptr && part.feature == shared->feature) {
    const auto place = static_cast<std::size_t>(&part - parts_.data());
    return {shared->sums.data() + place * units_, 0, nullptr, nullptr};
  }
  const MatrixView x = tile.value(std::get<graph::Dense>(graph_->nodes[dense_]).input);
  kernel_->forward({x.data + part.column, x.rows, part.width, x.stride}, part.kernel, bias_of(part),
                   /*with_relu=*/false, spare, tile.workspace().gemm);
  return {spare.data, spare.stride, nullptr, nullptr};
}

/// sum = left + right, then max(sum, 0) if with_relu (a NaN stays one); left may be sum itself.
void TableProducts::add(const Rows& left, const Rows& right, bool with_relu, MatrixView sum) {
  const std::size_t cols = sum.cols;
  for (std::size_t r = 0; r < sum.rows; ++r) {
    const std::size_t ahead = std::min(r + kAhead, sum.rows - 1);
    if (left.ids != nullptr) fetch_row(left.row(ahead), cols);
    if (right.ids != nullptr) fetch_row(right.row(ahead), cols);
    const float *a = left.row(r), *b = right.row(r);
    float* to = sum.data + r * sum.stride;
    if (with_relu) {
      for (std::size_t c = 0; c < cols; ++c) {
        const float value = a[c] + b[c];
        to[c] = 0.0F > value ? 0.0F : value;
      }
    } else {
      for (std::size_t c = 0; c < cols; ++c) to[c] = a[c] + b[c];
    }
  }
}

void TableProducts::forward_layer(const Tile& tile, const Shared* shared) const {
  const graph::Activation activation = std::get<graph::Dense>(graph_->nodes[dense_]).activation;
  const bool relu = activation == graph::Activation::relu;
  const MatrixView y = tile.value(dense_);
  Rows sum = rows_of(parts_.front(), tile, shared, y);
  for (std::size_t p = 1; p < parts_.size(); ++p) {
    add(sum, rows_of(parts_[p], tile, shared, tile.spare(units_)), relu && p + 1 == parts_.size(), y);
    sum = {y.data, y.stride, nullptr, nullptr};
  }
  if (!relu) activate(activation, y);
}

bool TableProducts::is_spared(ValueId value, const Shared* shared) const {
  if (!reads_alone_ || executor_->plan().values[value].home == value) return false;
  return std::ranges::any_of(parts_, [&](const Part& part) {
    const bool is_known = !part.products.empty() || (shared != nullptr && part.feature == shared->feature);
    return is_known && std::ranges::find(part.lookups, value) != part.lookups.end();
  });
}

void TableProducts::forward(const Tile& tile, const Shared* shared) const {
  for (ValueId id = 0; id < graph_->nodes.size(); ++id) {
    if (id == dense_) {
      forward_layer(tile, shared);
    } else if (!is_spared(id, shared)) {
      executor_->forward_node(*weights_, tile, nullptr, id);
    }
  }
}
}  // namespace podium::nn
