#include "cli/train_text.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <vector>

#include "podium/recipe/prepare.h"
#include "podium/train/text.h"

namespace podium::cli {
namespace {
using Row = std::vector<std::string>;

std::string fixed(double value, int digits) { return train::number(value, digits); }

/// Right-aligned columns, two spaces between them.
std::string table_text(const std::vector<Row>& rows) {
  std::vector<std::size_t> widths;
  for (const Row& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      text += (i > 0 ? "  " : "") + std::string(widths[i] - row[i].size(), ' ') + row[i];
    }
    text += '\n';
  }
  return text;
}

std::string epochs_text(const FitReport& fit) {
  if (fit.epochs.empty()) return "";
  Row head = {"epoch"};
  for (const auto& [name, value] : fit.epochs.front().train)
    head.push_back(name == "loss" ? "train loss" : "train " + name);
  for (const auto& [name, value] : fit.epochs.front().validation) head.push_back("validation " + name);
  head.emplace_back("seconds");
  std::vector<Row> rows = {head};
  // Many epochs: the first and last few, and the best.
  constexpr std::size_t kShown = 12, kEnds = 4;
  const std::size_t count = fit.epochs.size();
  bool is_gap_told = false;
  for (const auto& epoch : fit.epochs) {
    const bool is_shown =
        count <= kShown || epoch.epoch <= kEnds || epoch.epoch + kEnds > count || epoch.epoch == fit.best_epoch;
    if (!is_shown) {
      if (!is_gap_told) rows.push_back({"..."});
      is_gap_told = true;
      continue;
    }
    is_gap_told = false;
    Row row = {std::to_string(epoch.epoch)};
    for (const auto& [name, value] : epoch.train) row.push_back(fixed(value, 4));
    for (const auto& [name, value] : epoch.validation) row.push_back(fixed(value, 4));
    row.push_back(fixed(epoch.seconds, 3));
    if (epoch.epoch == fit.best_epoch && fit.best_epoch != count) row.emplace_back("best, kept");
    rows.push_back(std::move(row));
  }
  return table_text(rows) + "\n";
}

std::string rows_text(const RunPlan& plan) {
  std::string text = train::grouped(plan.train_rows) + " rows to train on, ";
  if (plan.validation_rows > 0) text += train::grouped(plan.validation_rows) + " to stop by, ";
  return text + train::grouped(plan.test_rows) + " to test on";
}

std::string features_text(const RunPlan& plan) {
  std::string text;
  for (const auto& feature : plan.features) {
    text += text.empty() ? "" : ", ";
    text += feature.values == 0 ? feature.column + " as a number"
                                : train::grouped(feature.values) + " values of " + feature.column;
    if (feature.new_values > 0) text += " (" + train::grouped(feature.new_values) + " new)";
  }
  return text;
}
}  // namespace

std::string result_text(const RunResult& result) {
  const auto& plan = result.plan;
  std::string text =
      rows_text(plan) + "; " + features_text(plan) + "; " + train::grouped(plan.parameters) + " parameters\n";
  if (!plan.from.empty()) text += "gone on from " + plan.from + "\n";
  if (plan.shared_rows > 0) text += train::grouped(plan.shared_rows) + " test rows stand in the train files too\n";
  text += "\n" + epochs_text(result.fit);
  if (result.evaluation) text += to_text(*result.evaluation) + "\n";
  const auto& seconds = result.seconds;
  text += fixed(seconds.total, 2) + " s: read " + fixed(seconds.read, 3) + ", encode " + fixed(seconds.encode, 3) +
          ", fit " + fixed(seconds.fit, 3);
  if (result.evaluation) text += ", evaluate " + fixed(seconds.evaluate, 3);
  if (seconds.baselines > 0.0) text += ", baselines " + fixed(seconds.baselines, 3);
  text +=
      ", save " + fixed(seconds.save, 3) + "; at most " + recipe::bytes_text(result.peak_memory_bytes) + " of memory\n";
  if (result.model.empty()) return text;
  const std::string model = shell_word(std::filesystem::path(result.model).parent_path().string());
  text += "\nThe model is " + result.model + ". Next:\n";
  text += "  podium rank " + model + " --user " + shell_word(result.example_user) + "\n";
  text += "  podium evaluate " + model + "\n";
  text += "  podium inspect " + model + "\n";
  return text;
}

std::string plan_text(const RunPlan& plan, const Recipe& recipe) {
  std::vector<std::pair<std::string, std::string>> rows = {
      {"rows", rows_text(plan)},
      {"features", features_text(plan)},
      {"parameters", train::grouped(plan.parameters)},
      {"steps", train::grouped(plan.steps_per_epoch) + " an epoch, " + train::grouped(recipe.train.epochs) + " epochs"},
      {"memory", "about " + recipe::bytes_text(plan.memory_bytes)},
      {"kernel", plan.kernel}};
  if (!plan.from.empty()) rows.insert(rows.begin(), {"from", plan.from});
  std::string text;
  for (const auto& [name, value] : rows) text += name + std::string(12 - name.size(), ' ') + value + "\n";
  return text + "Nothing was trained: this was a dry run.\n";
}

std::string recipe_name(const std::string& path) { return std::filesystem::path(path).stem().string(); }

std::string shell_word(const std::string& word) {
  const bool is_plain = !word.empty() && std::ranges::all_of(word, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_-./=+:,@%").find(c) != std::string_view::npos;
  });
  if (is_plain) return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}
}  // namespace podium::cli
