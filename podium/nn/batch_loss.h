#pragma once
#include <cstddef>
#include <vector>

#include "podium/core/gemm.h"
#include "podium/core/matrix.h"
#include "podium/core/thread_pool.h"
#include "podium/graph/graph.h"

namespace podium::nn {
/// A loss that looks across a batch's rows: a barrier between the forward and the backward pass of its tiles. All tiles
/// have gone forward when it runs, and the values that it reads have crossed into matrices of batch size. Its own tasks
/// are partial (per tile, nothing of [rows, rows] held), combine (in a fixed order) and finish (per tile; every row of
/// a gradient has one owner), so that the result does not depend on the threads.
class BatchLoss {
 public:
  virtual ~BatchLoss() = default;
  /// The values that cross the barrier.
  virtual const std::vector<graph::ValueId>& inputs() const = 0;
  /// values, gradients: one [rows, width] for each of inputs(); sets the gradients. Returns the batch's loss.
  virtual double run(ThreadPool& pool, const std::vector<ConstMatrixView>& values,
                     const std::vector<MatrixView>& gradients) = 0;
};
}  // namespace podium::nn
