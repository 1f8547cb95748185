#include "podium/train/report.h"

#include <gtest/gtest.h>

#include <array>
#include <cctype>
#include <limits>

namespace podium {
namespace {
// What is wrong with the markup, or "": every tag is closed in its order, every attribute is quoted, no stray < or &.
std::string fault(const std::string& html) {
  std::vector<std::string> open;
  std::size_t at = html.starts_with("<!DOCTYPE html>") ? 15 : 0;
  while ((at = html.find('<', at)) != std::string::npos) {
    const std::size_t end = html.find('>', at);
    if (end == std::string::npos) return "a tag without its end";
    std::string tag = html.substr(at + 1, end - at - 1);
    at = end;
    if (tag.find('<') != std::string::npos) return "a stray < in " + tag;
    if (tag.starts_with('/')) {
      if (open.empty() || open.back() != tag.substr(1)) return "closed out of order: " + tag;
      open.pop_back();
      continue;
    }
    std::size_t quotes = 0;
    for (const char letter : tag) quotes += letter == '"' ? 1 : 0;
    if (quotes % 2 != 0) return "quotes of " + tag;
    if (!tag.ends_with('/')) open.push_back(tag.substr(0, tag.find(' ')));
  }
  for (std::size_t k = html.find('&'); k != std::string::npos; k = html.find('&', k + 1)) {
    const std::size_t end = html.find(';', k);
    if (end == std::string::npos || end - k > 6) return "a stray & at " + std::to_string(k);
  }
  return open.empty() ? "" : "not closed: " + open.back();
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

Evaluation evaluation() {
  const std::vector<std::uint32_t> users = {1, 1, 2, 2, 3, 0}, items = {1, 2, 1, 2, 1, 2};
  const std::vector<float> labels = {1.0F, 2.0F, 3.0F, 4.0F, 5.0F, 3.0F};
  const std::vector<float> predictions = {2.0F, 2.5F, 3.0F, 3.5F, 4.0F, 3.25F};
  const std::vector<std::uint32_t> train_users = {0, 10, 1200, 0}, train_items = {0, 3, 44};
  const std::vector<classics::Baseline> baselines = {
      {.name = "global_mean", .note = "no <options>", .predictions = std::vector<float>(6, 3.0F)}};
  return evaluate_ratings({.users = users,
                           .items = items,
                           .labels = labels,
                           .train_rows_of_user = train_users,
                           .train_rows_of_item = train_items},
                          predictions, baselines);
}

ReportData whole() {
  ReportData data{.title = "ranking", .subtitle = "version 3", .headlines = {{"parameters", "127,585"}}};
  for (std::size_t epoch = 1; epoch <= 3; ++epoch) {
    const double value = 1.0 + 1.0 / static_cast<double>(epoch);
    data.fit.epochs.push_back(
        {.epoch = epoch, .train = {{"loss", value}, {"rmse", value}}, .validation = {{"rmse", value}}, .seconds = 0.1});
  }
  data.fit.best_epoch = 3;
  data.evaluation = evaluation();
  data.facts = {{.heading = "Split", .rows = {{"kind", "random"}}}};
  data.recipe = "[data]\npath = \"ratings.csv\"\n";
  return data;
}

TEST(Report, IsWellFormedWithEverything) { EXPECT_EQ(fault(report_html(whole())), ""); }

TEST(Report, IsWellFormedWithNothing) { EXPECT_EQ(fault(report_html({})), ""); }

TEST(Report, IsWellFormedWithoutOnePart) {
  for (int part = 0; part < 5; ++part) {
    ReportData data = whole();
    if (part == 0) data.evaluation.reset();
    if (part == 1) data.fit = {};
    if (part == 2) data.evaluation->baselines.clear();
    if (part == 3) data.facts.clear();
    if (part == 4) data.recipe.clear();
    EXPECT_EQ(fault(report_html(data)), "") << part;
  }
}

TEST(Report, ShowsEachPart) {
  const std::string html = report_html(whole());
  for (const char* part : {"<h1>ranking</h1>", "version 3", "127,585", "Beside the baselines", "global mean",
                           "Training", "Predicted against actual", "Residuals by label", "500+", "Split", "random",
                           "path = &quot;ratings.csv&quot;", "weights of epoch 3"}) {
    EXPECT_TRUE(has(html, part)) << part;
  }
}

TEST(Report, ReadsEveryTextAsText) {  // titles, columns and paths come from files of anybody's
  const std::string evil = "</title><script>alert(1)</script>&\"'";
  ReportData data = whole();
  data.title = data.subtitle = data.recipe = evil;
  data.headlines = {{evil, evil}};
  data.facts = {{.heading = evil, .rows = {{evil, evil}}}};
  data.evaluation->baselines[0].name = data.evaluation->baselines[0].note = evil;
  data.evaluation->model.metrics[0].name = "rmse";
  const std::string html = report_html(data);
  EXPECT_FALSE(has(html, "<script"));
  EXPECT_EQ(fault(html), "");
  EXPECT_TRUE(has(html, "&lt;script&gt;alert(1)"));
}

TEST(Report, NeedsNoNetwork) {
  const std::string html = report_html(whole());
  for (const char* load : {"http", "//", "src=", "href=", "@import", "url("}) EXPECT_FALSE(has(html, load)) << load;
}

TEST(Report, HasNoNumberThatIsNone) {
  const std::string html = report_html(whole());
  for (const char* none : {"nan", "\"inf", ">inf"}) EXPECT_FALSE(has(html, none)) << none;
}

TEST(Report, ShowsTheStepsOfASingleEpoch) {
  ReportData data = whole();
  data.fit.epochs.resize(1);
  data.fit.step_losses = {3.0, 2.0, 1.5};
  EXPECT_TRUE(has(report_html(data), ">step</text>"));
}

TEST(Report, FallsBackToTheLossWithoutRmse) {
  ReportData data = whole();
  data.fit.epochs[1].train = {{"loss", 1.5}};
  EXPECT_TRUE(has(report_html(data), ">loss</text>"));
}
}  // namespace
}  // namespace podium
