#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "podium/core/aligned.h"
#include "podium/core/batch.h"
#include "podium/core/gemm.h"
#include "podium/core/matrix.h"
#include "podium/core/random.h"
#include "podium/nn/plan.h"
#include "podium/nn/weights.h"

namespace podium::nn {
/// Rows of a tile: small enough that its activations stay in a core's L2 cache.
inline constexpr std::size_t kTileRows = 256;

/// One worker's memory for the activations and gradients of a tile; allocated once for a plan.
struct Workspace {
  explicit Workspace(const Plan& plan, std::size_t rows = kTileRows);
  std::vector<AlignedFloats> values, preactivations, gradients;  // [nodes], each [rows, width] or empty
  std::vector<GemmForm> forms;                                   // [nodes], where the plan has one
  AlignedFloats spare;                                           // [rows, widest value]
  std::vector<bool> written;                                     // [nodes]: gradients set so far, going backward
  GemmScratch gemm;
};

/// What a training step adds to a forward pass.
struct TrainingPass {
  Random dropout{0};
  std::uint64_t step = 0;
};

/// Where a lane's gradients go. Dense tensors are summed over the lane's tiles; rows of lookups go to the batch's
/// buffers.
struct GradientSinks {
  std::vector<float*> tensors;                  // [tensors]; null for tables
  std::vector<AlignedFloats>* batch = nullptr;  // [nodes], [batch rows, width] where the plan says batch
};

/// A tile of a batch on its way through a graph: views of its values and gradients.
class Tile {
 public:
  /// rows: row numbers in `data`, at most the workspace's; `first` is the position of the tile's first row in its
  /// batch.
  Tile(const Plan& plan, const Batch& data, std::span<const std::uint32_t> rows, std::size_t first,
       Workspace& workspace)
      : plan_(plan), data_(data), rows_(rows), first_(first), workspace_(workspace) {}

  const Plan::Value& plan(graph::ValueId value) const { return plan_.values[value]; }
  const Batch& data() const { return data_; }
  std::span<const std::uint32_t> rows() const { return rows_; }
  std::size_t first() const { return first_; }
  Workspace& workspace() const { return workspace_; }

  MatrixView value(graph::ValueId value) const;
  /// Empty where none is kept.
  MatrixView preactivation(graph::ValueId value) const;
  MatrixView gradient(graph::ValueId value, const GradientSinks& sinks) const;
  /// The form that stands for a value, or null; its gradient's form takes its place.
  GemmForm* form(graph::ValueId value) const { return plan_.values[value].form ? &workspace_.forms[value] : nullptr; }
  GemmForm* gradient_form(graph::ValueId value) const {
    return plan_.values[value].gradient_form ? &workspace_.forms[value] : nullptr;
  }
  /// [rows, width] of working memory.
  MatrixView spare(std::size_t width) const { return {workspace_.spare.data(), rows_.size(), width}; }

 private:
  const Plan& plan_;
  const Batch& data_;
  std::span<const std::uint32_t> rows_;
  std::size_t first_;
  Workspace& workspace_;
};
}  // namespace podium::nn
