#include <CLI/CLI.hpp>
#include <iostream>
#include <map>
#include <memory>
#include <string>

#include "cli/verbs.h"
#include "podium/core/error.h"
#include "podium/core/table.h"
#include "podium/recipe/layout.h"
#include "podium/recipe/recipe.h"

namespace podium::cli {
namespace {
constexpr const char* kRecipeHead =
    R"(A recipe is a TOML file: sections of keys. Every key has a default but the data and what to predict.
Any key can be set on the command line: --set train.epochs=10. Paths in a recipe start at the recipe's
folder, paths in --set at the current one.

The smallest recipe:

  [data]
  path = "ratings.csv"
  user = "user_id"
  item = "movie_title"
  [task]
  label = "user_rating"

Every key, its type and its default:
)";

constexpr const char* kLayoutHead =
    R"(A layout is a TOML file that says what a file of weights means: the columns that the model is asked with, and
its layers in the order in which it computes them; the last one is the score.

  podium import weights.safetensors --recipe layout.toml --to models/ranking

  [columns.user_id]
  vocabulary = "users.txt"
  unknown = 0
  [columns.movie_title]
  vocabulary = "movies.txt"
  unknown = 0
  [layers]
  user   = { kind = "embedding", column = "user_id", tensors = "user_table" }
  movie  = { kind = "embedding", column = "movie_title", tensors = "movie_table" }
  both   = { kind = "concat", inputs = ["user", "movie"] }
  hidden = { kind = "linear", tensors = "mlp.0", activation = "relu" }
  score  = { kind = "linear", tensors = "mlp.2" }

Every key and its type:
)";

constexpr const char* kModels =
    R"(Kinds of model, set as model.kind:

  mlp            The features' vectors side by side, through dense layers, to one number. Learns how features act
                 together; takes numbers too. [model] hidden = [256, 64]
  factorization  The train labels' mean + a number per user and item (their biases) + the inner product of their
                 vectors. The strongest plain model of ratings; give it regularization ([features.X] l2, [model]
                 bias_l2) and early stopping. [model] dot = false leaves the biases alone.
  from           The layers and features of the model that train.from names, whatever they are: to train an imported
                 model further. Of [features.COLUMN] only vocabulary may be said.

Beside every model `podium train` fits baselines on the same train rows: global mean, item mean, user+item biases
and a tuned matrix factorization; `--no-baselines` leaves them out.
)";

/// "train" of "train.epochs", "features.COLUMN" of "features.COLUMN.dim": a part in capitals stands for any name.
std::string section_of(const std::string& key) {
  const std::size_t dot = key.find('.');
  const bool has_name = dot + 1 < key.size() && key[dot + 1] >= 'A' && key[dot + 1] <= 'Z';
  return key.substr(0, has_name ? key.find('.', dot + 1) : dot);
}

/// Section by section, kind by kind.
void print_keys(const std::vector<recipe::KeyHelp>& keys) {
  std::string section, kind;
  for (const auto& help : keys) {
    const std::string group = section_of(help.key);
    if (group != section) {
      section = group;
      kind.clear();
      std::cout << "\n[" << section << "]\n";
    }
    if (help.kind != kind) {
      kind = help.kind;
      if (!kind.empty()) std::cout << "  of kind \"" << kind << "\":\n";
    }
    std::cout << (kind.empty() ? "  " : "    ") << help.key << "  (" << help.type
              << (help.otherwise.empty() ? "" : ", default " + help.otherwise) << ")\n"
              << (kind.empty() ? "      " : "        ") << help.description << "\n";
  }
}

void print_help(const CLI::App& app, const std::string& topic) {
  if (topic.empty()) {
    std::cout << app.help();
  } else if (topic == "recipe") {
    std::cout << kRecipeHead;
    print_keys(recipe::describe());
  } else if (topic == "layout") {
    std::cout << kLayoutHead;
    print_keys(recipe::describe_layout());
  } else if (topic == "models") {
    std::cout << kModels;
  } else {
    std::vector<std::string_view> topics = {"recipe", "models", "layout"};
    std::vector<std::string> names;
    for (const auto* verb : app.get_subcommands([](const CLI::App*) { return true; }))
      names.push_back(verb->get_name());
    for (const auto& name : names) {
      if (name == topic) {
        std::cout << app.get_subcommand(name)->help();
        return;
      }
      topics.emplace_back(name);
    }
    const auto near = nearest_name(topic, topics);
    std::string message = "no help for \"" + topic + "\"";
    if (!near.empty()) throw Error(message + "; did you mean `podium help " + std::string(near) + "`?");
    message += "; there is help for";
    for (const auto known : topics) message += " " + std::string(known);
    throw Error(message);
  }
}
}  // namespace

void add_help(CLI::App& app) {
  auto* verb = app.add_subcommand("help", "Explain a verb, the recipe, the kinds of model or the layout of weights");
  auto topic = std::make_shared<std::string>();
  verb->add_option("topic", *topic, "a verb, `recipe`, `models` or `layout`");
  verb->callback([&app, topic] { print_help(app, *topic); });
}

void add_version(CLI::App& app) {
  auto* verb = app.add_subcommand("version", "Say the version");
  verb->callback([] { std::cout << "podium " PODIUM_VERSION "\n"; });
}
}  // namespace podium::cli
