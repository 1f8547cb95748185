#include "podium/interop/import.h"

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <string>

#include "cli/verbs.h"
#include "podium/core/json.h"
#include "podium/interop/weights/read.h"
#include "podium/model/save.h"
#include "podium/recipe/layout.h"

namespace podium::cli {
namespace {
struct Flags {
  std::string from, to, recipe;
  interop::ImportOptions options;
  bool json = false, quiet = false;
};

void run(const Flags& flags) {
  const interop::Imported imported =
      flags.recipe.empty() ? interop::import_model(flags.from, flags.options)
                           : interop::import_weights(flags.from, recipe::read_layout(flags.recipe), flags.options);
  const std::string directory = save(imported.model, imported.record, flags.to);
  if (flags.json) {
    const auto& roles = imported.model.options();
    std::cout << nlohmann::ordered_json{{"from", flags.from},
                                        {"model", directory},
                                        {"user", roles.user},
                                        {"item", roles.item},
                                        {"parameters", graph::parameter_count(imported.model.graph())},
                                        {"optimizer", !imported.record.resume.empty()},
                                        {"notes", imported.notes}}
                     .dump()
              << '\n';
    return;
  }
  if (flags.quiet) return;
  for (const std::string& note : imported.notes) std::cerr << "podium: " << note << '\n';
  std::cout << "Imported " << flags.from << " as " << directory << "; `podium inspect " << directory << "` shows it\n";
}
}  // namespace

void add_import(CLI::App& app) {
  auto* verb = app.add_subcommand("import", "Read another program's model; data is read, nothing is run");
  auto flags = std::make_shared<Flags>();
  verb->add_option(
          "from", flags->from,
          "a SavedModel's directory (TensorFlow, TFRS and its BruteForce index, tf-keras, Keras 3's export), a "
          ".keras file, or weights alone (PyTorch's state_dict as .safetensors, .safetensors.index.json or .npz), with "
          "--recipe")
      ->required();
  verb->add_option("--to", flags->to, "FOLDER/NAME: published there as the next version")->required();
  verb->add_option("--recipe", flags->recipe,
                   "a TOML file that says what weights alone mean: their columns and layers");
  verb->add_option("--user", flags->options.user, "the column whose question it is; guessed from the names by default");
  verb->add_option(
      "--item", flags->options.item,
      "the column that is ranked; guessed from the names by default. A retrieval index's items get this name; "
      "\"item\" by default");
  verb->add_option("--output", flags->options.output,
                   "the output that is the prediction, where a model has several; the first by name, or in the order "
                   "of a list");
  verb->add_option("--signature", flags->options.signature,
                   "a SavedModel's signature; serving_default, serve or its only one by default");
  verb->add_flag("--json", flags->json, "print one JSON object");
  verb->add_flag("--quiet", flags->quiet, "print nothing");
  verb->footer(
      "Examples:\n"
      "  podium import exported/ranking/1 --to models/ranking\n"
      "  podium import ranking.keras --to models/ranking --user user_id --item movie_title\n"
      "  podium import exported/index/1 --to models/retrieval --item movie_title\n"
      "  podium import exported/tasks/1 --to models/clicks --output click\n"
      "  podium import weights.safetensors --recipe layout.toml --to models/ranking\n"
      "with this layout.toml (every key: `podium help layout`):\n"
      "  [columns.user_id]\n"
      "  vocabulary = \"users.txt\"  # one value per line, in the order of the rows\n"
      "  [columns.movie_title]\n"
      "  vocabulary = \"movies.txt\"\n"
      "  unknown = 0                # every unknown value's row\n"
      "  [layers]                   # in the order of forward(); the last is the score\n"
      "  user   = { kind = \"embedding\", column = \"user_id\", tensors = \"user_table\" }\n"
      "  movie  = { kind = \"embedding\", column = \"movie_title\", tensors = \"movie_table\" }\n"
      "  both   = { kind = \"concat\", inputs = [\"user\", \"movie\"] }\n"
      "  hidden = { kind = \"linear\", tensors = \"mlp.0\", activation = \"relu\" }\n"
      "  score  = { kind = \"linear\", tensors = \"mlp.2\" }");
  verb->callback([flags] { run(*flags); });
}
}  // namespace podium::cli
