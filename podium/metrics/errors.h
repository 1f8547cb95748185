#pragma once
#include <memory>

#include "podium/metrics/accumulator.h"

/// How far predictions p are from labels y.
namespace podium::metrics {
/// sqrt(mean((p - y)^2))
std::unique_ptr<Accumulator> rmse();
/// mean(|p - y|)
std::unique_ptr<Accumulator> mae();
/// mean((p - y)^2)
std::unique_ptr<Accumulator> mse();
/// mean(p)
std::unique_ptr<Accumulator> mean_prediction();
/// mean(y)
std::unique_ptr<Accumulator> mean_label();
}  // namespace podium::metrics
