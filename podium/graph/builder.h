#pragma once
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "podium/graph/graph.h"

namespace podium {
using graph::Activation;
inline constexpr Activation linear = Activation::linear, relu = Activation::relu;

/// Builds a graph step by step; every method returns the value that the next ones take.
class GraphBuilder {
 public:
  GraphBuilder() = default;
  /// Goes on from a graph.
  explicit GraphBuilder(graph::Graph graph) : graph_(std::move(graph)) {
    for (const auto& node : graph_.nodes) {
      dense_count_ += std::holds_alternative<graph::Dense>(node) ? 1 : 0;
      bias_count_ += std::holds_alternative<graph::Bias>(node) ? 1 : 0;
    }
  }

  /// A text column's vocabulary with one vector per value. `table` defaults to the column's name; a table that
  /// exists already is shared (dims must agree). Throws Error otherwise.
  graph::ValueId embed(const std::string& column, std::size_t dim, const std::string& table = "");
  /// The same with everything said: the feature (Text or Integer) and the table.
  graph::ValueId embed(const graph::Feature& feature, const graph::Table& table);
  graph::ValueId number(const std::string& column);
  graph::ValueId concat(std::vector<graph::ValueId> inputs);
  graph::ValueId dense(graph::ValueId input, std::size_t units, Activation activation = linear);
  graph::ValueId dense(graph::Dense node);  // an empty name becomes "dense_N"
  graph::ValueId dot(graph::ValueId left, graph::ValueId right);
  graph::ValueId add(std::vector<graph::ValueId> inputs);
  graph::ValueId bias(graph::ValueId input, graph::Initializer initializer = graph::Zeros{});
  graph::ValueId dropout(graph::ValueId input, float rate);
  void output(const std::string& name, graph::ValueId value);

  const graph::Graph& graph() const { return graph_; }
  operator const graph::Graph&() const { return graph_; }  // NOLINT(google-explicit-constructor): it is one

 private:
  graph::FeatureId feature(const graph::Feature& feature);
  graph::ValueId append(graph::Node node);
  graph::Graph graph_;
  std::size_t dense_count_ = 0, bias_count_ = 0;
};
}  // namespace podium
