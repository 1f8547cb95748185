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
