#pragma once
#include <span>

#include "podium/core/batch.h"
#include "podium/core/gemm.h"
#include "podium/core/thread_pool.h"
#include "podium/graph/graph.h"
#include "podium/nn/weights.h"

namespace podium::nn {
/// The graph's first output (one column) for every row of `rows`: predictions [rows.rows]. A row's prediction has the
/// same bits beside any other rows and on any number of threads.
void predict(const graph::Graph& graph, const Weights& weights, const GemmKernel& kernel, const Batch& rows,
             ThreadPool& pool, std::span<float> predictions);
}  // namespace podium::nn
