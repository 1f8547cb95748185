#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "cli/verbs.h"
#include "podium/core/error.h"
#include "podium/core/files.h"
#include "podium/core/publish.h"
#include "podium/recipe/answer.h"

namespace podium::cli {
namespace {
struct Flags {
  std::string model, output;
  std::vector<std::string> input, features;
  std::size_t threads = 0;
  bool json = false, quiet = false;
};

std::pair<std::string, std::string> assignment(const std::string& text) {
  const auto equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    throw CLI::ValidationError("--feature", "\"" + text + "\" is not column=value");
  }
  return {text.substr(0, equals), text.substr(equals + 1)};
}

void predict(const Flags& flags) {
  if (flags.input.empty() == flags.features.empty()) {
    throw CLI::ValidationError("predict", "give either --input FILE or --feature column=value for every feature");
  }
  std::vector<std::pair<std::string, std::string>> values;
  for (const auto& text : flags.features) values.push_back(assignment(text));
  const LoadedModel loaded = load_all(flags.model);
  const Predictions predictions =
      flags.input.empty() ? predict_row(loaded, values) : predict_files(loaded, flags.input, flags.threads);
  if (!flags.quiet) {
    for (const auto& [column, rows] : predictions.unknown) {
      std::cerr << "podium: the model does not know the " << column << " of " << rows << (rows == 1 ? " row" : " rows")
                << "; predicted as unknown\n";
    }
  }
  const std::string text = flags.json ? recipe::predictions_json(predictions) + "\n" : recipe::csv_text(predictions);
  if (flags.output.empty()) {
    std::cout << text;
  } else {
    write_file_atomically(real_files(), flags.output, text);
    if (!flags.quiet) {
      std::cerr << "podium: " << predictions.scores.size() << (predictions.scores.size() == 1 ? " row" : " rows")
                << " written to " << flags.output << '\n';
    }
  }
}
}  // namespace

void add_predict(CLI::App& app) {
  auto* verb = app.add_subcommand("predict", "Score rows of a file, or one row given by its features");
  auto flags = std::make_shared<Flags>();
  verb->add_option("model", flags->model, "FOLDER/NAME (its highest version) or FOLDER/NAME/VERSION")->required();
  verb->add_option("--input", flags->input, "rows to score: CSV, TSV, Parquet or Arrow; may be repeated")
      ->allow_extra_args(false);
  verb->add_option("--output", flags->output,
                   "the file to write the rows with their score to, as CSV; stdout by default");
  verb->add_option("--feature", flags->features, "column=value; once for every feature of the model")
      ->allow_extra_args(false);
  verb->add_flag("--json", flags->json, "one JSON object instead of CSV");
  verb->add_flag("--quiet", flags->quiet, "no notes on stderr");
  verb->add_option("--threads", flags->threads, "default: all cores; never changes the result")
      ->check(CLI::NonNegativeNumber);
  verb->footer(
      "Examples:\n"
      "  podium predict models/ranking --input new.csv --output scored.csv\n"
      "  podium predict models/ranking --feature user_id=42 --feature \"movie_title=Speed (1994)\"");
  verb->callback([flags] { predict(*flags); });
}
}  // namespace podium::cli
