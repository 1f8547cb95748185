#include "podium/metrics/metric.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "podium/core/error.h"
#include "podium/core/random.h"
#include "tests/metrics/sklearn_golden.h"
#include "tests/support/message_of.h"

namespace podium {
namespace {
using tests::message_of;

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

TEST(Metrics, EqualScikitLearn) {
  for (const auto& golden : kGolden) {
    EXPECT_NEAR(rmse(golden.predictions, golden.labels), golden.rmse, 1e-12);
    EXPECT_NEAR(mae(golden.predictions, golden.labels), golden.mae, 1e-12);
    EXPECT_NEAR(mse(golden.predictions, golden.labels), golden.mse, 1e-12);
    EXPECT_NEAR(auc(golden.predictions, golden.yes), golden.auc, 1e-12);
    EXPECT_NEAR(log_loss(golden.predictions, golden.yes), golden.log_loss, 1e-12);
    EXPECT_EQ(accuracy(golden.predictions, golden.yes), golden.accuracy);
  }
}

TEST(Metrics, ByHand) {  // errors -1, 0, 3
  const std::vector<float> predictions = {2, 4, 5}, labels = {3, 4, 2};
  EXPECT_DOUBLE_EQ(mse(predictions, labels), 10.0 / 3.0);
  EXPECT_DOUBLE_EQ(rmse(predictions, labels), std::sqrt(10.0 / 3.0));
  EXPECT_DOUBLE_EQ(mae(predictions, labels), 4.0 / 3.0);
  EXPECT_DOUBLE_EQ(mean_prediction(predictions, labels), 11.0 / 3.0);
  EXPECT_DOUBLE_EQ(mean_label(predictions, labels), 3.0);
}

TEST(Metrics, SumInDouble) {  // in float the sum of squares would stay at 2^24
  const std::vector<float> predictions((1U << 24U) + 8, 1.0F), labels(predictions.size(), 0.0F);
  EXPECT_EQ(mse(predictions, labels), 1.0);
}

TEST(Metrics, OfNoRowsAreNaN) {
  for (const auto name : metric_names()) EXPECT_TRUE(std::isnan(metric_named(name)({}, {}))) << name;
}

TEST(Metrics, OfANaNPredictionAreNaN) {
  const std::vector<float> predictions = {0.5F, kNaN, 0.25F}, labels = {0, 1, 1};
  for (const Metric& metric : {rmse, mae, mse, auc, log_loss, log_loss_of_logits, mean_prediction}) {
    EXPECT_TRUE(std::isnan(metric(predictions, labels))) << metric.name;
  }
}

TEST(Metrics, RefuseRowsThatDiffer) {
  const std::vector<float> two = {1, 2}, three = {1, 2, 3};
  EXPECT_EQ(message_of([&] { rmse(two, three); }), "rmse: 2 predictions but 3 labels; give one of each per row");
}

TEST(Metrics, GoOnBitForBitFromTheirState) {
  const Random random(11);
  std::vector<float> predictions(1000), labels(1000);
  for (std::size_t row = 0; row < 1000; ++row) {
    predictions[row] = static_cast<float>(random.uniform(0, row));
    labels[row] = random.uniform(1, row) < 0.3 ? 1.0F : 0.0F;
  }
  const std::span<const float> p = predictions, y = labels;
  for (const auto name : metric_names()) {
    const Metric& metric = metric_named(name);
    const auto whole = metric.make(), before = metric.make(), after = metric.make();
    whole->add(p, y);
    before->add(p.first(337), y.first(337));
    after->add(p.first(5), y.first(5));  // restore replaces this
    after->restore(before->state());
    after->add(p.subspan(337), y.subspan(337));
    EXPECT_EQ(after->result(), whole->result()) << name;
    EXPECT_EQ(after->state(), whole->state()) << name;
    EXPECT_THROW(after->restore(std::vector<double>{1, 2, 3}), Error) << name;
  }
}

TEST(Auc, EqualsCountingEveryPair) {
  const Random random(3);
  for (std::size_t levels = 1; levels <= 30; ++levels) {  // few levels: many ties
    std::vector<float> predictions(101), labels(101);
    for (std::size_t row = 0; row < predictions.size(); ++row) {
      predictions[row] = static_cast<float>(random.below(levels, levels, row)) - 3.0F;
      labels[row] = static_cast<float>(random.below(2, 1000 + levels, row));
    }
    double pairs = 0.0, won = 0.0;
    for (std::size_t yes = 0; yes < labels.size(); ++yes) {
      for (std::size_t no = 0; no < labels.size(); ++no) {
        if (labels[yes] != 1.0F || labels[no] != 0.0F) continue;
        pairs += 1.0;
        won += predictions[yes] > predictions[no] ? 1.0 : predictions[yes] == predictions[no] ? 0.5 : 0.0;
      }
    }
    EXPECT_DOUBLE_EQ(auc(predictions, labels), won / pairs) << levels << " levels";
  }
}

TEST(Auc, OfOneClassIsNaN) {
  const std::vector<float> predictions = {1, 2};
  EXPECT_TRUE(std::isnan(auc(predictions, std::vector<float>{1, 1})));
  EXPECT_TRUE(std::isnan(auc(predictions, std::vector<float>{0, 0})));
}

TEST(LogLoss, IsClippedAsInKeras) {  // a sure mistake costs -log(1e-7)
  EXPECT_NEAR(log_loss(std::vector<float>{0.0F}, std::vector<float>{1.0F}), -std::log(1e-7), 1e-9);
  EXPECT_NEAR(log_loss(std::vector<float>{1.0F}, std::vector<float>{0.0F}), -std::log(1e-7), 1e-6);
  EXPECT_NEAR(log_loss(std::vector<float>{1.0F}, std::vector<float>{1.0F}), 1e-7, 1e-12);
}

TEST(LogLoss, OfLogitsIsThatOfTheirProbabilities) {
  for (const float logit : {-9.0F, -1.0F, 0.0F, 0.5F, 9.0F}) {
    for (const float label : {0.0F, 0.25F, 1.0F}) {
      const double p = 1.0 / (1.0 + std::exp(-static_cast<double>(logit)));
      const double y = static_cast<double>(label);
      EXPECT_NEAR(log_loss_of_logits(std::vector<float>{logit}, std::vector<float>{label}),
                  -(y * std::log(p) + (1 - y) * std::log(1 - p)), 1e-10);
    }
  }
  EXPECT_EQ(log_loss_of_logits(std::vector<float>{-1000.0F}, std::vector<float>{1.0F}), 1000.0);
}

TEST(Accuracy, CutsProbabilitiesAtOneHalfAndLogitsAtZero) {
  const std::vector<float> yes = {1, 1, 0, 0};
  EXPECT_EQ(accuracy(std::vector<float>{0.6F, 0.5F, 0.5F, 0.7F}, yes), 0.5);  // one half itself is no, as in Keras
  EXPECT_EQ(accuracy_of_logits(std::vector<float>{0.1F, 0.0F, 0.0F, -3.0F}, yes), 0.75);
}

TEST(BinaryMetrics, RefuseRatings) {
  const std::vector<float> predictions = {0.5F}, rating = {4.0F};
  for (const Metric& metric : {auc, log_loss, log_loss_of_logits, accuracy, accuracy_of_logits}) {
    const auto message = message_of([&] { metric(predictions, rating); });
    EXPECT_NE(message.find(metric.name + ": label 4.000000 is not between 0 and 1"), std::string::npos) << message;
  }
}

TEST(Metric, OfYourOwnSeesAllRows) {
  const Metric within_half = metric("within_half", [](auto predictions, auto labels) {
    double hits = 0;
    for (std::size_t row = 0; row < labels.size(); ++row) hits += std::abs(predictions[row] - labels[row]) <= 0.5F;
    return hits / static_cast<double>(labels.size());
  });
  const auto accumulator = within_half.make();
  accumulator->add(std::vector<float>{1.0F, 2.0F}, std::vector<float>{1.5F, 3.0F});
  accumulator->add(std::vector<float>{4.0F}, std::vector<float>{4.0F});
  EXPECT_DOUBLE_EQ(accumulator->result(), 2.0 / 3.0);
}

TEST(MetricNamed, FindsEachAndNamesTheNearest) {
  for (const auto name : metric_names()) EXPECT_EQ(metric_named(name).name, name);
  const auto message = message_of([] { metric_named("rsme"); });
  EXPECT_NE(message.find("did you mean \"rmse\"?"), std::string::npos);
  EXPECT_NE(message.find("log_loss"), std::string::npos);
}
}  // namespace
}  // namespace podium
