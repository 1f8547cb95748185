#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "podium/train/evaluation.h"
#include "podium/train/trainer.h"

namespace podium {
/// Names and values under a heading: "Data", "Split", "Time".
struct ReportFacts {
  std::string heading = {};
  std::vector<std::pair<std::string, std::string>> rows = {};
};

/// All that report.html shows; every text may hold any characters. What is empty is left out.
struct ReportData {
  std::string title = {};                                           // the model's name
  std::string subtitle = {};                                        // one line: version, when, of what data
  std::vector<std::pair<std::string, std::string>> headlines = {};  // more large numbers: {"train rows", "80,000"}
  FitReport fit = {};
  std::optional<Evaluation> evaluation = {};
  std::vector<ReportFacts> facts = {};
  std::string recipe = {};  // as the user wrote it
};

/// One HTML file (UTF-8, well-formed as XML too) that opens without a network and reads well on a phone, in light and
/// dark: large numbers, the verdict, baselines, training curves, predicted against actual, residuals by label and by
/// activity, facts and the recipe.
std::string report_html(const ReportData& data);
}  // namespace podium
