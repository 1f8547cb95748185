#include "podium/train/report_charts.h"

#include <algorithm>
#include <cmath>

#include "podium/train/svg.h"
#include "podium/train/text.h"

namespace podium::train {
namespace {
const double* find(const NamedValues& values, const std::string& name) {
  const auto found = std::ranges::find(values, name, &NamedValues::value_type::first);
  return found == values.end() || !std::isfinite(found->second) ? nullptr : &found->second;
}

// "rmse" if every epoch measured it, else "loss".
std::string metric_of(const FitReport& fit) {
  const bool has_rmse = std::ranges::all_of(fit.epochs, [](const auto& epoch) { return find(epoch.train, "rmse"); });
  return has_rmse ? "rmse" : "loss";
}

svg::Line curve(const FitReport& fit, const std::string& name, NamedValues EpochReport::*values, const char* style) {
  svg::Line line{.name = name, .style = style, .points = {}, .markers = fit.epochs.size() <= 30};
  const std::string metric = metric_of(fit);
  for (const auto& epoch : fit.epochs) {
    const double* value = find(epoch.*values, metric);
    if (value != nullptr) line.points.emplace_back(static_cast<double>(epoch.epoch), *value);
  }
  return line;
}

// "4", "1.5 to 2.25"
std::string label_text(const ResidualBin& bin) {
  if (bin.lowest == bin.highest) return short_number(bin.lowest);
  return short_number(bin.lowest) + " to " + short_number(bin.highest);
}

std::string rows_text(std::size_t rows) { return grouped(rows) + (rows == 1 ? " row" : " rows"); }

svg::Row contender_row(const Contender& contender, const std::string& name, const char* style) {
  const MeasuredMetric& measured = contender.metric("rmse");
  svg::Row row{.name = name, .value = measured.value, .shown = number(measured.value, 4), .style = style};
  if (measured.interval) row.interval = {measured.interval->low, measured.interval->high};
  return row;
}
}  // namespace

std::string training_chart(const FitReport& fit) {
  svg::LineChart chart{.title = "Training", .x_name = "epoch", .y_name = metric_of(fit), .whole_x = true};
  if (fit.epochs.size() == 1 && fit.step_losses.size() > 1) {
    chart.x_name = "step";
    chart.y_name = "loss";
    svg::Line line{.name = "train", .style = "one", .points = {}, .markers = fit.step_losses.size() <= 30};
    for (std::size_t step = 0; step < fit.step_losses.size(); ++step) {
      line.points.emplace_back(static_cast<double>(step + 1), fit.step_losses[step]);
    }
    chart.lines = {line};
  } else {
    chart.lines = {curve(fit, "train", &EpochReport::train, "one"),
                   curve(fit, "validation", &EpochReport::validation, "two")};
  }
  return svg::chart(chart);
}

std::string training_caption(const FitReport& fit) {
  if (fit.epochs.empty()) return "";
  std::string text = "Train values are running means over the epoch's rows, before each update.";
  const EpochReport& last = fit.epochs.back();
  const std::string metric = metric_of(fit);
  if (const double* value = find(last.train, metric)) {
    text += " Epoch " + std::to_string(last.epoch) + ": train " + metric + " " + number(*value, 4);
    const double* validation = find(last.validation, metric);
    text += validation != nullptr ? ", validation " + number(*validation, 4) + "." : ".";
  }
  if (!last.validation.empty() && fit.best_epoch > 0) {
    text += " The model has the weights of epoch " + std::to_string(fit.best_epoch) + ".";
  }
  return text;
}

std::string contender_dots(const Evaluation& evaluation) {
  std::vector<svg::Row> rows = {contender_row(evaluation.model, "this model", "two")};
  for (const auto& baseline : evaluation.baselines) {
    rows.push_back(contender_row(baseline, display_name(baseline.name), "one"));
  }
  return svg::dots("RMSE of the model and the baselines", rows);
}

std::string calibration_chart(const Evaluation& evaluation) {
  svg::Line line{.name = "", .style = "one"};
  for (const auto& slice : evaluation.by_prediction) line.points.emplace_back(slice.mean_prediction, slice.mean_label);
  return svg::chart({.title = "Mean label by mean prediction",
                     .x_name = "mean prediction",
                     .y_name = "mean label",
                     .lines = {line},
                     .diagonal = true});
}

std::string residual_bars(const Evaluation& evaluation) {
  std::vector<svg::Row> rows;
  for (const auto& bin : evaluation.by_label) {
    rows.push_back({.name = label_text(bin),
                    .value = bin.mean_residual,
                    .shown = (bin.mean_residual > 0.0 ? "+" : "") + number(bin.mean_residual, 2) + " \u00b7 " +
                             rows_text(bin.rows),
                    .interval = std::pair{bin.low, bin.high},
                    .style = bin.mean_residual > 0.0 ? "two" : "one"});
  }
  return svg::bars("Mean residual by label", rows);
}

std::string activity_bars(const std::string& title, const Evaluation& evaluation,
                          const std::vector<SliceMetrics>& slices) {
  const auto& metrics = evaluation.model.metrics;
  const auto place = std::ranges::find(metrics, "rmse", &MeasuredMetric::name) - metrics.begin();
  std::vector<svg::Row> rows;
  for (const auto& slice : slices) {
    const double value = slice.values[static_cast<std::size_t>(place)];
    rows.push_back({.name = slice.name,
                    .value = value,
                    .shown = number(value, 3) + " \u00b7 " + rows_text(slice.rows),
                    .style = "one"});
  }
  return svg::bars(title, rows);
}
}  // namespace podium::train
