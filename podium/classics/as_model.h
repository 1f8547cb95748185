#pragma once
#include <string>

#include "podium/classics/factors.h"
#include "podium/model/model.h"

namespace podium::classics {
/// Factors as a model like any other, to save, rank and serve: two tables of biases and two of vectors (as far as the
/// factors have them), a dot product and the mean as a bias.
///   features  the user's and the item's, in this order, fitted as when the factors' rows were encoded
///   label     the output's name
/// Throws Error if features are not two vocabularies or the factors have not one row for each of their indices.
Model as_model(const Factors& factors, Features features, const std::string& label, const ModelOptions& options = {});
}  // namespace podium::classics
