#include "podium/graph/builder.h"

#include <algorithm>
#include <utility>

#include "podium/core/error.h"

namespace podium {
using namespace graph;

FeatureId GraphBuilder::feature(const Feature& feature) {
  const auto same = [&](const Feature& other) {
    return other.index() == feature.index() && column_of(other) == column_of(feature);
  };
  const auto found = std::ranges::find_if(graph_.features, same);
  if (found != graph_.features.end() && *found != feature) {
    throw Error("graph: column \"" + column_of(feature) + "\" is read with " +
                std::to_string(unknown_indices_of(*found)) + " and with " +
                std::to_string(unknown_indices_of(feature)) + " unknown_indices; give both the same");
  }
  if (found == graph_.features.end()) {
    graph_.features.push_back(feature);
    return static_cast<FeatureId>(graph_.features.size() - 1);
  }
  return static_cast<FeatureId>(found - graph_.features.begin());
}

ValueId GraphBuilder::append(Node node) {
  graph_.nodes.push_back(std::move(node));
  return static_cast<ValueId>(graph_.nodes.size() - 1);
}

ValueId GraphBuilder::embed(const std::string& column, std::size_t dim, const std::string& table) {
  Table wanted;
  wanted.name = table.empty() ? column : table;
  wanted.dim = dim;
  return embed(Text{column}, wanted);
}

ValueId GraphBuilder::embed(const Feature& by, const Table& table) {
  const auto found = std::ranges::find(graph_.tables, table.name, &Table::name);
  if (found != graph_.tables.end() && found->dim != table.dim) {
    throw Error("graph: table \"" + table.name + "\" has dim " + std::to_string(found->dim) + ", not " +
                std::to_string(table.dim) + "; give one of the two another name");
  }
  const auto id = static_cast<TableId>(found - graph_.tables.begin());
  if (found == graph_.tables.end()) graph_.tables.push_back(table);
  return append(Lookup{.table = id, .feature = feature(by)});
}

ValueId GraphBuilder::number(const std::string& column) { return append(Input{feature(Numeric{column})}); }
ValueId GraphBuilder::concat(std::vector<ValueId> inputs) { return append(Concat{std::move(inputs)}); }

ValueId GraphBuilder::dense(ValueId input, std::size_t units, Activation activation) {
  Dense node;
  node.input = input;
  node.units = units;
  node.activation = activation;
  return dense(std::move(node));
}

ValueId GraphBuilder::dense(Dense node) {
  if (node.name.empty()) node.name = "dense_" + std::to_string(dense_count_);
  ++dense_count_;
  return append(std::move(node));
}

ValueId GraphBuilder::dot(ValueId left, ValueId right) { return append(Dot{left, right}); }
ValueId GraphBuilder::add(std::vector<ValueId> inputs) { return append(Add{std::move(inputs)}); }

ValueId GraphBuilder::bias(ValueId input, Initializer initializer) {
  return append(Bias{input, "bias_" + std::to_string(bias_count_++), initializer});
}

ValueId GraphBuilder::dropout(ValueId input, float rate) { return append(Dropout{input, rate}); }

void GraphBuilder::output(const std::string& name, ValueId value) { graph_.outputs.push_back({name, value}); }
}  // namespace podium
