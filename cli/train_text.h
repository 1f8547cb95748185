#pragma once
#include <string>

#include "podium/recipe/run.h"

namespace podium::cli {
/// What `podium train` prints: rows, epochs, the test beside the baselines, times, where the model is, what to do next.
std::string result_text(const RunResult& result);
/// What `--dry-run` prints.
std::string plan_text(const RunPlan& plan, const Recipe& recipe);
/// The file's name without folder and extension: the model's name by default.
std::string recipe_name(const std::string& path);
/// A word as a shell takes it, quoted where it must be.
std::string shell_word(const std::string& word);
}  // namespace podium::cli
