#pragma once
#include <cstddef>
#include <limits>
#include <vector>

#include "podium/nn/optimizer.h"
#include "podium/nn/weights.h"
#include "podium/train/trainer.h"

namespace podium {
/// What a training needs, besides the model's weights, to go on as if it had never stopped. Taken between two steps.
struct TrainState {
  nn::OptimizerState optimizer;
  std::size_t epoch = 0;                            // epochs done
  std::size_t step = 0;                             // steps done of the epoch under way
  double loss_sum = 0.0, regularization_sum = 0.0;  // of the epoch under way: row by row, step by step
  std::vector<std::vector<double>> metrics;         // accumulators of the epoch under way
  std::vector<EpochReport> epochs;                  // of the epochs done
  std::vector<double> step_losses;
  double best_loss = std::numeric_limits<double>::infinity();  // of the validation rows
  std::size_t best_epoch = 0;
  nn::Weights best_weights;  // empty without early stopping
};
}  // namespace podium
