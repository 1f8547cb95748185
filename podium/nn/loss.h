#pragma once
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace podium {
/// A loss of one prediction and one label; a batch's loss is its mean over the rows (Keras' SUM_OVER_BATCH_SIZE).
/// Your own loss is such a function passed in:
///   predictions, labels  [rows]
///   losses               [rows], set to each row's loss
///   gradients            [rows], set to d loss / d prediction of each row (not yet divided by the batch's rows)
struct Loss {
  using Function = std::function<void(std::span<const float> predictions, std::span<const float> labels,
                                      std::span<float> losses, std::span<float> gradients)>;
  std::string name;
  Function function;
};

/// (p - y)^2
extern const Loss mean_squared_error;
/// |p - y|; the gradient at 0 is 0
extern const Loss mean_absolute_error;
/// e^2 / 2 where |e| <= 1, else |e| - 1/2 (Keras' Huber with delta 1)
extern const Loss huber;
/// -(y log p + (1 - y) log(1 - p)) of a logit: p = sigmoid(prediction); labels from 0 to 1
extern const Loss binary_crossentropy;

/// Throws Error naming the nearest loss if there is none of that name.
const Loss& loss_named(std::string_view name);
/// Names that loss_named takes.
std::vector<std::string_view> loss_names();
}  // namespace podium
