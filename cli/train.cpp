#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "cli/progress.h"
#include "cli/stop.h"
#include "cli/train_text.h"
#include "cli/verbs.h"
#include "podium/recipe/record.h"
#include "podium/recipe/run.h"

namespace podium::cli {
namespace {
struct Flags {
  std::string recipe, out = "models", name, kernel;
  std::vector<std::string> set;
  std::size_t threads = 0;
  bool resume = false, dry_run = false, no_baselines = false, no_report = false;
  bool step_losses = false, json = false, quiet = false;
};

std::string values_text(const NamedValues& values) {
  std::string text;
  std::array<char, 64> number{};
  for (const auto& [name, value] : values) {
    std::snprintf(number.data(), number.size(), "%.4f", value);
    text += (text.empty() ? "" : "  ") + name + " " + number.data();
  }
  return text;
}

class Narrator : public Watcher {
 public:
  explicit Narrator(bool is_quiet) : progress_(is_quiet) {}

  void part(const std::string& name) override { progress_.start(name); }
  void step(const StepProgress& step) override {
    const std::size_t done = (step.epoch - 1) * step.steps_per_epoch + step.step;
    progress_.update(done, step.epochs * step.steps_per_epoch,
                     "epoch " + std::to_string(step.epoch) + " of " + std::to_string(step.epochs) + "  " + short_);
    epochs_ = step.epochs;
  }
  void epoch(const EpochReport& report) override {
    short_ = values_text({report.train.front()});
    std::string text = values_text(report.train);
    if (!report.validation.empty()) {
      text += "  validation " + values_text(report.validation);
      short_ += "  validation " + values_text({report.validation.front()});
    }
    progress_.line("epoch " + std::to_string(report.epoch) + " of " + std::to_string(epochs_) + "  " + text);
  }
  void note(const std::string& text) override { progress_.warn(text); }
  bool wants_to_stop() override { return stop_was_requested(); }
  void finish() { progress_.clear(); }

 private:
  Progress progress_;
  std::string short_;  // the last epoch in a few words
  std::size_t epochs_ = 0;
};

std::string resume_command(const Flags& flags) {
  std::string command = "podium train " + shell_word(flags.recipe) + " --out " + shell_word(flags.out);
  if (!flags.name.empty()) command += " --name " + shell_word(flags.name);
  for (const auto& assignment : flags.set) command += " --set " + shell_word(assignment);
  if (!flags.kernel.empty()) command += " --kernel " + flags.kernel;
  return command + " --resume";
}

void train(const Flags& flags) {
  std::vector<std::string> overrides = flags.set;
  if (!flags.kernel.empty()) overrides.push_back("train.kernel=\"" + flags.kernel + "\"");
  if (flags.threads > 0) overrides.push_back("train.threads=" + std::to_string(flags.threads));
  const Recipe recipe = read_recipe(flags.recipe, overrides);
  RunOptions options{.out = flags.out,
                     .name = flags.name.empty() ? recipe_name(flags.recipe) : flags.name,
                     .resumes = flags.resume,
                     .baselines = !flags.no_baselines,
                     .report = !flags.no_report};
  Narrator narrator(flags.quiet);
  if (flags.dry_run) {
    const RunPlan planned = plan(recipe, narrator);
    narrator.finish();
    std::cout << (flags.json ? recipe::plan_json(planned) + "\n" : plan_text(planned, recipe));
    return;
  }
  catch_stop_signals();
  const RunResult result = run(recipe, options, narrator);
  narrator.finish();
  if (flags.json) {
    std::cout << recipe::result_json(result, flags.step_losses) << '\n';
  } else if (!result.is_stopped) {
    std::cout << result_text(result);
  }
  if (result.is_stopped) {
    std::cerr << "podium: stopped; the checkpoint is " << result.checkpoint << "; go on with `" << resume_command(flags)
              << "`\n";
    std::cout.flush();
    throw Exit{kInterrupted};
  }
}
}  // namespace

void add_train(CLI::App& app) {
  auto* verb = app.add_subcommand("train", "Train a recipe: read, split, fit, evaluate, save as the next version");
  auto flags = std::make_shared<Flags>();
  verb->add_option("recipe", flags->recipe, "the recipe, a TOML file (see `podium help recipe`)")->required();
  verb->add_option("--out", flags->out, "the folder of models")->capture_default_str();
  verb->add_option("--name", flags->name, "the model's name below it; the recipe's name by default");
  verb->add_option("--set", flags->set, "key=value: overrides a key of the recipe; may be repeated")
      ->allow_extra_args(false)
      ->trigger_on_parse(false);
  verb->add_flag("--resume", flags->resume, "go on from the checkpoint of a run that was stopped or killed");
  verb->add_flag("--dry-run", flags->dry_run, "say rows, parameters and memory, and stop");
  verb->add_flag("--no-baselines", flags->no_baselines, "fit no baselines beside the model");
  verb->add_flag("--no-report", flags->no_report, "write no report.html");
  verb->add_flag("--step-losses", flags->step_losses, "with --json: every step's loss too");
  verb->add_flag("--json", flags->json, "print one JSON object instead of the table");
  verb->add_flag("--quiet", flags->quiet, "no progress and no notes");
  verb->add_option("--kernel", flags->kernel, "pin the dense layers' kernel, for the same bits on another CPU");
  verb->add_option("--threads", flags->threads, "default: all cores; never changes the result")
      ->check(CLI::NonNegativeNumber);
  verb->footer(
      "Examples:\n"
      "  podium train examples/movielens/ranking.toml --out models\n"
      "  podium train my.toml --set train.epochs=10 --set data.path=new.csv --name new\n"
      "  podium train my.toml --dry-run\n"
      "  podium train my.toml --json --quiet | jq .test.rmse\n"
      "\n"
      "Ctrl-C finishes the step, saves a checkpoint, says how to go on, and exits with 130.");
  verb->callback([flags] { train(*flags); });
}
}  // namespace podium::cli
