#include "podium/metrics/binary.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "podium/metrics/collector.h"
#include "podium/metrics/mean_of.h"

namespace podium::metrics {
namespace {
/// The label, if it is one of yes or no.
double checked(double label, const char* metric) {
  if (!(label >= 0.0 && label <= 1.0)) {
    throw Error(std::string(metric) + ": label " + std::to_string(label) +
                " is not between 0 and 1; use rmse or mae for ratings, or turn the labels into 0 and 1");
  }
  return label;
}

double area_under_roc(std::span<const float> predictions, std::span<const float> labels) {
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  std::vector<std::pair<float, bool>> rows;
  rows.reserve(predictions.size());
  for (std::size_t row = 0; row < predictions.size(); ++row) {
    if (std::isnan(predictions[row])) return kNone;
    rows.emplace_back(predictions[row], checked(static_cast<double>(labels[row]), "auc") > 0.5);
  }
  std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  // Counts and halves are exact in double up to 2^52 pairs, so that the order of tied rows is of no matter.
  double negatives = 0.0, positives = 0.0, pairs = 0.0;
  for (std::size_t first = 0; first < rows.size();) {
    double tied_negatives = 0.0, tied_positives = 0.0;
    std::size_t row = first;
    for (; row < rows.size() && rows[row].first == rows[first].first; ++row) {
      (rows[row].second ? tied_positives : tied_negatives) += 1.0;
    }
    pairs += tied_positives * (negatives + tied_negatives / 2.0);
    negatives += tied_negatives;
    positives += tied_positives;
    first = row;
  }
  return negatives == 0.0 || positives == 0.0 ? kNone : pairs / (negatives * positives);
}
}  // namespace

std::unique_ptr<Accumulator> log_loss() {
  return mean_of([](double p, double y) {
    const double clipped = std::clamp(p, 1e-7, 1.0 - 1e-7);
    checked(y, "log_loss");
    return std::isnan(p) ? p : -(y * std::log(clipped) + (1.0 - y) * std::log1p(-clipped));
  });
}
std::unique_ptr<Accumulator> log_loss_of_logits() {
  // -(y log s(x) + (1 - y) log(1 - s(x))) = max(x, 0) - x y + log(1 + e^-|x|), which never overflows.
  return mean_of([](double x, double y) {
    return std::max(x, 0.0) - x * checked(y, "log_loss_of_logits") + std::log1p(std::exp(-std::abs(x)));
  });
}
std::unique_ptr<Accumulator> accuracy() {
  return mean_of([](double p, double y) { return (p > 0.5) == (checked(y, "accuracy") > 0.5) ? 1.0 : 0.0; });
}
std::unique_ptr<Accumulator> accuracy_of_logits() {
  return mean_of([](double x, double y) { return (x > 0.0) == (checked(y, "accuracy_of_logits") > 0.5) ? 1.0 : 0.0; });
}
std::unique_ptr<Accumulator> auc() { return std::make_unique<Collector>(area_under_roc); }
}  // namespace podium::metrics
