#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "podium/core/table.h"
#include "podium/metrics/metric.h"
#include "podium/model/model.h"
#include "podium/nn/loss.h"
#include "podium/nn/optimizer_options.h"

namespace podium {
/// Predict `label` (a number column) of each row with the model's first output.
struct Ranking {
  std::string label;
  Loss loss = mean_squared_error;
  std::vector<Metric> metrics = {rmse, mae};  // running values over each epoch's rows, before each update
};

enum class Shuffle {
  once,        // batches made once and reused in every epoch
  each_epoch,  // new batches in every epoch
  none         // the rows' own order
};

/// Stop when the validation loss has not fallen by more than min_delta for `patience` epochs; keep the best weights.
/// Watched is the loss without regularization, whose terms rise while a model still learns what holds for new rows.
struct EarlyStopping {
  std::size_t patience = 0;  // 0: off
  double min_delta = 0.0;
};

struct TrainOptions {
  std::size_t epochs = 5;
  std::size_t batch_size = 8192;
  std::uint64_t seed = 1;  // of shuffles and dropout: same seed, data and build, same model, on any number of threads
  Shuffle shuffle = Shuffle::each_epoch;
  std::size_t threads = 0;  // 0: all cores; never changes the result
  EarlyStopping early_stopping = {};
};

/// Named numbers in an order: {"loss", ...}, {"rmse", ...}. `std::cout << values` prints "rmse 1.1107  mae 0.9423".
using NamedValues = std::vector<std::pair<std::string, double>>;
std::ostream& operator<<(std::ostream& out, const NamedValues& values);

struct EpochReport {
  std::size_t epoch = 0;  // from 1
  /// The loss with regularization in it, "regularization" (its share, if there is any), metrics.
  NamedValues train;
  /// The same of the validation rows by the epoch's last weights; empty without. As in Keras, their loss holds the
  /// regularization too.
  NamedValues validation;
  double seconds = 0.0;  // the training part alone
};

struct FitReport {
  std::vector<EpochReport> epochs;
  std::vector<double> step_losses;  // mean loss of each step's batch with its regularization, before its update
  std::size_t steps = 0;
  std::size_t best_epoch = 0;  // whose weights the model has: the last, or the best of early stopping
  bool stopped = false;        // the stop hook asked for it
};

/// What a step tells who watches; return false to stop after it (the weights stay those of the step's end).
struct StepProgress {
  std::size_t epoch = 0, epochs = 0;          // from 1
  std::size_t step = 0, steps_per_epoch = 0;  // of the epoch, from 1
  double loss = 0.0;
};

/// Everything beyond weights that a training needs to go on as if it had never stopped.
struct TrainState;

/// Trains a model in place.
class Trainer {
 public:
  /// Throws Error if the optimizer's options are out of range.
  Trainer(Model& model, Ranking task, Optimizer optimizer);
  ~Trainer();

  /// Watches every step; see StepProgress.
  void on_step(std::function<bool(const StepProgress&)> watch);
  void on_epoch(std::function<void(const EpochReport&)> watch);

  /// Trains on rows of a table. Throws Error for missing columns, labels that are not finite, no rows, and a loss that
  /// is not finite (at which step, and what to try); the model then holds no promise.
  FitReport fit(const TableView& train, const TrainOptions& options);
  /// The same with validation rows, measured after every epoch.
  FitReport fit(const TableView& train, const TableView& validation, const TrainOptions& options);
  /// The same on rows that are encoded already. validation may be null.
  FitReport fit(const Batch& train, std::span<const float> labels, const Batch* validation,
                std::span<const float> validation_labels, const TrainOptions& options);

  /// The loss of all rows, regularization in it and beside it as in an EpochReport, then metrics.
  /// threads: 0 is all cores; never changes the result.
  NamedValues evaluate(const TableView& rows, const std::vector<Metric>& metrics, std::size_t threads = 0) const;
  NamedValues evaluate(const Batch& rows, std::span<const float> labels, const std::vector<Metric>& metrics,
                       std::size_t threads = 0) const;

  /// What a checkpoint holds besides the model's weights. Call it between steps (in on_step) or after fit().
  TrainState state() const;
  /// Goes on from a state: the next fit() begins there. A state of the optimizer alone makes it go on with its slots
  /// and step from the first epoch. Throws Error if it is of another graph or optimizer.
  void restore(TrainState state);

 private:
  struct Running;
  struct Losses;
  Losses losses_of(const Batch& rows, std::span<const float> labels, std::size_t threads) const;
  static NamedValues values_of(const Losses& losses, std::span<const float> labels, const std::vector<Metric>& metrics);

  std::unique_ptr<Running> running_;
};

/// The label column as floats. Throws Error naming the first row that is missing, not a number or not finite.
std::vector<float> labels_of(const TableView& rows, const std::string& column);
}  // namespace podium
