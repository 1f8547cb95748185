#include "podium/recipe/record.h"

#include <sys/utsname.h>

#include <cmath>
#include <ctime>
#include <nlohmann/json.hpp>

#include "podium/core/thread_pool.h"
#include "podium/train/report.h"
#include "podium/train/text.h"

namespace podium::recipe {
namespace {
using Json = nlohmann::ordered_json;

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json values_json(const NamedValues& values) {
  Json json = Json::object();
  for (const auto& [name, value] : values) json[name] = number(value);
  return json;
}

Json metrics_of(const Contender& contender) {
  Json json = Json::object();
  for (const auto& metric : contender.metrics) json[metric.name] = number(metric.value);
  return json;
}

Json intervals_of(const Contender& contender) {
  Json json = Json::object();
  for (const auto& metric : contender.metrics) {
    if (metric.interval) json[metric.name] = {number(metric.interval->low), number(metric.interval->high)};
  }
  return json;
}

void add_evaluation(Json& json, const Evaluation& evaluation) {
  json["test"] = metrics_of(evaluation.model);
  json["intervals"] = intervals_of(evaluation.model);
  json["baselines"] = Json::object();
  json["baseline_intervals"] = Json::object();
  for (const auto& baseline : evaluation.baselines) {
    json["baselines"][baseline.name] = metrics_of(baseline);
    json["baseline_intervals"][baseline.name] = intervals_of(baseline);
  }
  json["unseen"] = {{"unknown_user_rows", evaluation.unseen_users.unknown},
                    {"untrained_user_rows", evaluation.unseen_users.untrained},
                    {"unknown_item_rows", evaluation.unseen_items.unknown},
                    {"untrained_item_rows", evaluation.unseen_items.untrained}};
}

Json epochs_json(const FitReport& fit) {
  Json epochs = Json::array();
  for (const auto& report : fit.epochs) {
    Json epoch = {{"epoch", report.epoch}, {"train", values_json(report.train)}};
    if (!report.validation.empty()) epoch["validation"] = values_json(report.validation);
    epoch["seconds"] = report.seconds;
    epochs.push_back(std::move(epoch));
  }
  return epochs;
}

Json seconds_json(const RunSeconds& seconds) {
  return {{"read", seconds.read},         {"encode", seconds.encode},       {"fit", seconds.fit},
          {"evaluate", seconds.evaluate}, {"baselines", seconds.baselines}, {"save", seconds.save},
          {"total", seconds.total}};
}

Json rows_json(const RunPlan& plan) {
  Json rows = {{"train", plan.train_rows}, {"test", plan.test_rows}};
  if (plan.validation_rows > 0) rows["validation"] = plan.validation_rows;
  if (plan.shared_rows > 0) rows["shared"] = plan.shared_rows;
  return rows;
}
}  // namespace

std::string metrics_json(const Evaluation& evaluation) {
  Json json = Json::object();
  add_evaluation(json, evaluation);
  return json.dump();
}

std::string split_json(const Recipe& recipe, const RunPlan& plan) {
  Json json =
      recipe.data.train.empty() ? Json::parse(to_json_text(write_field(recipe.data.split))) : Json{{"kind", "files"}};
  json["rows"] = rows_json(plan);
  return json.dump();
}

std::string run_json(const Recipe& recipe, const RunResult& result) {
  utsname machine{};
  uname(&machine);
  const std::time_t now = std::time(nullptr);
  char finished[32] = "";
  std::tm utc{};
  if (gmtime_r(&now, &utc) != nullptr) std::strftime(finished, sizeof finished, "%Y-%m-%dT%H:%M:%SZ", &utc);
  const Json json = {{"finished", finished},
                     {"seconds", seconds_json(result.seconds)},
                     {"epochs", epochs_json(result.fit)},
                     {"best_epoch", result.fit.best_epoch},
                     {"threads", recipe.train.threads == 0 ? available_cores() : recipe.train.threads},
                     {"kernel", result.plan.kernel},
                     {"peak_memory_bytes", result.peak_memory_bytes},
                     {"machine", std::string(machine.sysname) + " " + machine.release + " " + machine.machine}};
  return json.dump();
}

std::string resume_json(const Recipe& recipe, std::uint64_t steps) {
  const Json json = {{"step", steps}, {"optimizer", Json::parse(to_json_text(write_field(recipe.train.optimizer)))}};
  return json.dump();
}

std::string report_of(const Recipe& recipe, const RunOptions& options, const std::vector<Source>& sources,
                      const RunResult& result) {
  const auto seconds = [](double value) { return train::number(value, 3) + " s"; };
  ReportFacts data{.heading = "Data", .rows = {}};
  for (const auto& source : sources) {
    data.rows.emplace_back(source.role,
                           source.path + (source.rows == 0 ? "" : ", " + train::grouped(source.rows) + " rows"));
  }
  data.rows.emplace_back("user, item, label", recipe.data.user + ", " + recipe.data.item + ", " + recipe.task.label);
  ReportFacts model{.heading = "Model", .rows = {}};
  for (const auto& feature : result.plan.features) {
    model.rows.emplace_back(feature.column,
                            feature.values == 0 ? "a number" : train::grouped(feature.values) + " values");
  }
  model.rows.emplace_back("kernel", result.plan.kernel);
  const ReportFacts times{.heading = "Time",
                          .rows = {{"read", seconds(result.seconds.read)},
                                   {"encode", seconds(result.seconds.encode)},
                                   {"fit", seconds(result.seconds.fit)},
                                   {"evaluate", seconds(result.seconds.evaluate)},
                                   {"baselines", seconds(result.seconds.baselines)},
                                   {"peak memory", bytes_text(result.peak_memory_bytes)}}};
  ReportData report{
      .title = options.name,
      .subtitle = "predicts " + recipe.task.label + " of " + recipe.data.item + " for " + recipe.data.user,
      .headlines = {{"train rows", train::grouped(result.plan.train_rows)},
                    {"test rows", train::grouped(result.plan.test_rows)},
                    {"parameters", train::grouped(result.plan.parameters)}},
      .fit = result.fit,
      .evaluation = result.evaluation,
      .facts = {data, model, times},
      .recipe = to_toml(recipe)};
  return report_html(report);
}

std::string result_json(const RunResult& result, bool with_step_losses) {
  Json json = {{"epochs", epochs_json(result.fit)}};
  if (with_step_losses) json["step_losses"] = result.fit.step_losses;
  json["best_epoch"] = result.fit.best_epoch;
  if (result.evaluation) add_evaluation(json, *result.evaluation);
  json["seconds"] = seconds_json(result.seconds);
  json["rows"] = rows_json(result.plan);
  json["parameters"] = result.plan.parameters;
  json["peak_memory_bytes"] = result.peak_memory_bytes;
  json["kernel"] = result.plan.kernel;
  json["model"] = result.model.empty() ? Json(nullptr) : Json(result.model);
  if (result.is_stopped) json["checkpoint"] = result.checkpoint;
  return json.dump(1);
}

std::string plan_json(const RunPlan& plan) {
  Json features = Json::array();
  for (const auto& feature : plan.features) {
    features.push_back({{"column", feature.column},
                        {"type", feature.type},
                        {"values", feature.values},
                        {"unknown_test_rows", feature.unknown_test_rows}});
    if (!plan.from.empty()) features.back()["new_values"] = feature.new_values;
  }
  Json json = {{"rows", rows_json(plan)},           {"features", features},
               {"parameters", plan.parameters},     {"steps_per_epoch", plan.steps_per_epoch},
               {"memory_bytes", plan.memory_bytes}, {"kernel", plan.kernel}};
  if (!plan.from.empty()) json["from"] = plan.from;
  return json.dump(1);
}

std::string evaluation_json(const ModelEvaluation& evaluation) {
  Json json = {{"model", evaluation.model}};
  add_evaluation(json, evaluation.evaluation);
  json["rows"] = {{"test", evaluation.evaluation.rows}};
  json["files"] = evaluation.files;
  json["recorded"] = evaluation.is_recorded;
  return json.dump(1);
}

History history_of(const IdPairs& ids, std::span<const std::int64_t> times, std::size_t user_rows) {
  // A counting sort by user that keeps the rows' order; an unknown item is no candidate.
  History history;
  history.offsets.assign(user_rows + 1, 0);
  for (std::size_t i = 0; i < ids.users.size(); ++i) {
    if (ids.items[i] != 0) ++history.offsets[ids.users[i] + 1];
  }
  for (std::size_t user = 0; user < user_rows; ++user) history.offsets[user + 1] += history.offsets[user];
  history.items.resize(history.offsets.back());
  if (!times.empty()) history.times.resize(history.items.size());
  auto next = history.offsets;
  for (std::size_t i = 0; i < ids.users.size(); ++i) {
    if (ids.items[i] == 0) continue;
    const std::uint64_t place = next[ids.users[i]]++;
    history.items[place] = ids.items[i] - 1;
    if (!times.empty()) history.times[place] = times[i];
  }
  return history;
}
}  // namespace podium::recipe
