#include "podium/model/scorer.h"

#include <gtest/gtest.h>

#include <thread>

#include "podium/core/error.h"
#include "podium/core/random.h"
#include "podium/model/rank.h"

namespace podium {
namespace {
Table pairs(std::size_t rows) {
  const Random random(3);
  Strings users, items;
  for (std::size_t r = 0; r < rows; ++r) {
    users.push_back(std::to_string(random.below(50, 0, r)));
    items.push_back("film " + std::to_string(random.below(70, 1, r)));
  }
  return Table({{"user", users, {}}, {"film", items, {}}});
}

Model small_model(const Table& table) {
  GraphBuilder builder;
  const auto user = builder.embed("user", 8), item = builder.embed("film", 8);
  builder.output("y", builder.dense(builder.dense(builder.concat({user, item}), 32, relu), 1));
  Features features = fit_features(builder.graph(), table);
  return Model(builder, std::move(features), {.seed = 5, .user = "user", .item = "film"});
}

TEST(Scorer, GivesTheBitsOfPredict) {
  const Table table = pairs(900);
  const Model model = small_model(table);
  const auto predicted = model.predict(TableView(table));
  const Scorer scorer(model);
  std::vector<std::uint32_t> users, items;
  for (std::size_t r = 0; r < table.rows(); ++r) {
    users.push_back(scorer.user(std::get<Strings>(table.column("user").values)[r]));
    items.push_back(scorer.item(std::get<Strings>(table.column("film").values)[r]));
  }
  std::vector<float> scores(table.rows());
  scorer.score(users, items, scores);
  EXPECT_EQ(scores, predicted);
  float alone = 0.0F;
  scorer.score(users[7], std::span(items).subspan(7, 1), {&alone, 1});
  EXPECT_EQ(alone, predicted[7]);
}

/// What a user's candidates share is computed once, whatever the graph reads first.
TEST(Scorer, GivesTheBitsOfPredictToAUsersCandidates) {
  using graph::Activation;
  const Table table = pairs(900);
  const auto network = [](GraphBuilder& g, std::vector<graph::ValueId> inputs, std::size_t units, Activation activation,
                          bool use_bias) {
    const auto hidden = g.dense({.input = g.concat(std::move(inputs)),
                                 .units = units,
                                 .activation = activation,
                                 .name = "",
                                 .use_bias = use_bias});
    return g.dense(hidden, 1);
  };
  std::vector<GraphBuilder> graphs(8);
  for (std::size_t i = 0; i < graphs.size(); ++i) {
    GraphBuilder& g = graphs[i];
    const auto user = g.embed("user", 8), item = g.embed("film", 8), again = g.embed("user", 5, "again");
    auto output = network(g, i == 1 ? std::vector{item, user} : std::vector{user, item}, i == 2 ? 4 : 33,
                          i == 3 ? Activation::gelu : Activation::relu, i != 4);
    if (i == 5) output = g.add({output, g.dot(user, item)});  // the user's vector is read elsewhere too
    if (i == 6) output = network(g, {again, user, item}, 16, Activation::tanh, true);
    if (i == 7) {  // the layer's input is read elsewhere too
      const auto both = g.concat({user, item, again});
      output = g.add({g.dense(g.dense(both, 16, relu), 1), g.dense(both, 1)});
    }
    g.output("y", output);
  }
  for (std::size_t i = 0; i < graphs.size(); ++i) {
    const Model model(graphs[i], fit_features(graphs[i].graph(), table), {.seed = 5, .user = "user", .item = "film"});
    const Scorer scorer(model);
    std::vector<std::uint32_t> items(600);
    for (std::uint32_t r = 0; r < items.size(); ++r) items[r] = r % 71;
    for (const std::uint32_t user : {0U, 1U, 50U}) {
      std::vector<float> together(items.size()), apart(items.size());
      scorer.score(user, items, together);
      scorer.score(std::vector<std::uint32_t>(items.size(), user), items, apart);
      EXPECT_EQ(together, apart) << "graph " << i << ", user " << user;
    }
  }
}

TEST(Scorer, AnswersManyThreadsAtOnce) {
  const Table table = pairs(900);
  const Model model = small_model(table);
  const Scorer scorer(model);
  std::vector<std::uint32_t> items(70);
  for (std::uint32_t i = 0; i < items.size(); ++i) items[i] = i;
  std::vector<std::vector<float>> wanted(8, std::vector<float>(items.size())), found = wanted;
  for (std::uint32_t user = 0; user < 8; ++user) scorer.score(user, items, wanted[user]);
  std::vector<std::thread> threads;
  for (std::uint32_t user = 0; user < 8; ++user) {
    threads.emplace_back([&, user] {
      for (int repeat = 0; repeat < 50; ++repeat) scorer.score(user, items, found[user]);
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(found, wanted);
}

TEST(Scorer, RefusesWhatItCannotScore) {
  const Table table = pairs(50);
  const Model model = small_model(table);
  const Scorer scorer(model);
  EXPECT_EQ(scorer.user("nobody"), 0U);
  const std::uint32_t beyond[] = {1000};
  float score = 0.0F;
  EXPECT_THROW(scorer.score(0, beyond, {&score, 1}), Error);
  EXPECT_THROW(scorer.score(0, beyond, {}), Error);
  const Model without_roles(model.graph(), model.features(), model.weights(), {});
  EXPECT_THROW(Scorer{without_roles}, Error);
}

TEST(Scorer, RefusesTwoReadingsOfOneColumn) {
  const Table table = pairs(50);
  GraphBuilder builder;
  const auto user = builder.embed("user", 4),
             again = builder.embed(graph::Integer{"user"}, {.name = "whole", .dim = 4});
  builder.output("y", builder.add({builder.dot(user, again), builder.dot(user, builder.embed("film", 4))}));
  const Model model(builder, fit_features(builder, table), {.user = "user", .item = "film"});
  EXPECT_EQ(model.predict(TableView(table)).size(), 50U);
  EXPECT_THROW(Scorer{model}, Error);
}

TEST(Model, RefusesATableOfTwoVocabularies) {
  const Table table = pairs(3000);  // so many that every user and film is there
  GraphBuilder builder;
  const auto user = builder.embed("user", 4, "shared"), film = builder.embed("film", 4, "shared");
  builder.output("y", builder.dot(user, film));
  Features apart = fit_features(builder, table);
  EXPECT_EQ(Model(builder, apart, {}).graph().tables[0].rows, 50U + 70U + 1U);
  graph::Graph one_by_one;
  for (std::size_t f = 0; f < 2; ++f) {
    one_by_one.features = {builder.graph().features[f]};
    apart.encoders[f] = fit_features(one_by_one, table).encoders.front();
  }
  EXPECT_THROW(Model(builder, apart, {}), Error);
}

TEST(Rank, OrdersByScoreAndKeepsTheOrderOfEqualOnes) {
  const Table table = pairs(200);
  const Model model = small_model(table);
  const std::vector<std::string> candidates = {"film 1", "unheard of", "film 2", "never seen", "film 3"};
  const auto ranking = rank(model, "7", candidates);
  ASSERT_EQ(ranking.size(), candidates.size());
  std::size_t unheard = 0, never = 0;
  for (std::size_t i = 0; i < ranking.size(); ++i) {
    if (i > 0) {
      EXPECT_GE(ranking[i - 1].score, ranking[i].score);
    }
    if (ranking[i].item == "unheard of") unheard = i;
    if (ranking[i].item == "never seen") never = i;
  }
  EXPECT_EQ(never, unheard + 1);  // both are the unknown item
  EXPECT_EQ(rank(model, "7").size(), std::get<StringVocabulary>(model.features().encoders[1]).size());
}
}  // namespace
}  // namespace podium
