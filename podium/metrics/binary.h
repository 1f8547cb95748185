#pragma once
#include <memory>

#include "podium/metrics/accumulator.h"

/// Metrics of yes or no. Labels are from 0 to 1 (add throws Error otherwise); above 0.5 is yes.
/// A model trained with binary_crossentropy predicts logits: it wants the `_of_logits` forms; auc is the same for both.
namespace podium::metrics {
/// -mean(y log p + (1 - y) log(1 - p)) of probabilities, clipped to [1e-7, 1 - 1e-7] as Keras does.
std::unique_ptr<Accumulator> log_loss();
/// The same of p = sigmoid(prediction), unclipped.
std::unique_ptr<Accumulator> log_loss_of_logits();
/// Share of rows where (p > 0.5) is (y > 0.5).
std::unique_ptr<Accumulator> accuracy();
/// Share of rows where (prediction > 0) is (y > 0.5).
std::unique_ptr<Accumulator> accuracy_of_logits();
/// Area under the ROC curve, exact: the chance that a random yes is predicted above a random no, ties half.
/// NaN if there is no yes or no no, or if a prediction is NaN. Keeps every row until the result: 8 bytes each.
std::unique_ptr<Accumulator> auc();
}  // namespace podium::metrics
