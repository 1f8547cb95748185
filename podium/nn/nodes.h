#pragma once
#include <vector>

#include "podium/core/gemm.h"
#include "podium/graph/graph.h"
#include "podium/nn/tile.h"

/// What each kind of node computes. A new kind is one file here with its pair of functions.
namespace podium::nn {
/// Everything that a node may read or write while a tile passes it.
struct NodePass {
  graph::ValueId id;  // the node's own value
  const Weights& weights;
  const std::vector<PackedWeights>& packed;
  const GemmKernel& kernel;
  const Tile& tile;
  const TrainingPass* training;          // null when predicting
  const GradientSinks* sinks = nullptr;  // backward only
  std::vector<bool>* written = nullptr;  // backward only: values whose gradient somebody has set already

  /// The gradient to set or to add to, of an input of this node.
  MatrixView input_gradient(graph::ValueId input) const { return tile.gradient(input, *sinks); }
  /// True the first time that it is asked of a value: set its gradient; later: add to it.
  bool first_to_write(graph::ValueId value) const {
    const bool first = !(*written)[value];
    (*written)[value] = true;
    return first;
  }
  /// Sets or adds scale * gradient to an input's gradient.
  void pass_gradient(graph::ValueId input, ConstMatrixView gradient) const;
};

void forward(const graph::Lookup& node, const NodePass& pass);
void forward(const graph::Input& node, const NodePass& pass);
void forward(const graph::Concat& node, const NodePass& pass);
void forward(const graph::Dense& node, const NodePass& pass);
void forward(const graph::Dot& node, const NodePass& pass);
void forward(const graph::Add& node, const NodePass& pass);
void forward(const graph::Bias& node, const NodePass& pass);
void forward(const graph::Dropout& node, const NodePass& pass);

void backward(const graph::Lookup& node, const NodePass& pass);
void backward(const graph::Input& node, const NodePass& pass);
void backward(const graph::Concat& node, const NodePass& pass);
void backward(const graph::Dense& node, const NodePass& pass);
void backward(const graph::Dot& node, const NodePass& pass);
void backward(const graph::Add& node, const NodePass& pass);
void backward(const graph::Bias& node, const NodePass& pass);
void backward(const graph::Dropout& node, const NodePass& pass);
}  // namespace podium::nn
