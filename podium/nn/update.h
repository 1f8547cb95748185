#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "podium/core/batch.h"
#include "podium/core/thread_pool.h"
#include "podium/nn/executor.h"
#include "podium/nn/optimizer.h"
#include "podium/nn/table_index.h"
#include "podium/nn/weights.h"

namespace podium::nn {
/// Turns the gradients of a batch into one step of an optimizer: lanes are added in their order, an id's gradients in
/// the order of its rows, and each weight is changed by the one thread that owns it. No gradient of a table's size ever
/// exists, and rows that the batch lacks are left alone unless the optimizer's definition says otherwise.
class Update {
 public:
  Update(const graph::Graph& graph, const Executor& executor, const Optimizer& optimizer);

  /// Where dense tensor `index` begins in a lane's buffer; tables have no place there.
  std::size_t offset(std::size_t index) const { return offsets_[index]; }
  /// Floats of a lane's buffer.
  std::size_t lane_floats() const { return lane_floats_; }

  /// Finds where each id of table `table` stands; different tables may be indexed at once.
  void index(std::size_t table, const BatchView& batch);

  /// One step. lanes: dense gradients, added up in lanes[0]; gradients: [nodes], of the batch's rows (see Plan).
  /// Returns the regularization's share of the loss, before the update.
  double step(ThreadPool& pool, const BatchView& batch, std::vector<AlignedFloats>& lanes,
              const std::vector<AlignedFloats>& gradients, Weights& weights, OptimizerState& state, Executor& executor);

 private:
  // A part of one tensor that one thread changes: numbers of a dense tensor, rows of a table, or a table's batch ids.
  struct Task {
    enum class Kind { numbers, rows, ids } kind;
    std::size_t tensor, begin, end;
  };
  struct Call;

  void make_tasks(const Weights& weights);
  void apply_numbers(const Call& call, const Task& task, std::size_t index);
  void apply_rows(const Call& call, const Task& task, std::size_t index, std::size_t worker);
  double sum_lanes(const Call& call, const Task& task);
  double squares_of_rows(const Call& call, const Task& task);
  void set_clip_factors();
  // Adds up the gradients of the index-th id of a table's batch; returns how many there were.
  std::size_t gather(const Call& call, std::size_t table, std::size_t index, float* sum, float* squares) const;
  std::pair<std::size_t, std::size_t> ids_of(const Task& task) const;

  const graph::Graph& graph_;
  const Plan& plan_;
  const Optimizer& optimizer_;
  std::vector<std::vector<const graph::Lookup*>> lookups_;  // [tables]
  std::vector<std::size_t> offsets_;                        // [tensors]
  std::vector<float> l2_;                                   // [tensors]
  std::size_t lane_floats_ = 0;
  std::vector<TableIndex> indexes_;   // [tables]
  std::vector<std::uint8_t> ragged_;  // [tables]: a lookup has lists of ids
  std::vector<Task> tasks_;
  std::vector<double> regularization_, squares_;           // [tasks]
  std::vector<float> clip_factors_;                        // [tensors]
  std::unique_ptr<std::atomic<std::size_t>[]> remaining_;  // [tensors]: tasks before a tensor may be packed
  std::vector<AlignedFloats> scratch_;                     // [workers]
};
}  // namespace podium::nn
