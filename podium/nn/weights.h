#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "podium/core/aligned.h"
#include "podium/graph/graph.h"

namespace podium::nn {
/// A named array of floats, row-major.
struct Tensor {
  std::string name;
  std::vector<std::size_t> shape;
  AlignedFloats values;
};

/// "[944, 32]"
std::string text_of(const std::vector<std::size_t>& shape);
/// Numbers that a tensor of this shape has.
std::size_t size_of(const std::vector<std::size_t>& shape);

/// All that a graph trains, in the order of graph::parameters().
struct Weights {
  std::vector<Tensor> tensors;

  /// Throws Error if there is none of that name.
  const Tensor& tensor(std::string_view name) const;
  Tensor& tensor(std::string_view name);
};

/// Draws all weights by their initializers. Each tensor draws from (seed, its name), so adding a layer leaves the
/// others' weights as they were.
Weights initialize(const graph::Graph& graph, std::uint64_t seed);

/// Throws Error naming the first tensor that is missing, superfluous or of another shape than the graph's.
void check_weights(const graph::Graph& graph, const Weights& weights);
}  // namespace podium::nn
