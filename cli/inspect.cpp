#include "podium/data/inspect.h"

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "cli/verbs.h"
#include "podium/core/publish.h"
#include "podium/interop/inspect.h"
#include "podium/model/inspect.h"

namespace podium::cli {
namespace {
constexpr int kUnsound = 1;

struct Flags {
  std::string path;
  ReadOptions reading;
  bool json = false;
};

template <class Report>
void print(const Report& report, const Flags& flags) {
  std::cout << (flags.json ? to_json(report) + "\n" : to_text(report));
}

/// A version's directory, even a damaged one, or a model's that has versions.
bool is_model(const std::string& path) {
  return is_directory(path) &&
         (path_exists(path + "/model.json") || path_exists(path + "/MANIFEST") || !versions(path).empty());
}

/// Says on stderr why the exit code is 1.
[[noreturn]] void complain(const std::string& what, const std::string& problem) {
  std::cout.flush();
  std::cerr << "podium: " << what << " is not sound: " << problem << '\n';
  throw Exit{kUnsound};
}

void inspect(const Flags& flags) {
  if (const auto exported = interop::inspect_export(flags.path)) {
    print(*exported, flags);
    if (const std::string problem = problem_of(*exported); !problem.empty()) complain(flags.path, problem);
    return;
  }
  if (!is_model(flags.path)) return print(inspect_data(flags.path, flags.reading), flags);
  const ModelReport report = inspect_model(flags.path);
  print(report, flags);
  if (!report.problems.empty()) complain(report.directory, report.problems.front());
}
}  // namespace

void add_inspect(CLI::App& app) {
  auto* verb =
      app.add_subcommand("inspect", "Say what a model, an export or a file of data is, and what is wrong with it");
  auto flags = std::make_shared<Flags>();
  verb->add_option(
          "path", flags->path,
          "FOLDER/NAME, FOLDER/NAME/VERSION, an export's directory, a .onnx file, or data: CSV, TSV, Parquet or Arrow")
      ->required();
  add_reading_options(*verb, flags->reading);
  verb->add_flag("--json", flags->json, "print one JSON object");
  verb->footer(
      "Examples:\n"
      "  podium inspect models/ranking\n"
      "  podium inspect exported/ranking/1\n"
      "  podium inspect model.onnx\n"
      "  podium inspect ratings.csv\n"
      "  podium inspect u.data --names user_id,movie_id,rating,timestamp\n"
      "  podium inspect models/ranking --json | jq .metrics.test.rmse\n"
      "\n"
      "Exits with 1 if a model or an export is not as it was written, or its parts do not fit together. Files that\n"
      "others added to an export are listed as extra and passed over; a model may have none.");
  verb->callback([flags] { inspect(*flags); });
}

void add_reading_options(CLI::App& verb, ReadOptions& options) {
  options.missing = Missing::keep;  // missing cells are counted, not refused
  verb.add_option("--delimiter", options.delimiter, "between a text file's cells; found by itself by default");
  verb.add_option("--names", options.names, "the columns' names, for a text file without a header")->delimiter(',');
}
}  // namespace podium::cli
