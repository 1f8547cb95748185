#include "podium/nn/activation.h"

#include <cmath>
#include <numbers>

namespace podium::nn {
namespace {
using graph::Activation;

float sigmoid(float x) { return 1.0F / (1.0F + std::exp(-x)); }
float normal_density(float x) { return std::exp(-0.5F * x * x) / std::sqrt(2.0F * std::numbers::pi_v<float>); }
float normal_probability(float x) { return 0.5F * std::erfc(-x / std::numbers::sqrt2_v<float>); }

float value(Activation activation, float x) {
  switch (activation) {
    case Activation::linear:
      return x;
    case Activation::relu:
      return x > 0.0F ? x : 0.0F;
    case Activation::sigmoid:
      return sigmoid(x);
    case Activation::tanh:
      return std::tanh(x);
    case Activation::gelu:
      return x * normal_probability(x);
    case Activation::selu:
      return x > 0.0F ? kSeluScale * x : kSeluScale * kSeluAlpha * std::expm1(x);
    case Activation::elu:
      return x > 0.0F ? x : std::expm1(x);
    case Activation::leaky_relu:
      return x > 0.0F ? x : kLeakySlope * x;
    case Activation::swish:
      return x * sigmoid(x);
  }
  return x;
}

// d activation / dx from the output y, or from the pre-activation x where y alone does not tell.
float derivative(Activation activation, float y, float x) {
  switch (activation) {
    case Activation::linear:
      return 1.0F;
    case Activation::relu:
      return y > 0.0F ? 1.0F : 0.0F;
    case Activation::sigmoid:
      return y * (1.0F - y);
    case Activation::tanh:
      return 1.0F - y * y;
    case Activation::gelu:
      return normal_probability(x) + x * normal_density(x);
    case Activation::selu:
      return y < 0.0F ? y + kSeluScale * kSeluAlpha : kSeluScale;
    case Activation::elu:
      return y > 0.0F ? 1.0F : y + 1.0F;
    case Activation::leaky_relu:
      return y > 0.0F ? 1.0F : kLeakySlope;
    case Activation::swish: {
      const float s = sigmoid(x);
      return s + x * s * (1.0F - s);
    }
  }
  return 1.0F;
}
}  // namespace

bool needs_preactivation(Activation activation) {
  return activation == Activation::gelu || activation == Activation::swish;
}

void activate(Activation activation, MatrixView y) {
  if (activation == Activation::linear) return;
  for (std::size_t r = 0; r < y.rows; ++r) {
    for (float& number : y.row(r)) number = value(activation, number);
  }
}

void activation_gradient(Activation activation, ConstMatrixView output, ConstMatrixView preactivation,
                         MatrixView gradient) {
  if (activation == Activation::linear) return;
  for (std::size_t r = 0; r < gradient.rows; ++r) {
    const auto y = output.row(r);
    const auto x = preactivation.data != nullptr ? preactivation.row(r) : y;
    const auto g = gradient.row(r);
    for (std::size_t c = 0; c < g.size(); ++c) g[c] *= derivative(activation, y[c], x[c]);
  }
}
}  // namespace podium::nn
