#include "podium/nn/loss.h"

#include <array>
#include <cmath>

#include "podium/core/error.h"
#include "podium/core/table.h"

namespace podium {
namespace {
// A loss from a function of (prediction, label) that returns {loss, gradient}.
template <class OfRow>
Loss row_loss(std::string name, OfRow of_row) {
  return {std::move(name), [of_row](std::span<const float> predictions, std::span<const float> labels,
                                    std::span<float> losses, std::span<float> gradients) {
            for (std::size_t i = 0; i < predictions.size(); ++i) {
              const auto [loss, gradient] = of_row(predictions[i], labels[i]);
              losses[i] = loss;
              gradients[i] = gradient;
            }
          }};
}

struct Row {
  float loss, gradient;
};
}  // namespace

const Loss mean_squared_error = row_loss("mean_squared_error", [](float p, float y) -> Row {
  const float error = p - y;
  return {error * error, 2.0F * error};
});

const Loss mean_absolute_error = row_loss("mean_absolute_error", [](float p, float y) -> Row {
  const float error = p - y;
  return {std::abs(error), error > 0.0F ? 1.0F : (error < 0.0F ? -1.0F : 0.0F)};
});

const Loss huber = row_loss("huber", [](float p, float y) -> Row {
  const float error = p - y;
  if (std::abs(error) <= 1.0F) return {0.5F * error * error, error};
  return {std::abs(error) - 0.5F, error > 0.0F ? 1.0F : -1.0F};
});

// max(z, 0) - z y + log(1 + exp(-|z|)): the form that neither overflows nor loses small losses.
const Loss binary_crossentropy = row_loss("binary_crossentropy", [](float z, float y) -> Row {
  const float small = std::exp(-std::abs(z));
  const float probability = z >= 0.0F ? 1.0F / (1.0F + small) : small / (1.0F + small);
  return {std::max(z, 0.0F) - z * y + std::log1p(small), probability - y};
});

namespace {
std::array<const Loss*, 4> all_losses() {
  return {&mean_squared_error, &mean_absolute_error, &huber, &binary_crossentropy};
}
}  // namespace

std::vector<std::string_view> loss_names() {
  std::vector<std::string_view> names;
  for (const Loss* loss : all_losses()) names.emplace_back(loss->name);
  return names;
}

const Loss& loss_named(std::string_view name) {
  for (const Loss* loss : all_losses()) {
    if (loss->name == name) return *loss;
  }
  std::string message = "\"" + std::string(name) + "\" is not a loss";
  const auto near = nearest_name(name, loss_names());
  if (!near.empty()) message += "; did you mean \"" + std::string(near) + "\"?";
  message += " The losses are:";
  for (const auto known : loss_names()) message += " " + std::string(known);
  throw Error(message);
}
}  // namespace podium
