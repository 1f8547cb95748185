#pragma once
#include <cstdint>
#include <span>
#include <string>

#include "podium/recipe/prepare.h"
#include "podium/recipe/run.h"

/// What a run writes down, as JSON text. Whatever goes into model.json holds no times, threads or machine.
namespace podium::recipe {
/// {"test": {"rmse": 1.1}, "intervals": {"rmse": [1.0, 1.2]}, "baselines": {"global_mean": {"rmse": 1.12}}, "rows":
/// {...}}
std::string metrics_json(const Evaluation& evaluation);
/// The split and how many rows it gave each part.
std::string split_json(const Recipe& recipe, const RunPlan& plan);
/// Times, epochs, threads and machine.
std::string run_json(const Recipe& recipe, const RunResult& result);
/// What stands beside the optimizer's slots.
std::string resume_json(const Recipe& recipe, std::uint64_t steps);
/// report.html
std::string report_of(const Recipe& recipe, const RunOptions& options, const std::vector<Source>& sources,
                      const RunResult& result);
/// What `podium train --json` prints: DESIGN's schema. step_losses only when asked.
std::string result_json(const RunResult& result, bool with_step_losses);
/// What `podium train --dry-run --json` prints.
std::string plan_json(const RunPlan& plan);
/// What `podium evaluate --json` prints.
std::string evaluation_json(const ModelEvaluation& evaluation);

/// Who has seen what, from rows with known items; candidates are the item's vocabulary, in order. A user's items stay
/// in the rows' order.
///   times  [rows], or empty
History history_of(const IdPairs& ids, std::span<const std::int64_t> times, std::size_t user_rows);
}  // namespace podium::recipe
