#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "podium/train/evaluation.h"
#include "podium/train/text.h"

namespace podium {
namespace {
using train::grouped;
using train::number;

std::string cell(const MeasuredMetric& metric) {
  std::string text = number(metric.value, 4);
  if (metric.interval) text += " (" + number(metric.interval->low, 4) + " to " + number(metric.interval->high, 4) + ")";
  return text;
}

using Rows = std::vector<std::vector<std::string>>;

// Columns two spaces apart, each as wide as its widest cell; all begin on the left. Cells are ASCII.
std::string aligned(const Rows& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()), 0);
    for (std::size_t col = 0; col < row.size(); ++col) widths[col] = std::max(widths[col], row[col].size());
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t col = 0; col < row.size(); ++col) {
      line += row[col];
      if (col + 1 < row.size()) line += std::string(widths[col] - row[col].size() + 2, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  }
  return text;
}

std::vector<std::string> row_of(const Contender& contender, const std::string& name) {
  std::vector<std::string> row = {name};
  for (const auto& metric : contender.metrics) row.push_back(cell(metric));
  return row;
}

std::string test_rows_have(std::size_t rows, const std::string& what) {
  if (rows == 0) return "";
  return grouped(rows) + (rows == 1 ? " test row has " : " test rows have ") + what + ". ";
}

std::string unseen_sentence(const Unseen& unseen, const std::string& what) {
  return test_rows_have(unseen.unknown, what + " that is not in the vocabulary (index 0)") +
         test_rows_have(unseen.untrained, what + " without a train row");
}
}  // namespace

std::string display_name(std::string_view baseline) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 1> kNames = {
      {{"user_item_bias", "user+item biases"}}};
  for (const auto& [name, shown] : kNames) {
    if (name == baseline) return std::string(shown);
  }
  std::string text(baseline);
  std::ranges::replace(text, '_', ' ');
  return text;
}

std::string verdict(const Evaluation& evaluation) {
  if (evaluation.baselines.empty()) return "No baseline was fitted: these numbers have nothing to stand beside.";
  const Contender& best = *std::ranges::min_element(evaluation.baselines, {}, &Contender::rmse_difference);
  const double difference = best.rmse_difference;
  const auto interval = best.rmse_difference_interval;
  const std::string name = display_name(best.name), level = number(100.0 * evaluation.confidence, 0) + " %: ";
  // The difference with its interval, both turned so that what leads is above 0.
  const auto by = [&](double sign) {
    std::string text = number(sign * difference, 4) + " RMSE";
    if (!interval) return text;
    const double one = sign * interval->low, other = sign * interval->high;
    return text + " (" + level + number(std::min(one, other), 4) + " to " + number(std::max(one, other), 4) + ")";
  };
  if (difference == 0.0 || (interval && interval->low <= 0.0 && interval->high >= 0.0)) {
    return "The model and the best baseline, " + name + ", are too close to tell apart: the model leads by " + by(1.0) +
           ".";
  }
  if (difference > 0.0) {
    return "The model is better than every baseline; it leads the best one, " + name + ", by " + by(1.0) + ".";
  }
  return "The baseline " + name + " is better than the model by " + by(-1.0) +
         ": the model has not yet learned what this simpler method knows. Train it longer, regularize it, or give it "
         "bias terms per user and item.";
}

std::string to_text(const Evaluation& evaluation) {
  Rows rows = {{"test"}};
  for (const auto& metric : evaluation.model.metrics) rows[0].push_back(metric.name);
  rows.push_back(row_of(evaluation.model, "model"));
  for (const auto& baseline : evaluation.baselines) rows.push_back(row_of(baseline, display_name(baseline.name)));
  std::string text = aligned(rows);
  text += grouped(evaluation.rows) + " test rows of " + grouped(evaluation.users) + " users and " +
          grouped(evaluation.items) + " items; in parentheses, " + number(100.0 * evaluation.confidence, 0) +
          " % intervals over resampled users.\n";
  const std::string unseen =
      unseen_sentence(evaluation.unseen_users, "a user") + unseen_sentence(evaluation.unseen_items, "an item");
  if (!unseen.empty()) text += unseen.substr(0, unseen.size() - 1) + '\n';
  return text + verdict(evaluation) + '\n';
}
}  // namespace podium
