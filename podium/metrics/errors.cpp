#include "podium/metrics/errors.h"

#include <cmath>

#include "podium/metrics/mean_of.h"

namespace podium::metrics {
namespace {
double squared(double prediction, double label) { return (prediction - label) * (prediction - label); }
}  // namespace

std::unique_ptr<Accumulator> rmse() {
  return mean_of([](double p, double y) { return squared(p, y); }, [](double mean) { return std::sqrt(mean); });
}
std::unique_ptr<Accumulator> mae() {
  return mean_of([](double p, double y) { return std::abs(p - y); });
}
std::unique_ptr<Accumulator> mse() {
  return mean_of([](double p, double y) { return squared(p, y); });
}
std::unique_ptr<Accumulator> mean_prediction() {
  return mean_of([](double p, double) { return p; });
}
std::unique_ptr<Accumulator> mean_label() {
  return mean_of([](double, double y) { return y; });
}
}  // namespace podium::metrics
