#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "podium/recipe/recipe.h"
#include "podium/train/evaluation.h"
#include "podium/train/trainer.h"

namespace podium {
struct RunOptions {
  std::string out = "models";  // the folder of models
  std::string name = {};       // the model's name below it
  bool saves = true;
  bool resumes = false;  // goes on from OUT/NAME/.checkpoint, if there is one
  bool baselines = true;
  bool report = true;     // report.html
  bool optimizer = true;  // keeps the optimizer's slots with the model, for a later training
};

/// Who looks on while a recipe runs. Called from the thread that runs it.
class Watcher {
 public:
  virtual ~Watcher() = default;
  /// A part begins: "read", "encode", "fit", "evaluate", "baselines", "save".
  virtual void part(const std::string& /*name*/) {}
  virtual void step(const StepProgress& /*progress*/) {}
  virtual void epoch(const EpochReport& /*report*/) {}
  virtual void note(const std::string& /*text*/) {}
  /// Asked after every step; true saves a checkpoint and stops.
  virtual bool wants_to_stop() { return false; }
};

/// Wall time of each part, in seconds.
struct RunSeconds {
  double read = 0.0, encode = 0.0, fit = 0.0, evaluate = 0.0, baselines = 0.0, save = 0.0, total = 0.0;
};

/// What a recipe comes to before the first step.
struct RunPlan {
  std::size_t train_rows = 0, validation_rows = 0, test_rows = 0;
  /// Rows that stand in both the given train and test files, equal in every column that is read; 0 for a split.
  std::size_t shared_rows = 0;
  struct Feature {
    std::string column, type;
    std::size_t values = 0;  // of its vocabulary, without the unknown; 0 for a number
    std::size_t unknown_test_rows = 0;
    std::size_t new_values = 0;  // that the model to go on from lacks
  };
  std::string from;  // the directory of that model, or ""
  std::vector<Feature> features;
  std::size_t parameters = 0, steps_per_epoch = 0;
  std::uint64_t memory_bytes = 0;  // about what training will need at its peak
  std::string kernel;
};

struct RunResult {
  RunPlan plan;
  FitReport fit;
  std::optional<Evaluation> evaluation;  // none if it was stopped, or if there are no test rows
  RunSeconds seconds;
  std::uint64_t peak_memory_bytes = 0;  // of this process so far
  std::string model;                    // the directory that was published, or ""
  std::string example_user;             // one that the model knows
  std::string checkpoint;               // where to go on from, if it was stopped
  bool is_stopped = false;
};

/// Reads the data that a recipe names (only its columns), splits it, fits the features, trains, evaluates on the test
/// rows beside baselines, and publishes the model as the next version of OUT/NAME. The same recipe and data give the
/// same model, bit for bit, on any number of threads, stopped and resumed or not.
/// Throws Error for whatever is wrong with the recipe, the data or the disk; nothing half-made is left.
RunResult run(const Recipe& recipe, const RunOptions& options, Watcher& watcher);

/// What `run` would do, without doing it: reads the data and fits the features.
RunPlan plan(Recipe recipe, Watcher& watcher);

/// How good a published model is.
struct ModelEvaluation {
  std::string model;  // its directory
  std::vector<std::string> files;
  Evaluation evaluation;
  bool is_recorded = false;  // of the test rows that it was published with
};

struct EvaluateOptions {
  std::vector<std::string> data = {};  // files; none: the recorded sources, split as the recipe says
  bool baselines = true;               // only beside recorded test rows: elsewhere there is nothing to fit them on
  std::size_t threads = 0;
};

/// Reads the recorded sources again, verifies their checksums and repeats the split, or reads other files; measures the
/// model. Throws Error if a source is not there or has changed since.
ModelEvaluation evaluate_model(const std::string& path, const EvaluateOptions& options, Watcher& watcher);
}  // namespace podium
