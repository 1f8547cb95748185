#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "podium/classics/baselines.h"
#include "podium/metrics/bootstrap.h"
#include "podium/metrics/calibration.h"
#include "podium/metrics/metric.h"
#include "podium/metrics/slices.h"

namespace podium {
/// One metric over all test rows; rmse and mae carry an interval from resampled users, if there are at least two.
struct MeasuredMetric {
  std::string name = {};
  double value = 0.0;
  std::optional<Interval> interval = {};
};

/// What the model or a baseline reaches on the test rows.
struct Contender {
  std::string name = {};
  std::string note = {};  // the options that a baseline chose
  std::vector<MeasuredMetric> metrics = {};
  double seconds = 0.0;  // of tuning, fit and prediction; 0 for the model
  /// This one's RMSE less the model's, with its interval over the same resampled users: below 0, it beats the model.
  double rmse_difference = 0.0;
  std::optional<Interval> rmse_difference_interval = {};

  /// The metric of that name. Throws Error if it was not measured.
  const MeasuredMetric& metric(std::string_view metric_name) const;
};

/// How a user or item of the test rows may be new to the model, in test rows.
struct Unseen {
  std::size_t unknown = 0;    // index 0: not in the vocabulary
  std::size_t untrained = 0;  // in the vocabulary, but in no train row
};

struct Evaluation {
  std::size_t rows = 0, users = 0, items = 0;  // of the test; all unknown users count as one, so do items
  Unseen unseen_users = {}, unseen_items = {};
  double confidence = 0.95;  // of all intervals
  Contender model = {};
  std::vector<Contender> baselines = {};
  /// Rising; only those that have rows; values as model.metrics. Empty if the train rows are not known.
  std::vector<SliceMetrics> by_user_activity = {}, by_item_activity = {};
  std::vector<ResidualBin> by_label = {};          // of the model: one per label if they are at most 12, else 12
  std::vector<CalibrationBin> by_prediction = {};  // of the model: up to ten of equal rows
};

/// What is evaluated: rows that the model was not trained on. Spans are [rows] unless they say otherwise.
struct TestRows {
  std::span<const std::uint32_t> users, items;  // indices as features/ encodes them; 0 is unknown
  std::span<const float> labels;
  /// How many train rows each index has, [user rows] and [item rows]; empty if the train rows are not known.
  std::span<const std::uint32_t> train_rows_of_user = {}, train_rows_of_item = {};
};

struct EvaluationOptions {
  std::vector<Metric> metrics = {rmse, mae};  // rmse and mae are appended where they lack
  BootstrapOptions bootstrap = {};
  std::size_t threads = 0;  // 0: all cores; never changes the result
};

/// How often each index occurs, [rows]: what TestRows wants of the train rows. Throws Error for an index out of range.
std::vector<std::uint32_t> count_ids(std::span<const std::uint32_t> ids, std::size_t rows);

/// Measures predictions, [rows] in the labels' unit, and baselines beside them. Throws Error if there are no rows,
/// lengths differ, an index is beyond its train counts, a prediction is not finite, or a metric refuses the labels.
Evaluation evaluate_ratings(const TestRows& test, std::span<const float> predictions,
                            std::span<const classics::Baseline> baselines, const EvaluationOptions& options = {});

/// "user+item biases" for "user_item_bias"; a name that it does not know with spaces for underscores.
std::string display_name(std::string_view baseline);
/// Sentences: which baseline is better than the model and by how much, or by how much the model leads.
std::string verdict(const Evaluation& evaluation);
/// A table that lines up (the model and the baselines by metrics with intervals), new users and items, the verdict.
std::string to_text(const Evaluation& evaluation);
}  // namespace podium
