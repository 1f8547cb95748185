#include "podium/recipe/build.h"

#include <algorithm>
#include <utility>

#include "podium/core/error.h"
#include "podium/features/vocabulary_file.h"
#include "podium/model/carry_over.h"

namespace podium::recipe {
namespace {
graph::Feature graph_feature(const std::string& column, const FeatureSection& feature) {
  switch (feature.type) {
    case FeatureType::text:
      return graph::Text{column, feature.unknown_indices};
    case FeatureType::integer:
      return graph::Integer{column, feature.unknown_indices};
    case FeatureType::number:
      break;
  }
  return graph::Numeric{column};
}

graph::ValueId embed(GraphBuilder& graph, const std::string& column, const FeatureSection& feature) {
  return graph.embed(graph_feature(column, feature), {.name = feature.table.empty() ? column : feature.table,
                                                      .dim = feature.dim,
                                                      .initializer = feature.initializer,
                                                      .l2 = static_cast<float>(feature.l2)});
}

graph::ValueId add_layers(GraphBuilder& graph, const Recipe& recipe, const Mlp& mlp) {
  std::vector<graph::ValueId> inputs;
  for (const auto& [column, feature] : recipe.features) {
    inputs.push_back(feature.type == FeatureType::number ? graph.number(column) : embed(graph, column, feature));
  }
  const auto dense = [&](graph::ValueId input, std::size_t units, graph::Activation activation) {
    return graph.dense({.input = input,
                        .units = units,
                        .activation = activation,
                        .name = "",
                        .kernel = mlp.initializer,
                        .l2 = static_cast<float>(mlp.l2)});
  };
  graph::ValueId value = inputs.size() == 1 ? inputs.front() : graph.concat(inputs);
  for (const std::size_t units : mlp.hidden) {
    value = dense(value, units, mlp.activation);
    if (mlp.dropout > 0.0) value = graph.dropout(value, static_cast<float>(mlp.dropout));
  }
  return dense(value, 1, graph::Activation::linear);
}

graph::ValueId add_layers(GraphBuilder& graph, const Recipe& recipe, const Factorization& factorization,
                          double label_mean) {
  std::vector<graph::ValueId> terms, vectors;
  for (const auto& [column, feature] : recipe.features) {
    if (feature.type == FeatureType::number) {
      throw Error("features." + column + ": a factorization takes no number; use model.kind = \"mlp\" or another type");
    }
    if (factorization.dot && (column == recipe.data.user || column == recipe.data.item)) {
      vectors.push_back(embed(graph, column, feature));
    }
    terms.push_back(graph.embed(graph_feature(column, feature), {.name = column + "_bias",
                                                                 .dim = 1,
                                                                 .initializer = graph::Zeros{},
                                                                 .l2 = static_cast<float>(factorization.bias_l2)}));
  }
  if (factorization.dot) {
    if (vectors.size() != 2) {
      throw Error("features: a factorization needs the user's and the item's vectors; add [features." +
                  recipe.data.user + "] and [features." + recipe.data.item + "], or set model.dot = false");
    }
    terms.push_back(graph.dot(vectors[0], vectors[1]));
  }
  const graph::ValueId sum = terms.size() == 1 ? terms.front() : graph.add(terms);
  return graph.bias(sum, graph::Constant{static_cast<float>(label_mean)});
}

Encoder vocabulary_from_file(const std::string& path, FeatureType type) {
  if (type == FeatureType::integer) return IntegerVocabulary(read_integer_vocabulary(path));
  return StringVocabulary(read_vocabulary(path));
}

const FeatureSection& section_of(const Recipe& recipe, const std::string& column) {
  const auto found = std::ranges::find_if(recipe.features, [&](const auto& entry) { return entry.first == column; });
  return found->second;  // the graph's features are the recipe's
}
}  // namespace

FeatureType type_of(const graph::Feature& feature) {
  struct Visitor {
    FeatureType operator()(const graph::Text&) const { return FeatureType::text; }
    FeatureType operator()(const graph::Integer&) const { return FeatureType::integer; }
    FeatureType operator()(const graph::Numeric&) const { return FeatureType::number; }
  };
  return std::visit(Visitor{}, feature);
}

GraphBuilder build_graph(const Recipe& recipe, double label_mean, const graph::Graph* from) {
  struct Visitor {
    GraphBuilder operator()(const Mlp& mlp) const {
      GraphBuilder graph;
      graph.output(recipe.task.label, add_layers(graph, recipe, mlp));
      return graph;
    }
    GraphBuilder operator()(const Factorization& factorization) const {
      GraphBuilder graph;
      graph.output(recipe.task.label, add_layers(graph, recipe, factorization, label_mean));
      return graph;
    }
    GraphBuilder operator()(const LayersOfFrom&) const {
      graph::Graph same = *from;  // there is one: the recipe was refused without train.from
      same.outputs.front().name = recipe.task.label;
      return GraphBuilder(std::move(same));
    }
    const Recipe& recipe;
    double label_mean;
    const graph::Graph* from;
  };
  return std::visit(Visitor{recipe, label_mean, from}, recipe.model);
}

Features build_features(const Recipe& recipe, const graph::Graph& graph, const TableView& train, const TableView& all,
                        const Features* known) {
  // A pass over one feature alone, so that no vocabulary is built on rows that it does not want.
  Features features;
  for (const auto& feature : graph.features) {
    const std::string& column = graph::column_of(feature);
    const FeatureSection& section = section_of(recipe, column);
    const bool is_file = section.vocabulary != "all" && section.vocabulary != "train" && section.vocabulary != "from";
    if (section.vocabulary == "from") {
      features.encoders.push_back(encoder_of(*known, feature));  // known: the recipe was refused without train.from
    } else if (is_file && section.type != FeatureType::number) {
      try {
        features.encoders.push_back(vocabulary_from_file(section.vocabulary, section.type));
      } catch (const Error& error) {
        throw Error("features." + column + ".vocabulary: " + error.what());
      }
    } else {
      graph::Graph alone;
      alone.features = {feature};
      Encoder fitted = fit_features(alone, section.vocabulary == "all" ? all : train).encoders.front();
      if (known != nullptr) fitted = join_vocabularies(encoder_of(*known, feature), fitted);
      features.encoders.push_back(std::move(fitted));
    }
    features.features.push_back(feature);
  }
  share_vocabularies(graph, features.encoders);
  return features;
}

ModelOptions build_model_options(const Recipe& recipe) {
  const bool is_bf16 = recipe.train.precision == Precision::bf16;
  std::string kernel = recipe.train.kernel;
  if (kernel.empty() && is_bf16) kernel = "bf16";
  if (is_bf16 && kernel.find("bf16") == std::string::npos) {
    throw Error("train.kernel is " + kernel + ", which is not of precision bf16; name one that is, or leave it out");
  }
  return {.seed = recipe.train.seed, .user = recipe.data.user, .item = recipe.data.item, .kernel = kernel};
}

Ranking build_task(const Recipe& recipe) {
  Ranking task{.label = recipe.task.label, .loss = loss_named(recipe.task.loss), .metrics = {}};
  for (const auto& name : recipe.task.metrics) task.metrics.push_back(metric_named(name));
  return task;
}

podium::TrainOptions build_train_options(const Recipe& recipe) {
  const auto& train = recipe.train;
  return {.epochs = train.epochs,
          .batch_size = train.batch_size,
          .seed = train.seed,
          .shuffle = train.shuffle,
          .threads = train.threads,
          .early_stopping = {.patience = train.early_stopping.patience, .min_delta = train.early_stopping.min_delta}};
}

std::vector<std::string> columns_of(const Recipe& recipe) {
  std::vector<std::string> columns;
  const auto add = [&](const std::string& column) {
    if (!column.empty() && std::ranges::find(columns, column) == columns.end()) columns.push_back(column);
  };
  for (const auto& [column, feature] : recipe.features) add(column);
  add(recipe.data.user);
  add(recipe.data.item);
  add(recipe.task.label);
  add(recipe.data.time);
  return columns;
}
}  // namespace podium::recipe
