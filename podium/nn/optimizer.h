#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "podium/graph/graph.h"
#include "podium/nn/optimizer_options.h"
#include "podium/nn/weights.h"

namespace podium::nn {
/// What an optimizer keeps from step to step: for every tensor its slots, named TENSOR/SLOT.
struct OptimizerState {
  std::uint64_t step = 0;                  // steps done
  std::vector<std::vector<Tensor>> slots;  // [tensors][slots]
};

/// Throws Error naming the option that is out of range.
void check(const Optimizer& optimizer);

const UpdateOptions& update_options(const Optimizer& optimizer);

/// The state before the first step.
OptimizerState initial_state(const Optimizer& optimizer, const graph::Graph& graph);

/// Slots that it keeps for every tensor.
std::size_t slot_count(const Optimizer& optimizer);
/// The shape of a tensor's slots: its own `shape`, or [rows] where slots_by_row().
std::vector<std::size_t> slot_shape(const Optimizer& optimizer, const graph::Graph& graph, std::size_t tensor,
                                    std::vector<std::size_t> shape);

/// True if the rule moves rows of a table that the batch lacks (momentum, Adam, RMSprop, FTRL, weight decay).
bool moves_absent_rows(const Optimizer& optimizer);

/// The numbers of one step's rule that are the same for every weight.
struct StepFactors {
  float learning_rate = 0.0F;
  float adam_rate = 0.0F;  // with Adam's corrections of its moments' bias
};
/// step: counted from 0.
StepFactors step_factors(const Optimizer& optimizer, std::uint64_t step);

/// Applies the rule to `count` weights.
///   gradient  [count], duplicates summed and clipped
///   squares   [count], what enters the second moment in place of gradient^2, or null
///   slots     one pointer for each of the tensor's slots, [count] each (row-wise Adagrad: [1], the row's)
///   by_row    the slots are a row's (row-wise Adagrad's tables)
void apply(const Optimizer& optimizer, const StepFactors& factors, float* weights, const float* gradient,
           const float* squares, float* const* slots, std::size_t count, bool by_row);

/// Whether a tensor's slots hold one number a row instead of one a weight.
bool slots_by_row(const Optimizer& optimizer, const graph::Graph& graph, std::size_t tensor);
}  // namespace podium::nn
