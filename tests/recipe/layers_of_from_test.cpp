#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "podium/model/carry_over.h"
#include "podium/model/save.h"
#include "podium/recipe/from.h"
#include "tests/recipe/small_run.h"
#include "tests/support/message_of.h"

namespace podium {
namespace {
using tests::message_of;
using tests::SmallRun;

const std::string kSameLayers = "[model]\nkind = \"from\"\n";

Recipe same_layers(const SmallRun& small, const std::string& from, std::vector<std::string> overrides = {},
                   const std::string& features = "") {
  overrides.push_back("train.from=" + from);
  return small.recipe_of(features + kSameLayers, overrides);
}

/// What no other recipe says: a dot of towers, activations of their own, a layer without bias, two unknown rows.
std::string save_special_model(const SmallRun& small) {
  GraphBuilder graph;
  const auto user = graph.embed(graph::Text{"user_id", 2}, {.name = "people", .dim = 6});
  const auto film = graph.embed(graph::Text{"movie_title"}, {.name = "films", .dim = 5});
  const auto tower = [&](graph::ValueId input, graph::Activation activation, bool has_bias) {
    return graph.dense({.input = input, .units = 7, .activation = activation, .name = "", .use_bias = has_bias});
  };
  const auto left = tower(user, graph::Activation::tanh, true), right = tower(film, graph::Activation::elu, false);
  graph.output("score", graph.bias(graph.dot(left, right)));
  const Table rows = synthetic_ratings({.users = 30, .items = 20, .rows = 200, .seed = 3});
  return save(Model(graph, fit_features(graph.graph(), rows), {.user = "user_id", .item = "movie_title"}),
              small.out() + "/special");
}

TEST(LayersOfFrom, AreTrainedAsARecipeThatSaysThem) {
  SmallRun small;
  const auto first = small.train("m");
  const auto said = small.train("n", {"train.from=" + first.model});
  const auto same = small.train_recipe(same_layers(small, first.model), "n");
  for (const char* file : {"weights.safetensors", "vocabulary.safetensors", "resume/optimizer.safetensors"}) {
    EXPECT_EQ(tests::read_text(same.model + "/" + file), tests::read_text(said.model + "/" + file)) << file;
  }
}

TEST(LayersOfFrom, MayBeWhatNoRecipeSays) {
  SmallRun small;
  const std::string from = save_special_model(small);
  const auto made = small.train_recipe(same_layers(small, from, {"train.epochs=8"}), "m");
  EXPECT_LT(made.fit.epochs.back().train[0].second, 0.8 * made.fit.epochs.front().train[0].second) << "it learns";
  const LoadedModel old = load_all(from), trained = load_all(made.model);
  check_same_layers(old.model.graph(), trained.model.graph(), "");
  EXPECT_EQ(trained.model.graph().outputs.front().name, "user_rating");
  EXPECT_EQ(trained.model.weights().tensors.size(), old.model.weights().tensors.size());
  EXPECT_EQ(made.plan.features[0].values, 50U) << "new users are learnt";
  EXPECT_EQ(made.plan.features[0].new_values, 20U);
  const auto again = evaluate_model(made.model, {.baselines = false, .threads = 1}, small.watcher);
  EXPECT_EQ(again.evaluation.model.metrics[0].value, made.evaluation->model.metrics[0].value);
  const auto kept =
      small.train_recipe(same_layers(small, from, {}, "[features.user_id]\nvocabulary = \"from\"\n"), "m");
  EXPECT_EQ(kept.plan.features[0].new_values, 0U);
  EXPECT_GT(kept.plan.features[0].unknown_test_rows, 0U);
}

TEST(LayersOfFrom, AreInTheRecordAsTheyWereSaid) {
  SmallRun small;
  const std::string from = save_special_model(small);
  const auto made =
      small.train_recipe(same_layers(small, from, {}, "[features.user_id]\nvocabulary = \"from\"\n"), "m");
  const LoadedModel model = load_all(made.model);
  const Recipe recorded = recipe_from_json(model.record.recipe, "model.json");
  EXPECT_TRUE(std::holds_alternative<recipe::LayersOfFrom>(recorded.model));
  ASSERT_EQ(recorded.features.size(), 2U);
  EXPECT_EQ(recorded.features[0].second.vocabulary, "from");
  EXPECT_EQ(recorded.features[1].second.vocabulary, "train");
  EXPECT_EQ(to_toml(recorded).find("dim"), std::string::npos) << to_toml(recorded);
  EXPECT_EQ(nlohmann::json::parse(to_json(recorded)), nlohmann::json::parse(model.record.recipe));
  const Recipe whole = recipe::with_features_of(recorded, model);
  EXPECT_EQ(whole.features[0].second.unknown_indices, 2U);
}

TEST(LayersOfFrom, NeedAModelAndLeaveNothingElseToSay) {
  SmallRun small;
  const std::string from = save_special_model(small);
  EXPECT_EQ(message_of([&] { small.recipe_of(kSameLayers); }),
            "r.toml:5: model.kind is \"from\", the layers of train.from's model, and train.from is missing; name a "
            "model there");
  EXPECT_EQ(message_of([&] { same_layers(small, from, {}, "[features.user_id]\ndim = 3\n"); }),
            "r.toml:6: features.user_id.dim has no place beside model.kind = \"from\": train.from's model says it; "
            "leave all but vocabulary out");
  EXPECT_EQ(message_of([&] {
              small.train_recipe(same_layers(small, from, {}, "[features.users]\nvocabulary = \"from\"\n"), "m");
            }),
            "features.users: is no feature of " + from + ", which reads user_id, movie_title");
  EXPECT_NE(message_of([&] { same_layers(small, from, {"model.hidden=[3]"}); }).find("model.hidden"),
            std::string::npos);
}

TEST(LayersOfFrom, AreNotTrainedOtherwiseThanTheirOwnProgramWouldInSilence) {
  SmallRun small;
  const LoadedModel special = load_all(save_special_model(small));
  ModelRecord record;
  record.gives_up = {{"sharing", "the layer \"tower\": shares"}, {"freezing", "the layer \"user\": is not trained"}};
  const std::string from = save(special.model, record, small.out() + "/imported");
  const std::string said = message_of([&] { small.train_recipe(same_layers(small, from), "m"); });
  EXPECT_NE(said.find("sharing: the layer \"tower\""), std::string::npos) << said;
  EXPECT_NE(said.find("train.give_up = [\"freezing\", \"sharing\"]"), std::string::npos) << said;
  const std::string half =
      message_of([&] { small.train_recipe(same_layers(small, from, {"train.give_up=[\"freezing\"]"}), "m"); });
  EXPECT_NE(half.find("train.give_up = [\"sharing\"]"), std::string::npos) << half;
  EXPECT_FALSE(path_exists(small.out() + "/m")) << "nothing is written by a refused training";
  const auto made = small.train_recipe(same_layers(small, from, {"train.give_up=[\"freezing\",\"sharing\"]"}), "m");
  EXPECT_TRUE(load_all(made.model).record.gives_up.empty()) << "what was trained here is Podium's own";
  EXPECT_NE(message_of([&] { small.recipe_of(kSameLayers, {"train.give_up=[\"sharin\"]"}); }).find("\"sharing\""),
            std::string::npos);
}

TEST(LayersOfFrom, RefuseAColumnOfTwoTypes) {
  SmallRun small;
  GraphBuilder graph;
  const auto text = graph.embed(graph::Text{"user_id"}, {.name = "a", .dim = 2});
  const auto number = graph.embed(graph::Integer{"user_id"}, {.name = "b", .dim = 2});
  graph.output("score", graph.dense(graph.concat({text, number}), 1));
  const Features features{graph.graph().features, {StringVocabulary(), IntegerVocabulary()}};
  const std::string from = save(Model(graph, features, {.user = "user_id"}), small.out() + "/two");
  EXPECT_EQ(message_of([&] { small.train_recipe(same_layers(small, from), "m"); }),
            "train.from: " + from + " reads column \"user_id\" as values of two types, which no recipe can say");
}
}  // namespace
}  // namespace podium
