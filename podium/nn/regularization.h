#pragma once
#include "podium/core/batch.h"
#include "podium/graph/graph.h"
#include "podium/nn/weights.h"

namespace podium::nn {
/// The l2 terms that a training step adds to its loss, for these weights and all of `rows`: of a Dense node l2 times
/// the sum of squares of its kernel; of a table the mean over the rows of l2 times the squared norm of every vector
/// that the row looks up. 0 without l2 or rows.
double regularization(const graph::Graph& graph, const Weights& weights, const Batch& rows);
}  // namespace podium::nn
