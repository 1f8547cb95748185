#include "podium/data/init.h"

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <string>

#include "cli/verbs.h"
#include "podium/recipe/fields.h"

namespace podium::cli {
namespace {
struct Flags {
  std::string data;
  ReadOptions reading;
};
/// How the file had to be read, as the recipe's own keys.
std::string reading_lines(const ReadOptions& reading) {
  std::string lines;
  if (!reading.delimiter.empty()) {
    lines += "delimiter = " + recipe::inline_toml(recipe::Value{reading.delimiter}) + "\n";
  }
  if (!reading.names.empty()) lines += "names = " + recipe::inline_toml(recipe::write_field(reading.names)) + "\n";
  return lines;
}

void init(const Flags& flags) {
  std::string text = recipe_for(flags.data, inspect_data(flags.data, flags.reading));
  const std::string head = "[data]\n", lines = reading_lines(flags.reading);
  const auto data = text.find(head);
  if (data != std::string::npos) text.insert(data + head.size(), lines);
  std::cout << text;
}
}  // namespace

void add_init(CLI::App& app) {
  auto* verb = app.add_subcommand("init", "Write a commented recipe from a file's columns, to stdout");
  auto flags = std::make_shared<Flags>();
  verb->add_option("data", flags->data, "interactions: CSV, TSV, Parquet or Arrow")->required();
  add_reading_options(*verb, flags->reading);
  verb->footer(
      "Examples:\n"
      "  podium init ratings.csv > my.toml\n"
      "  podium init u.data --names user_id,movie_id,rating,timestamp > my.toml\n"
      "  podium train my.toml\n"
      "\n"
      "It guesses which columns are user, item, label and time, and says why beside each: look it over.");
  verb->callback([flags] { init(*flags); });
}
}  // namespace podium::cli
