#include <CLI/CLI.hpp>

#include "cli/verbs.h"

namespace podium::cli {
void add_inspect(CLI::App&) {}
}  // namespace podium::cli
