#include "podium/train/trainer.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>
#include <optional>
#include <ostream>

#include "podium/core/error.h"
#include "podium/core/random.h"
#include "podium/nn/regularization.h"
#include "podium/nn/training_step.h"
#include "podium/train/train_state.h"

namespace podium {
namespace {
constexpr std::uint64_t kShuffleStream = 1, kDropoutStream = 2;  // forks of the seed

std::vector<std::uint32_t> order_of(const TrainOptions& options, std::size_t epoch, std::size_t rows) {
  if (options.shuffle == Shuffle::none) {
    std::vector<std::uint32_t> order(rows);
    std::iota(order.begin(), order.end(), 0U);
    return order;
  }
  return permutation(Random(options.seed).fork(kShuffleStream), options.shuffle == Shuffle::once ? 0 : epoch, rows);
}

using Accumulators = std::vector<std::unique_ptr<Accumulator>>;

Accumulators accumulators_of(const std::vector<Metric>& metrics) {
  Accumulators made;
  for (const Metric& metric : metrics) made.push_back(metric.make());
  return made;
}

void append_results(const std::vector<Metric>& metrics, const Accumulators& accumulators, NamedValues& values) {
  for (std::size_t i = 0; i < metrics.size(); ++i) values.emplace_back(metrics[i].name, accumulators[i]->result());
}

[[noreturn]] void refuse_loss(double loss, std::size_t epoch, std::size_t step) {
  throw Error("training: the loss is " + std::to_string(loss) + " at step " + std::to_string(step) + " of epoch " +
              std::to_string(epoch) + "; try a smaller learning_rate, a global_clipnorm, or look for extreme labels");
}
}  // namespace

std::ostream& operator<<(std::ostream& out, const NamedValues& values) {
  const auto precision = out.precision(4);
  const auto flags = out.setf(std::ios::fixed, std::ios::floatfield);
  for (std::size_t i = 0; i < values.size(); ++i)
    out << (i > 0 ? "  " : "") << values[i].first << ' ' << values[i].second;
  out.flags(flags);
  out.precision(precision);
  return out << '\n';
}

std::vector<float> labels_of(const TableView& rows, const std::string& name) {
  const Column& column = rows.table().column(name);
  if (std::holds_alternative<Strings>(column.values)) {
    throw Error("label column \"" + name + "\" is text; read it as numbers");
  }
  std::vector<float> labels;
  labels.reserve(rows.rows());
  for (const std::uint32_t row : rows.row_numbers()) {
    const auto* whole = std::get_if<std::vector<std::int64_t>>(&column.values);
    const double label =
        whole != nullptr ? static_cast<double>((*whole)[row]) : std::get<std::vector<double>>(column.values)[row];
    const bool missing = std::ranges::binary_search(column.missing, std::uint64_t{row});
    if (missing || !std::isfinite(static_cast<float>(label))) {
      throw Error("label column \"" + name + "\" is not a finite number in row " + std::to_string(row + 1) +
                  "; remove the row or mend it");
    }
    labels.push_back(static_cast<float>(label));
  }
  return labels;
}

/// What a model's loss on some rows is made of, and its predictions.
struct Trainer::Losses {
  double of_rows = 0.0, regularization = 0.0;
  std::vector<float> predictions = {};
};

struct Trainer::Running {
  Running(Model& trained, Ranking its_task, Optimizer by) : model(trained), task(std::move(its_task)), optimizer(by) {}

  Model& model;
  Ranking task;
  Optimizer optimizer;
  std::function<bool(const StepProgress&)> watch_step;
  std::function<void(const EpochReport&)> watch_epoch;
  std::optional<TrainState> restored;

  // Of the fit() under way, or the last one.
  TrainState done;  // but for the optimizer's state and the accumulators'
  nn::OptimizerState* optimizer_state = nullptr;
  nn::OptimizerState last_optimizer_state;
  Accumulators accumulators;

  void start_epoch() {
    accumulators = accumulators_of(task.metrics);
    done.loss_sum = done.regularization_sum = 0.0;
    done.step = 0;
  }
  EpochReport report(std::size_t rows, std::size_t steps) const {
    EpochReport epoch;
    epoch.epoch = done.epoch + 1;
    const double regularization = done.regularization_sum / static_cast<double>(steps);
    epoch.train.emplace_back("loss", done.loss_sum / static_cast<double>(rows) + regularization);
    if (regularization > 0.0) epoch.train.emplace_back("regularization", regularization);
    append_results(task.metrics, accumulators, epoch.train);
    return epoch;
  }
  // Keeps the best weights; true when it is time to stop.
  bool judge(double validation_loss, const EarlyStopping& rule) {
    if (rule.patience == 0) return false;
    if (validation_loss < done.best_loss - rule.min_delta) {
      done.best_loss = validation_loss;
      done.best_epoch = done.epoch;
      done.best_weights = model.weights();
    }
    return done.epoch - done.best_epoch >= rule.patience;
  }
};

Trainer::Trainer(Model& model, Ranking task, Optimizer optimizer)
    : running_(std::make_unique<Running>(model, std::move(task), optimizer)) {
  nn::check(running_->optimizer);
}
Trainer::~Trainer() = default;

void Trainer::on_step(std::function<bool(const StepProgress&)> watch) { running_->watch_step = std::move(watch); }
void Trainer::on_epoch(std::function<void(const EpochReport&)> watch) { running_->watch_epoch = std::move(watch); }

TrainState Trainer::state() const {
  TrainState state = running_->done;
  state.optimizer = running_->optimizer_state != nullptr ? *running_->optimizer_state : running_->last_optimizer_state;
  for (const auto& accumulator : running_->accumulators) state.metrics.push_back(accumulator->state());
  return state;
}

void Trainer::restore(TrainState state) {
  const auto wanted = nn::initial_state(running_->optimizer, running_->model.graph());
  const auto fits = [](const std::vector<nn::Tensor>& left, const std::vector<nn::Tensor>& right) {
    return std::ranges::equal(left, right, [](const nn::Tensor& a, const nn::Tensor& b) {
      return a.name == b.name && a.shape == b.shape && a.values.size() == b.values.size();
    });
  };
  if (!std::ranges::equal(state.optimizer.slots, wanted.slots, fits)) {
    throw Error("training: the state to go on from belongs to another model or optimizer; start anew without it");
  }
  if (!state.best_weights.tensors.empty()) nn::check_weights(running_->model.graph(), state.best_weights);
  running_->restored = std::move(state);
}

FitReport Trainer::fit(const TableView& train, const TrainOptions& options) {
  const Batch encoded = encode(running_->model.features(), train);
  return fit(encoded, labels_of(train, running_->task.label), nullptr, {}, options);
}

FitReport Trainer::fit(const TableView& train, const TableView& validation, const TrainOptions& options) {
  const Features& features = running_->model.features();
  const Batch encoded = encode(features, train), held_out = encode(features, validation);
  return fit(encoded, labels_of(train, running_->task.label), &held_out, labels_of(validation, running_->task.label),
             options);
}

FitReport Trainer::fit(const Batch& train, std::span<const float> labels, const Batch* validation,
                       std::span<const float> validation_labels, const TrainOptions& options) {
  if (train.rows == 0) throw Error("training: no rows to train on");
  if (labels.size() != train.rows || (validation != nullptr && validation_labels.size() != validation->rows)) {
    throw Error("training: give one label for each row");
  }
  if (options.batch_size == 0) throw Error("training: batch_size is 0; give at least 1");
  if (options.early_stopping.patience > 0 && (validation == nullptr || validation->rows == 0)) {
    throw Error("training: early stopping needs validation rows; set a part of the train rows aside");
  }
  Running& running = *running_;
  ThreadPool pool(options.threads);
  nn::TrainingStep step(running.model.graph(), running.model.weights(), running.optimizer,
                        gemm_kernel(running.model.options().kernel), pool,
                        Random(options.seed).fork(kDropoutStream).seed());
  running.optimizer_state = &step.state();
  const struct Forget {  // also when a step throws: the state goes with this function
    Running& of;
    ~Forget() { of.optimizer_state = nullptr; }
  } forget{running};
  running.done = TrainState{};
  running.start_epoch();
  if (running.restored) {
    running.done = std::move(*running.restored);
    step.state() = std::move(running.done.optimizer);
    for (std::size_t i = 0; i < running.done.metrics.size() && i < running.accumulators.size(); ++i) {
      running.accumulators[i]->restore(running.done.metrics[i]);
    }
    running.done.metrics.clear();
    running.restored.reset();
  }

  FitReport report;
  const std::size_t rows = train.rows, batch_size = std::min(options.batch_size, rows);
  const std::size_t steps = (rows + batch_size - 1) / batch_size;
  std::vector<float> predictions(batch_size), batch_labels(batch_size);
  std::vector<std::uint32_t> order;
  bool enough = running.done.epoch > 0 && options.early_stopping.patience > 0 &&
                running.done.epoch - running.done.best_epoch >= options.early_stopping.patience;
  while (running.done.epoch < options.epochs && !enough && !report.stopped) {
    if (order.empty() || options.shuffle == Shuffle::each_epoch) order = order_of(options, running.done.epoch, rows);
    const auto began = std::chrono::steady_clock::now();
    while (running.done.step < steps && !report.stopped) {
      const std::size_t first = running.done.step * batch_size, count = std::min(batch_size, rows - first);
      const auto chosen = std::span<const std::uint32_t>(order).subspan(first, count);
      const auto predicted = std::span(predictions).first(count);
      const auto result = step.run({&train, chosen}, labels, running.task.loss, predicted);
      ++running.done.step;
      if (!std::isfinite(result.loss + result.regularization)) {
        refuse_loss(result.loss + result.regularization, running.done.epoch + 1, running.done.step);
      }
      for (std::size_t r = 0; r < count; ++r) batch_labels[r] = labels[chosen[r]];
      for (const auto& accumulator : running.accumulators)
        accumulator->add(predicted, std::span(batch_labels).first(count));
      running.done.loss_sum += result.loss * static_cast<double>(count);
      running.done.regularization_sum += result.regularization;
      running.done.step_losses.push_back(result.loss + result.regularization);
      const StepProgress progress{running.done.epoch + 1, options.epochs, running.done.step, steps, result.loss};
      if (running.watch_step && !running.watch_step(progress)) report.stopped = true;
    }
    if (running.done.step < steps) break;
    EpochReport epoch = running.report(rows, steps);
    epoch.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    ++running.done.epoch;
    if (validation != nullptr) {
      const Losses losses = losses_of(*validation, validation_labels, options.threads);
      epoch.validation = values_of(losses, validation_labels, running.task.metrics);
      enough = running.judge(losses.of_rows, options.early_stopping);
    }
    running.done.epochs.push_back(epoch);
    running.start_epoch();
    if (running.watch_epoch) running.watch_epoch(epoch);
  }
  const bool keeps_best = !running.done.best_weights.tensors.empty() && !report.stopped;
  if (keeps_best) running.model.weights() = running.done.best_weights;
  report.epochs = running.done.epochs;
  report.step_losses = running.done.step_losses;
  report.steps = report.step_losses.size();
  report.best_epoch = keeps_best ? running.done.best_epoch : running.done.epoch;
  running.last_optimizer_state = std::move(step.state());
  return report;
}

NamedValues Trainer::evaluate(const TableView& rows, const std::vector<Metric>& metrics, std::size_t threads) const {
  return evaluate(encode(running_->model.features(), rows), labels_of(rows, running_->task.label), metrics, threads);
}

NamedValues Trainer::evaluate(const Batch& rows, std::span<const float> labels, const std::vector<Metric>& metrics,
                              std::size_t threads) const {
  return values_of(losses_of(rows, labels, threads), labels, metrics);
}

Trainer::Losses Trainer::losses_of(const Batch& rows, std::span<const float> labels, std::size_t threads) const {
  const Model& model = running_->model;
  Losses found{.of_rows = std::nan(""),
               .regularization = nn::regularization(model.graph(), model.weights(), rows),
               .predictions = model.predict(rows, threads)};
  std::vector<float> losses(rows.rows), slopes(rows.rows);
  running_->task.loss.function(found.predictions, labels, losses, slopes);
  double sum = 0.0;
  for (const float loss : losses) sum += loss;
  if (rows.rows > 0) found.of_rows = sum / static_cast<double>(rows.rows);
  return found;
}

NamedValues Trainer::values_of(const Losses& losses, std::span<const float> labels,
                               const std::vector<Metric>& metrics) {
  NamedValues values = {{"loss", losses.of_rows + losses.regularization}};
  if (losses.regularization > 0.0) values.emplace_back("regularization", losses.regularization);
  const auto accumulators = accumulators_of(metrics);
  for (const auto& accumulator : accumulators) accumulator->add(losses.predictions, labels);
  append_results(metrics, accumulators, values);
  return values;
}
}  // namespace podium
