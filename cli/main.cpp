#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <iostream>
#include <new>
#include <string>
#include <vector>

#include "cli/verbs.h"
#include "podium/core/error.h"
#include "podium/core/table.h"

namespace {
constexpr int kFailed = 1, kWrongUsage = 2;

/// One line on stderr, whatever the message holds.
int complain(std::string message, int code) {
  for (char& c : message) {
    if (c == '\n' || c == '\r') c = ' ';
  }
  std::cerr << "podium: " << message << '\n';
  return code;
}

bool is_verb(const CLI::App& app, const std::string& word) {
  return !app.get_subcommands([&](const CLI::App* verb) { return verb->get_name() == word; }).empty();
}

/// CLI11 says only that a verb is missing.
std::string unknown_verb(const CLI::App& app, const std::string& word) {
  std::vector<std::string> names;
  for (const auto* verb : app.get_subcommands([](const CLI::App*) { return true; })) names.push_back(verb->get_name());
  const auto near = podium::nearest_name(word, {names.begin(), names.end()});
  return "\"" + word + "\" is not a verb; " +
         (near.empty() ? "see `podium --help`" : "did you mean `podium " + std::string(near) + "`?");
}

int usage_error(const CLI::App& app, const CLI::ParseError& error) {
  const auto chosen = app.get_subcommands();
  const std::string help = chosen.empty() ? "podium --help" : "podium help " + chosen.front()->get_name();
  return complain(std::string(error.what()) + "; see `" + help + "`", kWrongUsage);
}
}  // namespace

int main(int argc, char** argv) {
  CLI::App app(
      "Podium learns from tables of interactions, says honestly how good it is, and ranks.\n"
      "\n"
      "  podium init ratings.csv > my.toml        a commented recipe for your own file\n"
      "  podium train my.toml --out models        read, split, fit, evaluate, save\n"
      "  podium rank models/my --user 42          what should this user see?",
      "podium");
  app.require_subcommand(1);
  app.set_help_flag("-h,--help", "Show this and stop");
  app.footer(
      "`podium help VERB` has examples; `podium help recipe` lists every key; `podium help models` every kind of "
      "model.\n"
      "Exit codes: 0 done, 1 failed (one line on stderr says why), 2 wrong usage, 130 stopped by Ctrl-C.");
  using namespace podium::cli;  // NOLINT(google-build-using-namespace): the verbs
  for (const auto add : {add_init, add_train, add_evaluate, add_predict, add_rank, add_inspect, add_export, add_import,
                         add_help, add_version}) {
    add(app);
  }
  if (argc == 1) {
    std::cout << app.help();
    return kWrongUsage;
  }
  if (const std::string word = argv[1]; !word.empty() && word.front() != '-' && !is_verb(app, word)) {
    return complain(unknown_verb(app, word), kWrongUsage);
  }
  try {
    app.parse(argc, argv);
    std::cout.flush();
    if (!std::cout) return complain("stdout cannot be written", kFailed);
    return 0;
  } catch (const CLI::Success& success) {  // --help
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    return usage_error(app, error);
  } catch (const Exit& exit) {
    return exit.code;
  } catch (const podium::Error& error) {
    return complain(error.what(), kFailed);
  } catch (const std::bad_alloc&) {
    return complain("out of memory; make the model or the batch smaller, or use a machine with more", kFailed);
  } catch (const std::exception& error) {
    return complain(std::string("internal error: ") + error.what(), kFailed);
  }
}
