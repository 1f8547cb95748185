#include "podium/train/trainer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "podium/core/error.h"
#include "podium/core/random.h"
#include "podium/train/train_state.h"

namespace podium {
namespace {
// Ratings that a bias of user and item explains, with noise.
Table ratings(std::size_t rows = 3000) {
  const Random random(3);
  Strings users, items;
  std::vector<double> labels;
  for (std::size_t r = 0; r < rows; ++r) {
    const auto user = random.below(60, 0, r), item = random.below(90, 1, r);
    users.push_back(std::to_string(user));
    items.push_back(std::to_string(item));
    labels.push_back(3.0 + random.normal(2, user) * 0.5 + random.normal(3, item) * 0.5 + random.normal(4, r) * 0.3);
  }
  return Table({{"user", users, {}}, {"item", items, {}}, {"rating", labels, {}}});
}

Model new_model(const Table& table) {
  GraphBuilder builder;
  const auto user = builder.embed("user", 8), item = builder.embed("item", 8);
  const auto hidden = builder.dropout(builder.dense(builder.concat({user, item}), 16, relu), 0.05F);
  builder.output("rating", builder.dense(hidden, 1));
  Features features = fit_features(builder.graph(), table);
  return Model(builder, std::move(features), {.seed = 5, .user = "user", .item = "item"});
}

const TrainOptions kOptions{.epochs = 4, .batch_size = 700, .seed = 9};

void expect_same_weights(const Model& left, const Model& right) {
  for (std::size_t t = 0; t < left.weights().tensors.size(); ++t) {
    EXPECT_EQ(left.weights().tensors[t].values, right.weights().tensors[t].values) << left.weights().tensors[t].name;
  }
}

TEST(Trainer, LearnsAndReportsEveryEpochAndStep) {
  const Table table = ratings();
  Model model = new_model(table);
  Trainer trainer(model, {.label = "rating"}, Adagrad{.learning_rate = 0.1});
  const double before = trainer.evaluate(table, {rmse})[1].second;
  const FitReport report = trainer.fit(table, kOptions);
  ASSERT_EQ(report.epochs.size(), 4U);
  EXPECT_EQ(report.steps, 4U * 5U);  // 700 x 4 + 200 rows
  EXPECT_EQ(report.step_losses.size(), report.steps);
  EXPECT_EQ(report.epochs[2].epoch, 3U);
  EXPECT_LT(report.epochs[3].train[0].second, report.epochs[0].train[0].second);
  const auto after = trainer.evaluate(table, {rmse, mae});
  EXPECT_LT(after[1].second, 0.8 * before);
  EXPECT_NEAR(after[0].second, after[1].second * after[1].second, 1e-5);  // the loss is the mean of the squared errors
  EXPECT_EQ(after[2].first, "mae");
}

TEST(Trainer, GivesTheSameBitsOnAnyNumberOfThreadsForEveryShuffle) {
  const Table table = ratings();
  for (const Shuffle shuffle : {Shuffle::once, Shuffle::each_epoch, Shuffle::none}) {
    std::vector<Model> models;
    for (const std::size_t threads : {1U, 2U, 3U, 7U}) {
      Model& model = models.emplace_back(new_model(table));
      TrainOptions options = kOptions;
      options.shuffle = shuffle;
      options.threads = threads;
      Trainer(model, {.label = "rating"}, Adagrad{.learning_rate = 0.1}).fit(table, options);
      expect_same_weights(models.front(), model);
    }
  }
}

TEST(Trainer, GoesOnFromAnyStepAsIfItHadNeverStopped) {
  const Table table = ratings();
  const TableView train(table);
  Model whole = new_model(table);
  Trainer straight(whole, {.label = "rating"}, Adam{.learning_rate = 0.01});
  const FitReport wanted = straight.fit(train, kOptions);
  for (const std::size_t stop_after : {1U, 5U, 7U, 13U}) {
    Model model = new_model(table);
    Trainer first(model, {.label = "rating"}, Adam{.learning_rate = 0.01});
    std::size_t steps = 0;
    first.on_step([&](const StepProgress&) { return ++steps < stop_after; });
    EXPECT_TRUE(first.fit(train, kOptions).stopped);
    Trainer second(model, {.label = "rating"}, Adam{.learning_rate = 0.01});
    second.restore(first.state());
    const FitReport found = second.fit(train, kOptions);
    expect_same_weights(whole, model);
    EXPECT_EQ(found.step_losses, wanted.step_losses);
    for (std::size_t e = 0; e < 4; ++e) EXPECT_EQ(found.epochs[e].train, wanted.epochs[e].train);
  }
}

TEST(Trainer, RefusesAStateOfAnotherOptimizer) {
  const Table table = ratings(500);
  Model model = new_model(table);
  Trainer adam(model, {.label = "rating"}, Adam{});
  adam.fit(table, {.epochs = 1});
  Trainer adagrad(model, {.label = "rating"}, Adagrad{});
  EXPECT_THROW(adagrad.restore(adam.state()), Error);
}

TEST(Trainer, StopsEarlyAndKeepsTheBestWeights) {
  const Table table = ratings(600);
  std::vector<std::uint32_t> held_out, kept;
  for (std::uint32_t row = 0; row < table.rows(); ++row) (row % 3 == 0 ? held_out : kept).push_back(row);
  const TableView train(table, kept), validation(table, held_out);
  Model model = new_model(table);
  Trainer trainer(model, {.label = "rating"}, Adam{.learning_rate = 0.03});  // memorizes its few rows soon
  TrainOptions options{.epochs = 200, .batch_size = 64, .seed = 9};
  options.early_stopping = {.patience = 3};
  const FitReport report = trainer.fit(train, validation, options);
  ASSERT_LT(report.epochs.size(), 200U);
  EXPECT_EQ(report.epochs.size(), report.best_epoch + 3);
  double best = std::numeric_limits<double>::infinity();
  for (const auto& epoch : report.epochs) best = std::min(best, epoch.validation[0].second);
  EXPECT_EQ(trainer.evaluate(validation, {})[0].second, best);
  EXPECT_EQ(report.epochs[report.best_epoch - 1].validation[0].second, best);
}

TEST(Trainer, ValidationLossHoldsTheRegularizationAsTrainLossDoes) {
  const Table table = ratings(600);
  GraphBuilder builder;
  const auto user = builder.embed(graph::Text{"user"}, {.name = "user", .dim = 4, .l2 = 0.3F});
  builder.output("rating", builder.dense({.input = user, .units = 1, .name = "", .l2 = 0.1F}));
  Model model(builder, fit_features(builder.graph(), table), {.seed = 5, .user = "user", .item = ""});
  Trainer trainer(model, {.label = "rating", .metrics = {mse}}, Sgd{.learning_rate = 1e-30});  // weights stay
  const auto report = trainer.fit(table, table, {.epochs = 1, .batch_size = 600}).epochs.at(0);
  ASSERT_EQ(report.train.size(), 3U);
  ASSERT_EQ(report.validation.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(report.train[i].first, report.validation[i].first);
    EXPECT_NEAR(report.train[i].second, report.validation[i].second, 1e-6) << report.train[i].first;
  }
  EXPECT_NEAR(report.validation[0].second, report.validation[1].second + report.validation[2].second, 1e-6);
  EXPECT_GT(report.validation[1].second, 0.0);
}

// One weight w on its way from 0 to 0.5, the least of (w - 1)^2 + w^2. The validation rows' own loss (w - 0.3)^2 is
// least at 0.3; with w^2 it would be at 0.15.
TEST(Trainer, StopsEarlyByTheLossWithoutTheRegularization) {
  Strings users;
  for (std::size_t row = 0; row < 20; ++row) users.push_back("7");
  const auto with_label = [&](double label) {
    return Table({{"user", users, {}}, {"rating", std::vector<double>(20, label), {}}});
  };
  const Table train = with_label(1.0), validation = with_label(0.3);
  GraphBuilder builder;
  const graph::Table weight{.name = "user", .dim = 1, .initializer = graph::Zeros{}, .l2 = 1.0F};
  builder.output("rating", builder.embed(graph::Text{"user"}, weight));
  Model model(builder, fit_features(builder.graph(), train), {.seed = 5, .user = "user", .item = ""});
  Trainer trainer(model, {.label = "rating", .metrics = {}}, Sgd{.learning_rate = 0.01});
  TrainOptions options{.epochs = 100, .batch_size = 20};
  options.early_stopping = {.patience = 2};
  trainer.fit(train, validation, options);
  EXPECT_NEAR(model.weights().tensors[0].values[1], 0.3, 0.01);
}

TEST(Trainer, TakesALossAndAMetricOfTheUsersOwn) {
  const Table table = ratings(500);
  Model model = new_model(table);
  const Loss absolute{"mine", [](auto predictions, auto labels, auto losses, auto gradients) {
                        for (std::size_t i = 0; i < losses.size(); ++i) {
                          losses[i] = std::abs(predictions[i] - labels[i]);
                          gradients[i] = predictions[i] > labels[i] ? 1.0F : -1.0F;
                        }
                      }};
  Trainer trainer(model, {.label = "rating", .loss = absolute}, Adagrad{.learning_rate = 0.1});
  trainer.fit(table, {.epochs = 2});
  const auto values = trainer.evaluate(table, {mae});
  EXPECT_NEAR(values[0].second, values[1].second, 1e-6);
}

TEST(Trainer, SaysAtWhichStepTheLossIsNotFinite) {
  const Table table = ratings(500);
  Model model = new_model(table);
  Trainer trainer(model, {.label = "rating"}, Sgd{.learning_rate = 1e30});
  try {
    trainer.fit(table, {.epochs = 9, .batch_size = 100});
    FAIL() << "it trained";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("step"), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("smaller learning_rate"), std::string::npos);
  }
}

TEST(Trainer, RefusesBadLabelsAndEmptyData) {
  Table table({{"user", Strings(), {}}, {"item", Strings(), {}}, {"rating", std::vector<double>(), {}}});
  const Table full = ratings(10);
  Model model = new_model(full);
  Trainer trainer(model, {.label = "rating"}, Adagrad{});
  EXPECT_THROW(trainer.fit(table, {}), Error);
  EXPECT_THROW(labels_of(full, "user"), Error);
  EXPECT_THROW(labels_of(full, "ratin"), Error);
  const Table missing({{"rating", std::vector<std::int64_t>{1, 0}, {1}}});
  EXPECT_THROW(labels_of(missing, "rating"), Error);
  const Table infinite({{"rating", std::vector<double>{1.0, std::numeric_limits<double>::infinity()}, {}}});
  EXPECT_THROW(labels_of(infinite, "rating"), Error);
}
}  // namespace
}  // namespace podium
