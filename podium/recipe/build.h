#pragma once
#include <cstddef>

#include "podium/core/table.h"
#include "podium/features/features.h"
#include "podium/graph/builder.h"
#include "podium/recipe/recipe.h"
#include "podium/train/trainer.h"

/// From a checked recipe to the library's own pieces: what a C++ program would write by hand.
namespace podium::recipe {
/// What a recipe calls a feature of this kind.
FeatureType type_of(const graph::Feature& feature);

/// The recipe's graph, tables not yet sized.
///   label_mean  of the train rows: where a factorization's predictions start; the others do not use it
///   from        train.from's model's; null if there is none
GraphBuilder build_graph(const Recipe& recipe, double label_mean, const graph::Graph* from);

/// Fits each feature on the rows that its `vocabulary` names. Where it names rows and not a file, the values that
/// `known` (null for none; of the same layers) has of a feature are known too. Throws Error naming the feature: a
/// missing column, a wrong type, a vocabulary file that can't be read or says a value twice.
Features build_features(const Recipe& recipe, const graph::Graph& graph, const TableView& train, const TableView& all,
                        const Features* known = nullptr);

ModelOptions build_model_options(const Recipe& recipe);
Ranking build_task(const Recipe& recipe);
podium::TrainOptions build_train_options(const Recipe& recipe);

/// The columns that a training reads: features, user, item, label and time; each once.
std::vector<std::string> columns_of(const Recipe& recipe);
}  // namespace podium::recipe
