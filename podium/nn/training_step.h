#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "podium/core/batch.h"
#include "podium/core/gemm.h"
#include "podium/core/thread_pool.h"
#include "podium/nn/batch_loss.h"
#include "podium/nn/executor.h"
#include "podium/nn/loss.h"
#include "podium/nn/optimizer.h"
#include "podium/nn/update.h"

namespace podium::nn {
/// Lanes of a batch of so many tiles: by sizes alone, never by threads, since they fix the order in which gradients
/// are added. lane_floats: of a lane's dense gradients.
std::size_t lane_count(std::size_t lane_floats, std::size_t tiles);

/// Trains a graph's weights in place, a batch at a time. The same seed, batches and kernel give the same weights, bit
/// for bit, on any number of threads.
class TrainingStep {
 public:
  struct Result {
    double loss = 0.0;            // of the batch, before the update: the mean over its rows, or the batch loss' own
    double regularization = 0.0;  // l2 terms
  };

  /// All arguments outlive the step. dropout_seed: of every draw. loss: null for a loss of each row's first output (one
  /// column), which run() is given; else the loss across rows.
  TrainingStep(const graph::Graph& graph, Weights& weights, const Optimizer& optimizer, const GemmKernel& kernel,
               ThreadPool& pool, std::uint64_t dropout_seed, BatchLoss* loss = nullptr);

  /// One step. labels: [batch.data rows]; predictions: [batch.rows.size()], set to what each row got before the update.
  Result run(const BatchView& batch, std::span<const float> labels, const Loss& loss, std::span<float> predictions);
  /// One step by the loss across rows that the constructor was given.
  Result run(const BatchView& batch);

  OptimizerState& state() { return state_; }
  const OptimizerState& state() const { return state_; }

 private:
  void start(const BatchView& batch);
  Result finish(const BatchView& batch, double loss);
  GradientSinks sinks(std::size_t lane);
  std::size_t tiles(const BatchView& batch) const;
  Tile tile_of(const BatchView& batch, std::size_t tile, std::size_t worker);

  const graph::Graph& graph_;
  Weights& weights_;
  ThreadPool& pool_;
  BatchLoss* batch_loss_ = nullptr;
  Executor executor_;
  Update update_;
  OptimizerState state_;
  TrainingPass pass_;
  std::vector<Workspace> workspaces_;                         // [workers]
  std::vector<AlignedFloats> lanes_, gradients_;              // [lanes] dense sums; [nodes] rows of the batch
  std::vector<AlignedFloats> crossing_, crossing_gradients_;  // [inputs of the batch loss]
  std::vector<double> lane_losses_;
};
}  // namespace podium::nn
