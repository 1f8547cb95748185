#include "podium/train/report.h"

#include "podium/train/report_charts.h"
#include "podium/train/report_style.h"
#include "podium/train/text.h"

namespace podium {
namespace {
using train::escaped;
using train::grouped;
using train::number;

std::string tile(const std::string& name, const std::string& value, const std::string& note = "") {
  return "<div class=\"tile\"><span>" + escaped(name) + "</span><b>" + escaped(value) + "</b>" +
         (note.empty() ? "" : "<span>" + escaped(note) + "</span>") + "</div>\n";
}

std::string interval_text(const std::optional<Interval>& interval) {
  return interval ? number(interval->low, 4) + " to " + number(interval->high, 4) : "";
}

std::string tiles(const ReportData& data) {
  std::string text;
  if (data.evaluation) {
    for (const auto& metric : data.evaluation->model.metrics) {
      text += tile("test " + metric.name, number(metric.value, 4), interval_text(metric.interval));
    }
  }
  for (const auto& [name, value] : data.headlines) text += tile(name, value);
  return text.empty() ? "" : "<div class=\"tiles\">\n" + text + "</div>\n";
}

std::string verdict_box(const Evaluation& evaluation) {
  bool is_better = !evaluation.baselines.empty(), is_worse = false;
  for (const auto& baseline : evaluation.baselines) {
    const auto interval = baseline.rmse_difference_interval;
    is_better = is_better && (interval ? interval->low > 0.0 : baseline.rmse_difference > 0.0);
    is_worse = is_worse || (interval ? interval->high < 0.0 : baseline.rmse_difference < 0.0);
  }
  const std::string style = is_worse ? " bad" : is_better ? " good" : "";
  return "<p class=\"verdict" + style + "\">" + escaped(verdict(evaluation)) + "</p>\n";
}

std::string metric_cell(const MeasuredMetric& metric) {
  const std::string interval = interval_text(metric.interval);
  return "<td class=\"number\">" + number(metric.value, 4) +
         (interval.empty() ? "" : "<small>" + interval + "</small>") + "</td>";
}

std::string contender_row(const Contender& contender, const std::string& name, const char* style) {
  std::string text = std::string("<tr class=\"") + style + "\"><td>" + escaped(name);
  if (!contender.note.empty()) text += "<small>" + escaped(contender.note) + "</small>";
  text += "</td>";
  for (const auto& metric : contender.metrics) text += metric_cell(metric);
  return text + "</tr>\n";
}

std::string contender_table(const Evaluation& evaluation) {
  std::string text = "<div class=\"scroll\"><table><tr><th>on the test rows</th>";
  for (const auto& metric : evaluation.model.metrics) text += "<th>" + escaped(metric.name) + "</th>";
  text += "</tr>\n" + contender_row(evaluation.model, "this model", "model");
  for (const auto& baseline : evaluation.baselines) {
    text += contender_row(baseline, display_name(baseline.name), "baseline");
  }
  return text + "</table></div>\n";
}

std::string card(const std::string& heading, const std::string& explanation, const std::string& content,
                 const char* style = "card") {
  if (content.empty()) return "";
  return std::string("<section class=\"") + style + "\"><h2>" + escaped(heading) + "</h2>" +
         (explanation.empty() ? "" : "<p>" + escaped(explanation) + "</p>") + content + "</section>\n";
}

std::string comparison_cards(const Evaluation& evaluation) {
  const std::string level = number(100.0 * evaluation.confidence, 0) + " %";
  return card("Beside the baselines",
              "RMSE on the test rows; lower is better. Lines are " + level +
                  " intervals over resampled users. Baselines were fitted on the train rows alone.",
              train::contender_dots(evaluation) + contender_table(evaluation)) +
         card("Predicted against actual",
              "Test rows in groups of like predictions: their mean prediction and mean label. On the dashed line they "
              "agree.",
              train::calibration_chart(evaluation));
}

std::string residual_card(const Evaluation& evaluation) {
  return card(
      "Residuals by label",
      "Mean of prediction - label; thin lines hold 80\u00a0% of the rows. Every model pulls predictions towards the "
      "middle: low labels are predicted too high, high ones too low.",
      train::residual_bars(evaluation));
}

std::string activity_cards(const Evaluation& evaluation) {
  return card("By activity of the user", "RMSE of the test rows whose user has so many train rows.",
              train::activity_bars("RMSE by activity of the user", evaluation, evaluation.by_user_activity)) +
         card("By activity of the item", "RMSE of the test rows whose item has so many train rows.",
              train::activity_bars("RMSE by activity of the item", evaluation, evaluation.by_item_activity));
}

std::string fact_table(const std::vector<std::pair<std::string, std::string>>& rows) {
  std::string text;
  for (const auto& [name, value] : rows) {
    text += "<tr><td class=\"key\">" + escaped(name) + "</td><td class=\"text\">" + escaped(value) + "</td></tr>\n";
  }
  return text.empty() ? "" : "<table>" + text + "</table>";
}

std::vector<std::pair<std::string, std::string>> test_facts(const Evaluation& evaluation) {
  return {{"rows", grouped(evaluation.rows)},
          {"users", grouped(evaluation.users)},
          {"items", grouped(evaluation.items)},
          {"rows of users not in the vocabulary", grouped(evaluation.unseen_users.unknown)},
          {"rows of users without a train row", grouped(evaluation.unseen_users.untrained)},
          {"rows of items not in the vocabulary", grouped(evaluation.unseen_items.unknown)},
          {"rows of items without a train row", grouped(evaluation.unseen_items.untrained)}};
}
}  // namespace

std::string report_html(const ReportData& data) {
  std::string html =
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/>\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<title>" +
      escaped(data.title) + "</title>\n<style>" + std::string(train::kReportStyle) +
      "</style></head>\n<body><main>\n<h1>" + escaped(data.title) + "</h1>\n";
  if (!data.subtitle.empty()) html += "<p>" + escaped(data.subtitle) + "</p>\n";
  html += tiles(data);
  if (data.evaluation) html += verdict_box(*data.evaluation);
  html += "<div class=\"grid\">\n";
  const std::string training = card("Training", train::training_caption(data.fit), train::training_chart(data.fit));
  if (data.evaluation) {
    html += comparison_cards(*data.evaluation) + training + residual_card(*data.evaluation) +
            activity_cards(*data.evaluation) + card("Test rows", "", fact_table(test_facts(*data.evaluation)));
  } else {
    html += training;
  }
  for (const auto& facts : data.facts) html += card(facts.heading, "", fact_table(facts.rows));
  if (!data.recipe.empty()) html += card("Recipe", "", "<pre>" + escaped(data.recipe) + "</pre>", "card wide");
  return html + "</div>\n</main></body></html>\n";
}
}  // namespace podium
