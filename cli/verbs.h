#pragma once
#include <CLI/App.hpp>

#include "podium/data/read.h"

/// The verbs of the `podium` binary: each adds a subcommand whose callback does the work. What a verb does is the
/// library's; here are flags in and text out.
namespace podium::cli {
void add_init(CLI::App& app);
void add_train(CLI::App& app);
void add_evaluate(CLI::App& app);
void add_predict(CLI::App& app);
void add_rank(CLI::App& app);
void add_inspect(CLI::App& app);
void add_export(CLI::App& app);
void add_import(CLI::App& app);
void add_help(CLI::App& app);
void add_version(CLI::App& app);

/// Adds --delimiter and --names.
void add_reading_options(CLI::App& verb, ReadOptions& options);

/// What a callback throws to end the process with a code of its own; its message is on stderr already.
struct Exit {
  int code = 0;
};
/// Stopped by Ctrl-C after a checkpoint: 128 + SIGINT, as shells have it.
inline constexpr int kInterrupted = 130;
}  // namespace podium::cli
