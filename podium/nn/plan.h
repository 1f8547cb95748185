#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "podium/graph/graph.h"

namespace podium::nn {
/// Where the gradient of a value stands while a tile goes backward.
enum class GradientHome : std::uint8_t {
  over_value,  // written over the value, which nobody needs any more by then
  tile,        // in a buffer of the tile's own
  batch        // in a buffer of the batch's rows: the sparse update reads it when all tiles are done
};

/// What is known of a graph before any number flows: which value lives where, and who adds to whose gradient.
/// A value that only one Concat uses lives inside it, as some of its columns, so nothing is copied there.
struct Plan {
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  struct Value {
    std::size_t width = 0;
    graph::ValueId home = 0;                     // in whose buffer it lives: its own, or a Concat's
    std::size_t column = 0;                      // its first column there
    GradientHome gradient = GradientHome::tile;  // of the home
    bool masked = false;  // the one Dense that uses this relu output multiplies its gradient by the relu's derivative
    // The kernel keeps a masked value, or its gradient, in a form of its own instead (see GemmForms).
    bool form = false, gradient_form = false;
    bool trains = false;                       // a gradient leads to something trainable
    bool preactivation = false;                // the pre-activation is kept for the derivative
    std::size_t kernel = kNone, bias = kNone;  // a Dense's or Bias' tensors: indices into Weights::tensors
  };
  std::vector<Value> values;  // [nodes]

  /// Values whose gradients live in buffers of batch size, [width] each.
  std::vector<graph::ValueId> batch_homes;
  /// Lookup nodes by table: whose rows' gradients a table's update sums.
  std::vector<std::vector<graph::ValueId>> lookups;  // [tables]
};

/// Plans a graph for a loss on the values `seeds` (whose gradients the loss sets). least_formed: the kernel's.
Plan make_plan(const graph::Graph& graph, const std::vector<graph::ValueId>& seeds,
               std::size_t least_formed = Plan::kNone);

/// The values that a node reads.
std::vector<graph::ValueId> inputs_of(const graph::Node& node);

/// Whether `user` is the only node that reads the value, and no output is it.
bool is_read_by_alone(const graph::Graph& graph, graph::ValueId value, graph::ValueId user);
}  // namespace podium::nn
