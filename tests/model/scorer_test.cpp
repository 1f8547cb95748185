#include "podium/model/scorer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <thread>

#include "podium/core/error.h"
#include "podium/core/gemm.h"
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

/// Rows of `table` as a Scorer's ids.
struct Pairs {
  std::vector<std::uint32_t> users, items;
};

Pairs ids_of(const Scorer& scorer, const Table& table) {
  Pairs ids;
  for (std::size_t r = 0; r < table.rows(); ++r) {
    ids.users.push_back(scorer.user(std::get<Strings>(table.column("user").values)[r]));
    ids.items.push_back(scorer.item(std::get<Strings>(table.column("film").values)[r]));
  }
  return ids;
}

std::vector<float> scores_of(const Scorer& scorer, const Pairs& ids) {
  std::vector<float> scores(ids.users.size());
  scorer.score(ids.users, ids.items, scores);
  return scores;
}

/// The wanted scores up to the rounding of sums of some dozen numbers.
void expect_near(const std::vector<float>& found, const std::vector<float>& wanted, const std::string& what) {
  ASSERT_EQ(found.size(), wanted.size());
  for (std::size_t r = 0; r < found.size(); ++r) {
    EXPECT_NEAR(found[r], wanted[r], 1e-6F * std::max(1.0F, std::fabs(wanted[r]))) << what << ", row " << r;
  }
}

/// Graphs on users and films. `sums_apart`: whether a Scorer sums what the two add to a layer apart.
struct Case {
  GraphBuilder graph;
  bool sums_apart = true;
};

std::vector<Case> cases() {
  using graph::Activation;
  const auto network = [](GraphBuilder& g, std::vector<graph::ValueId> inputs, std::size_t units, Activation activation,
                          bool use_bias) {
    const auto hidden = g.dense({.input = g.concat(std::move(inputs)),
                                 .units = units,
                                 .activation = activation,
                                 .name = "",
                                 .use_bias = use_bias});
    return g.dense(hidden, 1);
  };
  std::vector<Case> cases(11);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    GraphBuilder& g = cases[i].graph;
    const std::string of_film = i == 10 ? "user" : "";  // a table that both share
    const auto user = g.embed("user", 8), item = g.embed("film", 8, of_film), again = g.embed("user", 5, "again");
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
  cases[8] = {{}, false};  // a factorization with biases
  GraphBuilder& dot = cases[8].graph;
  const auto user = dot.embed("user", 8), item = dot.embed("film", 8);
  dot.output("y",
             dot.bias(dot.add({dot.dot(user, item), dot.embed("user", 1, "bias"), dot.embed("film", 1, "other")})));
  cases[9] = {{}, false};  // a layer over products alone
  GraphBuilder& towers = cases[9].graph;
  const auto left = towers.dense(towers.embed("user", 8), 16, relu),
             right = towers.dense(towers.embed("film", 8), 16, relu);
  towers.output("y", towers.dense(towers.dense(towers.concat({left, right}), 16, relu), 1));
  return cases;
}

/// A model of the case whose biases are no zeros.
Model model_of(const Case& tested, const Table& table, const std::string& kernel) {
  Features features = fit_features(tested.graph.graph(), table);
  Model model(tested.graph, std::move(features), {.seed = 5, .user = "user", .item = "film", .kernel = kernel});
  const Random random(9);
  for (std::size_t t = 0; t < model.weights().tensors.size(); ++t) {
    auto& tensor = model.weights().tensors[t];
    if (tensor.shape.size() > 1) continue;
    for (std::size_t i = 0; i < tensor.values.size(); ++i) {
      tensor.values[i] = static_cast<float>(0.1 * random.normal(t, i));
    }
  }
  return model;
}

TEST(Scorer, GivesTheBitsOfPredictIfNothingIsPrepared) {
  const Table table = pairs(900);
  for (const std::string& kernel : gemm_kernels()) {
    const auto tested = cases();
    for (std::size_t i = 0; i < tested.size(); ++i) {
      const Model model = model_of(tested[i], table, kernel);
      const Scorer scorer(model, Scorer::Prepare::nothing);
      EXPECT_EQ(scores_of(scorer, ids_of(scorer, table)), model.predict(TableView(table))) << kernel << ", graph " << i;
    }
  }
}

TEST(Scorer, GivesPredictUpToRounding) {
  const Table table = pairs(900);
  for (const std::string& kernel : gemm_kernels()) {
    const auto tested = cases();
    for (std::size_t i = 0; i < tested.size(); ++i) {
      const Model model = model_of(tested[i], table, kernel);
      const Scorer scorer(model);
      const auto found = scores_of(scorer, ids_of(scorer, table)), wanted = model.predict(TableView(table));
      const std::string what = kernel + ", graph " + std::to_string(i);
      if (is_bf16(kernel) || !tested[i].sums_apart) {
        EXPECT_EQ(found, wanted) << what;
      }
      expect_near(found, wanted, what);
    }
  }
}

/// A pair's score does not depend on how it is asked for, whatever the graph reads first.
TEST(Scorer, GivesAPairTheSameBitsInEveryCall) {
  const Table table = pairs(900);
  for (const std::string& kernel : gemm_kernels()) {
    const auto tested = cases();
    for (std::size_t i = 0; i < tested.size(); ++i) {
      const Model model = model_of(tested[i], table, kernel);
      for (const auto prepare : {Scorer::Prepare::products, Scorer::Prepare::nothing}) {
        const Scorer scorer(model, prepare);
        std::vector<std::uint32_t> items(600);
        for (std::uint32_t r = 0; r < items.size(); ++r) items[r] = r % 71;
        for (const std::uint32_t user : {0U, 1U, 50U}) {
          const std::string what = kernel + ", graph " + std::to_string(i) + ", user " + std::to_string(user);
          std::vector<float> together(items.size()), apart(items.size());
          scorer.score(user, items, together);
          scorer.score(std::vector<std::uint32_t>(items.size(), user), items, apart);
          EXPECT_EQ(together, apart) << what;
          for (const std::size_t r : {0, 299}) {
            float alone = 0.0F;
            scorer.score(user, std::span(items).subspan(r, 1), {&alone, 1});
            EXPECT_EQ(alone, apart[r]) << what;
          }
        }
      }
    }
  }
}

/// Products of 1,101 rows and 16,384 units are too large; the films' go without the users', and none without both.
TEST(Scorer, DoesWithoutProductsThatAreTooLarge) {
  for (const std::size_t films : {30, 1100}) {
    Strings of_user, of_film;
    for (std::size_t r = 0; r < 1100; ++r) {
      of_user.push_back(std::to_string(r));
      of_film.push_back("film " + std::to_string(r % films));
    }
    const Table table({{"user", of_user, {}}, {"film", of_film, {}}});
    GraphBuilder g;
    g.output("y", g.dense(g.dense(g.concat({g.embed("user", 4), g.embed("film", 4)}), 16384, relu), 1));
    const Model model(g, fit_features(g, table), {.seed = 5, .user = "user", .item = "film"});
    const Scorer scorer(model);
    const Pairs ids = ids_of(scorer, table);
    const auto found = scores_of(scorer, ids), wanted = model.predict(TableView(table));
    if (films == 1100) {
      EXPECT_EQ(found, wanted);
    }
    expect_near(found, wanted, std::to_string(films) + " films");
    std::vector<float> candidates(2);
    scorer.score(ids.users[7], std::vector{ids.items[7], ids.items[8]}, candidates);
    EXPECT_EQ(candidates[0], found[7]);
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
