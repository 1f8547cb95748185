#include "podium/recipe/run.h"

#include <sys/resource.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <new>
#include <stdexcept>
#include <utility>

#include "podium/core/error.h"
#include "podium/core/publish.h"
#include "podium/core/safetensors.h"
#include "podium/model/save.h"
#include "podium/recipe/checkpointing.h"
#include "podium/recipe/from.h"
#include "podium/recipe/measure.h"
#include "podium/recipe/prepare.h"
#include "podium/recipe/record.h"
#include "podium/train/train_state.h"

namespace podium {
namespace {
using Clock = std::chrono::steady_clock;

double since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

std::uint64_t peak_memory() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;  // Linux counts in kB
}

void check_model_name(const std::string& name) {
  const bool is_number = name.find_first_not_of("0123456789") == std::string::npos;
  if (name.empty() || name.front() == '.' || name.find('/') != std::string::npos || is_number) {
    throw Error("\"" + name +
                "\" cannot name a model; take a name without '/', not a number, not beginning with a dot");
  }
}

void load_initial_weights(const std::string& path, Model& model) {
  const Safetensors file(path);
  for (auto& tensor : model.weights().tensors) {
    const auto& found = file.tensor(tensor.name);
    if (found.shape != tensor.shape) {
      throw Error(path + ": " + tensor.name + " is " + nn::text_of(found.shape) + " and the model needs " +
                  nn::text_of(tensor.shape) + "; train.init wants weights of this very model");
    }
    const auto values = file.floats(tensor.name);
    std::copy(values.begin(), values.end(), tensor.values.begin());
  }
}

/// Keeps the optimizer's slots, for a training that goes on from this model.
void keep_optimizer(const Recipe& recipe, const Trainer& trainer, ModelRecord& record) {
  const auto state = std::make_shared<const TrainState>(trainer.state());
  for (const auto& group : state->optimizer.slots) {
    for (const auto& slot : group) record.resume.push_back(view_of(slot.name, slot.shape, slot.values));
  }
  record.resume_state = recipe::resume_json(recipe, state->optimizer.step);
  record.storage = state;
}

ModelRecord record_of(const Recipe& recipe, const RunOptions& options, const recipe::RecipeData& data,
                      const recipe::Prepared& prepared, const Trainer& trainer, const RunResult& result) {
  ModelRecord record;
  record.sources = data.sources;
  record.split = recipe::split_json(recipe, prepared.plan);
  record.recipe = to_json(recipe);
  if (result.evaluation) record.metrics = recipe::metrics_json(*result.evaluation);
  record.run = recipe::run_json(recipe, result);
  if (options.report) record.report = recipe::report_of(recipe, options, data.sources, result);
  if (recipe.save.history && prepared.user.is_own && prepared.item.is_own) {
    const auto rows = recipe::trained_on(prepared.train, prepared.validation);
    record.history = recipe::history_of({rows.users, rows.items}, prepared.times, prepared.user.rows);
  }
  if (!prepared.item.is_own) {
    record.candidates = std::get<StringVocabulary>(prepared.item.features.encoders.front()).values();
  }
  if (options.optimizer) keep_optimizer(recipe, trainer, record);
  return record;
}

/// Everything of one run that lives from part to part.
class Run {
 public:
  Run(Recipe recipe, const RunOptions& options, Watcher& watcher)
      : recipe_(std::move(recipe)),
        options_(options),
        watcher_(watcher),
        folder_((std::filesystem::path(options.out) / options.name).string()) {}

  RunResult operator()() {
    if (options_.saves) check_model_name(options_.name);
    read_and_encode();
    fit();
    if (result_.is_stopped) return finished();
    if (prepared_.plan.test_rows > 0) {
      const recipe::Measured on{.user = prepared_.user,
                                .item = prepared_.item,
                                .rows = recipe::trained_on(prepared_.train, prepared_.validation),
                                .test = prepared_.test,
                                .baselines = options_.baselines,
                                .threads = recipe_.train.threads};
      result_.evaluation = recipe::measure(recipe_, *model_, on, result_.seconds, watcher_);
    }
    if (options_.saves) publish();
    return finished();
  }

 private:
  void read_and_encode() {
    {
      watcher_.part("read");
      const recipe::Timed timed(result_.seconds.read);
      from_ = recipe::load_from(recipe_);
      if (from_) recipe_ = recipe::with_features_of(std::move(recipe_), *from_);
      data_ = recipe::read_data(recipe_);
    }
    watcher_.part("encode");
    const recipe::Timed timed(result_.seconds.encode);
    prepared_ = recipe::prepare(recipe_, data_, from_ ? &*from_ : nullptr);
    if (from_) data_.sources.push_back(recipe::source_of(*from_));
    data_.table = Table();  // all that follows works on ids
    result_.plan = prepared_.plan;
    result_.example_user = recipe::first_user(prepared_);
    recipe::check_memory(prepared_.plan);
  }

  void fit() {
    watcher_.part("fit");
    const recipe::Timed timed(result_.seconds.fit);
    model_.emplace(prepared_.builder, prepared_.features, recipe::build_model_options(recipe_));
    if (!recipe_.train.init.empty()) load_initial_weights(recipe_.train.init, *model_);
    trainer_.emplace(*model_, recipe::build_task(recipe_), recipe_.train.optimizer);
    if (from_) recipe::go_on(*from_, recipe_, *model_, *trainer_, watcher_);
    from_.reset();
    checkpoint_.emplace(real_files(), folder_, recipe::binding_of(recipe_, data_.sources, prepared_.plan.kernel),
                        recipe_);
    resume();
    trainer_->on_step([&](const StepProgress& progress) {
      watcher_.step(progress);
      if (options_.saves) checkpoint_->after_step(*model_, *trainer_);
      return !watcher_.wants_to_stop();
    });
    trainer_->on_epoch([&](const EpochReport& report) { watcher_.epoch(report); });
    const bool validates = prepared_.plan.validation_rows > 0;
    result_.fit =
        trainer_->fit(prepared_.train.batch, prepared_.train.labels, validates ? &prepared_.validation.batch : nullptr,
                      prepared_.validation.labels, recipe::build_train_options(recipe_));
    result_.is_stopped = result_.fit.stopped || watcher_.wants_to_stop();
    if (result_.is_stopped && options_.saves) {
      checkpoint_->save(*model_, *trainer_);
      result_.checkpoint = checkpoint_->path();
    }
  }

  void resume() {
    if (!options_.saves) return;
    checkpoint_->check_place();
    if (!options_.resumes) {
      if (checkpoint_->exists())
        watcher_.note(checkpoint_->path() + " is left from a stopped run; it is not used (--resume would)");
      return;
    }
    if (checkpoint_->exists()) {
      checkpoint_->restore(*model_, *trainer_);
    } else {
      watcher_.note("there is no checkpoint in " + folder_ + "; the training starts anew");
    }
  }

  void publish() {
    watcher_.part("save");
    const recipe::Timed timed(result_.seconds.save);
    result_.peak_memory_bytes = peak_memory();
    result_.seconds.total = since(begin_);
    result_.model = save(*model_, record_of(recipe_, options_, data_, prepared_, *trainer_, result_), folder_);
    checkpoint_->remove();
  }

  RunResult finished() {
    result_.peak_memory_bytes = peak_memory();
    result_.seconds.total = since(begin_);
    return std::move(result_);
  }

  Recipe recipe_;
  const RunOptions& options_;
  Watcher& watcher_;
  std::string folder_;
  Clock::time_point begin_ = Clock::now();
  std::optional<LoadedModel> from_;  // until its weights are carried over
  recipe::RecipeData data_;
  recipe::Prepared prepared_;
  std::optional<Model> model_;
  std::optional<Trainer> trainer_;
  std::optional<recipe::Checkpointing> checkpoint_;
  RunResult result_;
};
}  // namespace

RunResult run(const Recipe& recipe, const RunOptions& options, Watcher& watcher) {
  try {
    return Run(recipe, options, watcher)();
  } catch (const std::bad_alloc&) {
    throw Error("out of memory; make the features' dim, the model's hidden layers or train.batch_size smaller");
  } catch (const std::length_error&) {
    throw Error("the model is too large; make the features' dim or the model's hidden layers smaller");
  }
}

RunPlan plan(Recipe recipe, Watcher& watcher) {
  watcher.part("read");
  const auto from = recipe::load_from(recipe);
  if (from) recipe = recipe::with_features_of(std::move(recipe), *from);
  const recipe::RecipeData data = recipe::read_data(recipe);
  watcher.part("encode");
  return recipe::prepare(recipe, data, from ? &*from : nullptr).plan;
}
}  // namespace podium
