#pragma once
#include <optional>

#include "podium/model/load.h"
#include "podium/recipe/recipe.h"
#include "podium/recipe/run.h"
#include "podium/train/trainer.h"

/// Going on from a published model: `train.from`.
namespace podium::recipe {
/// The model that train.from names, if it names one. Throws Error as load_all does.
std::optional<LoadedModel> load_from(const Recipe& recipe);

/// The recipe, with the features of `model` where it has the layers of train.from's model (which `model` is, or
/// became): of each the vocabulary that the recipe says, else "train". Throws Error for a column that the model does
/// not read, and for one that it reads as values of two types.
Recipe with_features_of(Recipe recipe, const LoadedModel& model);

/// The model as a file that a training learnt from: its MANIFEST, whose checksum stands for all of it.
Source source_of(const LoadedModel& from);

/// Gives a freshly drawn model the weights of `from`, row by row of the same ids, and the trainer its optimizer's slots
/// and step; where that is of another kind or not there, the optimizer starts anew. The watcher is told that, and which
/// options of an optimizer that goes on are others than they were.
void go_on(const LoadedModel& from, const Recipe& recipe, Model& model, Trainer& trainer, Watcher& watcher);
}  // namespace podium::recipe
