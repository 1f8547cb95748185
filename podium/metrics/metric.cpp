#include "podium/metrics/metric.h"

#include <array>
#include <utility>

#include "podium/core/error.h"
#include "podium/core/table.h"
#include "podium/metrics/collector.h"

namespace podium {
namespace {
const std::array<const Metric*, 10>& known() {
  static const std::array<const Metric*, 10> all = {
      &rmse,      &mae, &mse, &auc, &log_loss, &log_loss_of_logits, &accuracy, &accuracy_of_logits, &mean_prediction,
      &mean_label};
  return all;
}
}  // namespace

double Metric::operator()(std::span<const float> predictions, std::span<const float> labels) const {
  if (predictions.size() != labels.size()) {
    throw Error(name + ": " + std::to_string(predictions.size()) + " predictions but " + std::to_string(labels.size()) +
                " labels; give one of each per row");
  }
  const auto accumulator = make();
  accumulator->add(predictions, labels);
  return accumulator->result();
}

Metric metric(std::string name, std::function<double(std::span<const float>, std::span<const float>)> function) {
  return {std::move(name), [function = std::move(function)] { return std::make_unique<metrics::Collector>(function); }};
}

const Metric& metric_named(std::string_view name) {
  for (const Metric* candidate : known()) {
    if (candidate->name == name) return *candidate;
  }
  std::string message = "unknown metric \"" + std::string(name) + "\"";
  const auto near = nearest_name(name, metric_names());
  if (!near.empty()) message += "; did you mean \"" + std::string(near) + "\"?";
  message += " The metrics are:";
  for (const auto known_name : metric_names()) message += " " + std::string(known_name);
  throw Error(message);
}

std::vector<std::string_view> metric_names() {
  std::vector<std::string_view> names;
  for (const Metric* candidate : known()) names.emplace_back(candidate->name);
  return names;
}
}  // namespace podium
