#include "podium/nn/lookup.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "podium/nn/nodes.h"

namespace podium::nn {
namespace {
constexpr std::size_t kAhead = 8;  // rows

// Eight at a time where the width allows it: a call of memcpy takes longer than a row of usual width.
void copy(const float* from, float* to, std::size_t dim) {
  if (dim % 8 != 0) {
    std::memcpy(to, from, dim * sizeof(float));
    return;
  }
  for (std::size_t c = 0; c < dim; c += 8) std::memcpy(to + c, from + c, 8 * sizeof(float));
}
}  // namespace

float combiner_scale(graph::Combiner combiner, std::size_t ids) {
  switch (combiner) {
    case graph::Combiner::sum:
      return 1.0F;
    case graph::Combiner::mean:
      return 1.0F / static_cast<float>(std::max<std::size_t>(ids, 1));
    case graph::Combiner::sqrtn:
      return 1.0F / std::sqrt(static_cast<float>(std::max<std::size_t>(ids, 1)));
  }
  return 1.0F;
}

void forward(const graph::Lookup& node, const NodePass& pass) {
  const Ids& ids = std::get<Ids>(pass.tile.data().features[node.feature]);
  const float* table = pass.weights.tensors[node.table].values.data();
  const MatrixView out = pass.tile.value(pass.id);
  const auto rows = pass.tile.rows();
  if (ids.offsets.empty()) {
    for (std::size_t r = 0; r < rows.size(); ++r) {
      // A shuffled batch's ids are scattered, and so are the rows they mean: ask for both before they are needed.
      __builtin_prefetch(&ids.ids[rows[std::min(r + 4 * kAhead, rows.size() - 1)]]);
      fetch_row(table + std::size_t{ids.ids[rows[std::min(r + kAhead, rows.size() - 1)]]} * out.cols, out.cols);
      copy(table + std::size_t{ids.ids[rows[r]]} * out.cols, out.data + r * out.stride, out.cols);
    }
    return;
  }
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const auto sum = out.row(r);
    std::ranges::fill(sum, 0.0F);
    const std::uint64_t begin = ids.offsets[rows[r]], end = ids.offsets[rows[r] + 1];
    const float scale = combiner_scale(node.combiner, end - begin);
    for (std::uint64_t i = begin; i < end; ++i) {
      const float* vector = table + std::size_t{ids.ids[i]} * out.cols;
      for (std::size_t c = 0; c < sum.size(); ++c) sum[c] += scale * vector[c];
    }
  }
}

// The gradient stands in the batch's buffer already; the table's update sums it by id when all tiles are done.
void backward(const graph::Lookup&, const NodePass&) {}
}  // namespace podium::nn
