#pragma once
#include "podium/core/matrix.h"
#include "podium/graph/graph.h"

namespace podium::nn {
inline constexpr float kSeluScale = 1.05070098735548049342F, kSeluAlpha = 1.67326324235437728482F;
inline constexpr float kLeakySlope = 0.2F;

/// y = activation(y), number by number; Keras' definitions (gelu is the exact one, with erf; leaky relu's slope is 0.2,
/// as Keras 3 has it; elu's alpha is 1).
void activate(graph::Activation activation, MatrixView y);

/// Whether the derivative needs the pre-activation (gelu, swish); the others' follows from the output.
bool needs_preactivation(graph::Activation activation);

/// gradient *= d activation / d pre-activation.
///   output, preactivation  [rows, units]; preactivation may be empty where it is not needed
void activation_gradient(graph::Activation activation, ConstMatrixView output, ConstMatrixView preactivation,
                         MatrixView gradient);
}  // namespace podium::nn
