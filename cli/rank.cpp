#include <CLI/CLI.hpp>
#include <array>
#include <cstdio>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "cli/verbs.h"
#include "podium/core/error.h"
#include "podium/recipe/answer.h"

namespace podium::cli {
namespace {
struct Flags {
  std::string model, user, candidates_file;
  std::vector<std::string> candidates;
  std::size_t top = 0;
  bool json = false, quiet = false;
};

void rank(const Flags& flags, bool is_top_given) {
  std::vector<std::string> candidates = flags.candidates;
  if (!flags.candidates_file.empty()) {
    for (auto& item : read_candidates(flags.candidates_file)) candidates.push_back(std::move(item));
  }
  constexpr std::size_t kTop = 10;
  const std::size_t top = is_top_given ? flags.top : (candidates.empty() ? kTop : 0);
  const LoadedModel loaded = load_all(flags.model);
  const UserRanking ranking = rank_items(loaded.model, flags.user, candidates, top);
  if (!ranking.is_known && !flags.quiet) {
    std::cerr << "podium: the model does not know user " << flags.user << "; this is its answer for an unknown user\n";
  }
  if (flags.json) {
    std::cout << recipe::ranking_json(ranking, loaded.model) << '\n';
    return;
  }
  bool has_unknown = false;
  for (std::size_t i = 0; i < ranking.items.size(); ++i) {
    const auto& [item, score, is_known] = ranking.items[i];
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%4zu  %8.4f  ", i + 1, static_cast<double>(score));
    std::cout << text.data() << item << (is_known ? "" : "  (unknown)") << '\n';
    has_unknown = has_unknown || !is_known;
  }
  if (has_unknown && !flags.quiet) {
    std::cerr << "podium: the model does not know the items marked (unknown); each has the unknown item's score\n";
  }
}
}  // namespace

void add_rank(CLI::App& app) {
  auto* verb = app.add_subcommand("rank", "Put candidates in order for a user");
  auto flags = std::make_shared<Flags>();
  verb->add_option("model", flags->model, "FOLDER/NAME (its highest version) or FOLDER/NAME/VERSION")->required();
  verb->add_option("--user", flags->user, "who asks; one whom the model does not know is answered as an unknown user")
      ->required();
  verb->add_option("--candidate", flags->candidates, "an item; may be repeated. Without any, all items are ranked")
      ->allow_extra_args(false);
  verb->add_option("--candidates-file", flags->candidates_file, "a file with one item a line");
  auto* top = verb->add_option("--top", flags->top, "how many to show; 10 of all items, all of given candidates");
  top->check(CLI::PositiveNumber);
  verb->add_flag("--json", flags->json, "print one JSON object");
  verb->add_flag("--quiet", flags->quiet, "no notes on stderr");
  verb->footer(
      "Examples:\n"
      "  podium rank models/ranking --user 42 --top 10\n"
      "  podium rank models/ranking --user 42 --candidate \"M*A*S*H (1970)\" --candidate \"Speed (1994)\"\n"
      "  podium rank models/ranking --user 42 --candidates-file films.txt --json | jq .ranking[0]");
  verb->callback([flags, top] { rank(*flags, top->count() > 0); });
}
}  // namespace podium::cli
