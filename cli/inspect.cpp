#include "podium/model/inspect.h"

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <string>

#include "cli/verbs.h"
#include "podium/core/error.h"
#include "podium/core/publish.h"

namespace podium::cli {
namespace {
constexpr int kUnsound = 1;

void inspect_model_at(const std::string& path) {
  const ModelReport report = inspect_model(path);
  std::cout << to_text(report);
  if (!report.problems.empty()) {
    std::cout.flush();
    std::cerr << "podium: " << report.directory << " is not sound: " << report.problems.front() << '\n';
    throw Exit{kUnsound};
  }
}
void inspect(const std::string& path) {
  if (!path_exists(path)) throw Error(path + ": there is nothing of this name");
  if (is_directory(path)) return inspect_model_at(path);
  throw Error(path + ": only models can be inspected");
}
}  // namespace

void add_inspect(CLI::App& app) {
  auto* verb = app.add_subcommand("inspect", "Say what a model or a file of data is, and what is wrong with it");
  auto path = std::make_shared<std::string>();
  verb->add_option("path", *path, "FOLDER/NAME, FOLDER/NAME/VERSION, or a file of data")->required();
  verb->footer(
      "Examples:\n"
      "  podium inspect models/ranking\n"
      "  podium inspect ratings.csv\n"
      "\n"
      "Exits with 1 if a model is not as it was written.");
  verb->callback([path] { inspect(*path); });
}
}  // namespace podium::cli
