#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "podium/features/features.h"
#include "podium/graph/builder.h"
#include "podium/nn/weights.h"

namespace podium {
struct ModelOptions {
  std::uint64_t seed = 1;   // of the initial weights
  std::string user = {};    // the column whose question it is
  std::string item = {};    // the column that is ranked
  std::string kernel = {};  // see gemm_kernel()
};

/// Throws Error if the graph's first output is no score, which has width 1.
void check_score(const graph::Graph& graph);

/// A graph with its fitted features and weights: all that scoring needs. A const Model is safe for concurrent calls.
class Model {
 public:
  /// Draws the initial weights. Throws Error if graph and features do not fit.
  Model(const GraphBuilder& builder, Features features, const ModelOptions& options);
  Model(graph::Graph graph, Features features, nn::Weights weights, ModelOptions options);

  const graph::Graph& graph() const { return graph_; }
  const Features& features() const { return features_; }
  const nn::Weights& weights() const { return weights_; }
  nn::Weights& weights() { return weights_; }
  const ModelOptions& options() const { return options_; }

  /// The first output of every row, [rows]. threads: at most so many for more than 10,000 rows, 0 is all cores (fewer
  /// rows take one: threads start slower); never changes the result.
  std::vector<float> predict(const TableView& rows, std::size_t threads = 0) const;
  std::vector<float> predict(const Batch& rows, std::size_t threads = 0) const;

 private:
  graph::Graph graph_;
  Features features_;
  nn::Weights weights_;
  ModelOptions options_;
};
}  // namespace podium
