#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "cli/progress.h"
#include "cli/verbs.h"
#include "podium/recipe/record.h"
#include "podium/recipe/run.h"
#include "podium/train/text.h"

namespace podium::cli {
namespace {
struct Flags {
  std::string model;
  std::vector<std::string> data;
  std::size_t threads = 0;
  bool json = false, quiet = false, no_baselines = false;
};

class Parts : public Watcher {
 public:
  explicit Parts(bool is_quiet) : progress_(is_quiet) {}
  void part(const std::string& name) override { progress_.start(name); }

 private:
  Progress progress_;
};

void evaluate(const Flags& flags) {
  Parts parts(flags.quiet);
  const ModelEvaluation result = evaluate_model(
      flags.model, {.data = flags.data, .baselines = !flags.no_baselines, .threads = flags.threads}, parts);
  if (flags.json) {
    std::cout << recipe::evaluation_json(result) << '\n';
    return;
  }
  std::cout << result.model << " on " << train::grouped(result.evaluation.rows)
            << (result.is_recorded ? " test rows that it was not trained on (the files are unchanged)" : " rows")
            << "\n\n"
            << to_text(result.evaluation);
}
}  // namespace

void add_evaluate(CLI::App& app) {
  auto* verb = app.add_subcommand("evaluate", "Measure a model, with intervals, beside baselines");
  auto flags = std::make_shared<Flags>();
  verb->add_option("model", flags->model, "FOLDER/NAME (its highest version) or FOLDER/NAME/VERSION")->required();
  verb->add_option("--data", flags->data,
                   "files with labels; without any, the test rows of the model's own split, read again and verified")
      ->allow_extra_args(false);
  verb->add_flag("--no-baselines", flags->no_baselines, "fit no baselines beside the model");
  verb->add_flag("--json", flags->json, "print one JSON object");
  verb->add_flag("--quiet", flags->quiet, "no progress");
  verb->add_option("--threads", flags->threads, "default: all cores; never changes the result")
      ->check(CLI::NonNegativeNumber);
  verb->footer(
      "Examples:\n"
      "  podium evaluate models/ranking\n"
      "  podium evaluate models/ranking/1 --data last_week.csv --json");
  verb->callback([flags] { evaluate(*flags); });
}
}  // namespace podium::cli
