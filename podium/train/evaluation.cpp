#include "podium/train/evaluation.h"

#include <algorithm>
#include <cmath>

#include "podium/core/error.h"

namespace podium {
namespace {
void check(const TestRows& test) {
  const std::size_t rows = test.labels.size();
  if (rows == 0) throw Error("evaluation: no test rows; give a larger test share or another file");
  if (test.users.size() != rows || test.items.size() != rows) {
    throw Error("evaluation: " + std::to_string(test.users.size()) + " users, " + std::to_string(test.items.size()) +
                " items and " + std::to_string(rows) + " labels; give one of each per row");
  }
  const auto check_ids = [](std::span<const std::uint32_t> ids, std::size_t counts, const char* what) {
    for (const std::uint32_t id : ids) {
      if (id < counts || counts == 0) continue;
      throw Error(std::string("evaluation: ") + what + " index " + std::to_string(id) + ", but train counts of " +
                  std::to_string(counts) + "; count the train rows with the same features");
    }
  };
  check_ids(test.users, test.train_rows_of_user.size(), "user");
  check_ids(test.items, test.train_rows_of_item.size(), "item");
}

void check(std::span<const float> predictions, std::size_t rows, const std::string& name) {
  if (predictions.size() != rows) {
    throw Error("evaluation: " + std::to_string(predictions.size()) + " predictions of " + name + " for " +
                std::to_string(rows) + " test rows; give one per row");
  }
  for (std::size_t row = 0; row < rows; ++row) {
    if (std::isfinite(predictions[row])) continue;
    throw Error("evaluation: the prediction of " + name + " for test row " + std::to_string(row) +
                " is not a finite number; try a lower learning rate");
  }
}

std::size_t rows_of(std::span<const std::uint32_t> ids) {
  return ids.empty() ? 0 : std::size_t{*std::ranges::max_element(ids)} + 1;
}

std::size_t distinct(std::span<const std::uint32_t> ids) {
  const auto counts = count_ids(ids, rows_of(ids));
  return counts.size() - static_cast<std::size_t>(std::ranges::count(counts, 0U));
}

Unseen count_unseen(std::span<const std::uint32_t> ids, std::span<const std::uint32_t> train_rows) {
  Unseen unseen;
  for (const std::uint32_t id : ids) {
    if (id == 0) {
      ++unseen.unknown;
    } else if (!train_rows.empty() && train_rows[id] == 0) {
      ++unseen.untrained;
    }
  }
  return unseen;
}

std::vector<Metric> with_errors(std::vector<Metric> metrics) {
  for (const Metric& needed : {rmse, mae}) {
    if (std::ranges::find(metrics, needed.name, &Metric::name) == metrics.end()) metrics.push_back(needed);
  }
  return metrics;
}
}  // namespace

const MeasuredMetric& Contender::metric(std::string_view metric_name) const {
  const auto found = std::ranges::find(metrics, metric_name, &MeasuredMetric::name);
  if (found == metrics.end()) throw Error("evaluation: " + std::string(metric_name) + " was not measured; ask for it");
  return *found;
}

std::vector<std::uint32_t> count_ids(std::span<const std::uint32_t> ids, std::size_t rows) {
  std::vector<std::uint32_t> counts(rows, 0);
  for (const std::uint32_t id : ids) {
    if (id >= rows) throw Error("counting ids: index " + std::to_string(id) + " of " + std::to_string(rows));
    ++counts[id];
  }
  return counts;
}

namespace {
/// Measures one contender after another on the same rows and the same resampled users.
class Measuring {
 public:
  Measuring(const TestRows& test, const EvaluationOptions& options)
      : test_(test), options_(options), metrics_(with_errors(options.metrics)), pool_(options.threads) {}

  Contender measure(std::string name, std::span<const float> predictions) {
    check(predictions, test_.labels.size(), name);
    const auto by_user = errors_by_group(predictions, test_.labels, test_.users, rows_of(test_.users));
    // The seed and the rows of each user are the same for all, so resample k has the same users for all.
    resampled_.push_back(resample_groups(by_user, options_.bootstrap, &pool_));
    Contender contender{.name = std::move(name)};
    for (const Metric& metric : metrics_) {
      MeasuredMetric measured{.name = metric.name, .value = metric(predictions, test_.labels)};
      if (metric.name == rmse.name) measured.interval = interval_of([](const auto& k) { return k.back().rmse(); });
      if (metric.name == mae.name) measured.interval = interval_of([](const auto& k) { return k.back().mae(); });
      contender.metrics.push_back(std::move(measured));
    }
    return contender;
  }
  /// Of the contender measured last, against the first.
  std::optional<Interval> difference_interval() const {
    return interval_of([](const auto& k) { return k.back().rmse() - k.front().rmse(); });
  }

 private:
  // number_of takes resample k of every contender so far.
  template <class NumberOf>
  std::optional<Interval> interval_of(NumberOf&& number_of) const {
    std::vector<double> values;
    std::vector<GroupErrors> totals(resampled_.size());
    for (std::size_t k = 0; k < resampled_.back().size(); ++k) {
      for (std::size_t contender = 0; contender < totals.size(); ++contender) {
        totals[contender] = resampled_[contender][k];
      }
      values.push_back(number_of(totals));
    }
    if (values.empty()) return std::nullopt;
    return percentile_interval(std::move(values), options_.bootstrap.confidence);
  }

  const TestRows& test_;
  const EvaluationOptions& options_;
  const std::vector<Metric> metrics_;
  ThreadPool pool_;
  std::vector<std::vector<GroupErrors>> resampled_;  // [contenders][resamples]
};
}  // namespace

Evaluation evaluate_ratings(const TestRows& test, std::span<const float> predictions,
                            std::span<const classics::Baseline> baselines, const EvaluationOptions& options) {
  check(test);
  Measuring measuring(test, options);
  Evaluation evaluation{.rows = test.labels.size(),
                        .users = distinct(test.users),
                        .items = distinct(test.items),
                        .confidence = options.bootstrap.confidence,
                        .model = measuring.measure("model", predictions)};
  for (const auto& baseline : baselines) {
    Contender contender = measuring.measure(baseline.name, baseline.predictions);
    contender.note = baseline.note;
    contender.seconds = baseline.seconds;
    contender.rmse_difference = contender.metric("rmse").value - evaluation.model.metric("rmse").value;
    contender.rmse_difference_interval = measuring.difference_interval();
    evaluation.baselines.push_back(std::move(contender));
  }

  const auto by_activity = [&](std::span<const std::uint32_t> ids, std::span<const std::uint32_t> train_rows) {
    std::vector<SliceMetrics> slices;
    if (train_rows.empty()) return slices;
    slices = metrics_by_slice(predictions, test.labels, activity_slices_of_counts(train_rows, ids),
                              with_errors(options.metrics));
    std::erase_if(slices, [](const SliceMetrics& slice) { return slice.rows == 0; });
    return slices;
  };
  evaluation.unseen_users = count_unseen(test.users, test.train_rows_of_user);
  evaluation.unseen_items = count_unseen(test.items, test.train_rows_of_item);
  evaluation.by_user_activity = by_activity(test.users, test.train_rows_of_user);
  evaluation.by_item_activity = by_activity(test.items, test.train_rows_of_item);
  evaluation.by_label = residuals_by_label(predictions, test.labels, 12);
  evaluation.by_prediction = calibration(predictions, test.labels, 10);
  return evaluation;
}
}  // namespace podium
