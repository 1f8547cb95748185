#include "podium/recipe/recipe.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "podium/core/error.h"
#include "tests/support/message_of.h"

namespace podium {
namespace {
const std::string kSmallest = R"([data]
path = "ratings.csv"
user = "user_id"
item = "movie_title"
[task]
label = "user_rating"
)";

const std::string kSeedJob = R"([data]
path  = "data/ratings.csv"
user  = "user_id"
item  = "movie_title"
split = { kind = "random", test = 0.2, seed = 42 }
[features.user_id]
dim = 32
vocabulary = "all"
[features.movie_title]
dim = 32
vocabulary = "all"
[model]
kind   = "mlp"
hidden = [256, 64]
[task]
kind    = "ranking"
label   = "user_rating"
loss    = "mean_squared_error"
metrics = ["rmse", "mae"]
[train]
optimizer  = { kind = "adagrad", learning_rate = 0.1 }
batch_size = 8192
epochs     = 3
seed       = 42
shuffle    = "once"
)";

std::string error_of(const std::string& text, const std::vector<std::string>& overrides = {}) {
  return tests::message_of([&] { parse_recipe(text, "ranking.toml", "", overrides); });
}

Recipe with(const std::vector<std::string>& overrides) { return parse_recipe(kSeedJob, "r.toml", "folder", overrides); }

TEST(Recipe, ReadsTheSeedJob) {
  const Recipe recipe = parse_recipe(kSeedJob, "ranking.toml", "examples/movielens");
  EXPECT_EQ(recipe.data.path, std::vector<std::string>{"examples/movielens/data/ratings.csv"});
  EXPECT_EQ(recipe.data.user, "user_id");
  EXPECT_EQ(std::get<recipe::RandomSplit>(recipe.data.split).seed, 42U);
  ASSERT_EQ(recipe.features.size(), 2U);
  EXPECT_EQ(recipe.features[0].first, "user_id") << "the order is the recipe's, not the alphabet's";
  EXPECT_EQ(recipe.features[1].second.vocabulary, "all");
  EXPECT_EQ(std::get<recipe::Mlp>(recipe.model).hidden, (std::vector<std::size_t>{256, 64}));
  EXPECT_EQ(std::get<Adagrad>(recipe.train.optimizer).learning_rate, 0.1);
  EXPECT_EQ(std::get<Adagrad>(recipe.train.optimizer).initial_accumulator_value, 0.1);
  EXPECT_EQ(recipe.train.shuffle, Shuffle::once);
  EXPECT_EQ(recipe.task.metrics, (std::vector<std::string>{"rmse", "mae"}));
}

TEST(Recipe, NeedsOnlyTheDataAndWhatToPredict) {
  const Recipe recipe = parse_recipe(kSmallest, "r.toml");
  ASSERT_EQ(recipe.features.size(), 2U);
  EXPECT_EQ(recipe.features[0].first, "user_id");
  EXPECT_EQ(recipe.features[1].first, "movie_title");
  EXPECT_EQ(recipe.features[0].second.vocabulary, "train");
  EXPECT_TRUE(std::holds_alternative<recipe::Mlp>(recipe.model));
  EXPECT_EQ(recipe.task.loss, "mean_squared_error");
}

TEST(Recipe, NamesTheNearestKeyWithItsLine) {
  EXPECT_EQ(error_of(kSmallest + "[train]\nseed = 1\nepocs = 3\n"),
            "ranking.toml:9: train.epocs is not a key; did you mean train.epochs?");
  EXPECT_EQ(error_of(kSmallest + "[trian]\nseed = 1\n"), "ranking.toml:7: trian is not a key; did you mean train?");
  EXPECT_EQ(error_of(kSmallest + "[features.user_id]\ndims = 3\n"),
            "ranking.toml:8: features.user_id.dims is not a key; did you mean features.user_id.dim?");
  EXPECT_EQ(error_of(kSmallest + "[train]\noptimizer = { kind = \"adagrad\", learning_rat = 0.1 }\n"),
            "ranking.toml:8: train.optimizer.learning_rat is not a key; did you mean train.optimizer.learning_rate?");
}

TEST(Recipe, NamesTheNearestValue) {
  EXPECT_EQ(error_of(kSmallest + "loss = \"mean_square_error\"\n")
                .find("ranking.toml:7: task.loss is \"mean_square_error\"; did you mean \"mean_squared_error\"?"),
            0U);
  EXPECT_NE(error_of(kSmallest + "[train]\noptimizer = \"adagrat\"\n").find("did you mean \"adagrad\"?"),
            std::string::npos);
  EXPECT_NE(error_of(kSmallest + "[train]\nshuffle = \"one\"\n").find("did you mean \"once\"?"), std::string::npos);
  EXPECT_NE(error_of(kSmallest + "[model]\nkind = \"mlpp\"\n").find("did you mean \"mlp\"?"), std::string::npos);
  EXPECT_NE(error_of(kSmallest + "metrics = [\"rmse\", \"mea\"]\n").find("did you mean \"mae\"?"), std::string::npos);
}

TEST(Recipe, RefusesWrongTypesAndRanges) {
  const auto train = [](const std::string& line) { return error_of(kSmallest + "[train]\n" + line + "\n"); };
  EXPECT_EQ(train("epochs = \"many\""),
            "ranking.toml:8: train.epochs is \"many\"; it has to be a whole number, 0 or more");
  EXPECT_EQ(train("epochs = 0"), "ranking.toml:8: train.epochs is 0; it has to be from 1 to 1e+06");
  EXPECT_EQ(train("epochs = -1"), "ranking.toml:8: train.epochs is -1; it has to be a whole number, 0 or more");
  EXPECT_EQ(train("epochs = 2.5"), "ranking.toml:8: train.epochs is 2.5; it has to be a whole number, 0 or more");
  EXPECT_EQ(train("batch_size = 0").find("ranking.toml:8: train.batch_size is 0"), 0U);
  EXPECT_EQ(train("init = 3"), "ranking.toml:8: train.init is 3; it has to be text, in quotes");
  EXPECT_EQ(train("optimizer = { learning_rate = nan }"),
            "ranking.toml:8: train.optimizer.learning_rate is nan; it has to be a number");
  EXPECT_EQ(train("optimizer = { lazy = 1 }"), "ranking.toml:8: train.optimizer.lazy is 1; it has to be true or false");
  EXPECT_EQ(error_of("data = 3\n"), "ranking.toml:1: data is 3; it has to be a table, as in [data]");
  EXPECT_NE(error_of(kSmallest + "metrics = 3\n").find("task.metrics is 3; it has to be text"), std::string::npos);
  EXPECT_NE(error_of(kSmallest + "[model]\nhidden = [64, 0]\n").find("model.hidden is 0; it has to be from 1"),
            std::string::npos);
  EXPECT_NE(error_of(kSeedJob, {"data.split.test=1.0"}).find("has to be above 0 to below 1"), std::string::npos);
}

TEST(Recipe, SaysWhatIsMissing) {
  EXPECT_EQ(error_of("[data]\nuser = \"u\"\nitem = \"i\"\n[task]\nlabel = \"l\"\n"),
            "ranking.toml:1: data.path is missing; name the file of interactions");
  EXPECT_EQ(error_of("[data]\npath = \"x\"\nuser = \"u\"\n"), "ranking.toml:1: data.item is missing");
  EXPECT_EQ(error_of("[data]\npath = \"x\"\nuser = \"u\"\nitem = \"i\"\n"), "ranking.toml: task.label is missing");
  EXPECT_EQ(error_of(""), "ranking.toml: data.user is missing");
}

TEST(Recipe, RefusesWhatDoesNotGoTogether) {
  EXPECT_NE(error_of(kSeedJob, {"data.train=a.csv"}).find("data.test is missing"), std::string::npos);
  EXPECT_NE(error_of(kSeedJob, {"data.split={kind=\"temporal\"}"}).find("needs times"), std::string::npos);
  EXPECT_NE(error_of(kSeedJob, {"data.split={kind=\"k_fold\",fold=5}"}).find("below folds, 5"), std::string::npos);
  EXPECT_NE(error_of(kSeedJob, {"train.early_stopping.patience=2"}).find("data.validation"), std::string::npos);
  EXPECT_NE(error_of(kSeedJob, {"task.label=user_id"}).find("the same column as data.user"), std::string::npos);
  EXPECT_NE(error_of(kSeedJob, {"features.user_rating.type=number"}).find("is the label"), std::string::npos);
  EXPECT_NE(error_of(kSeedJob, {"data.user=movie_title"}).find("the same column"), std::string::npos);
  for (const char* empty : {"data.user=\"\"", "data.item=\"\"", "task.label=\"\""}) {
    EXPECT_NE(error_of(kSeedJob, {empty}).find("is empty"), std::string::npos) << empty;
  }
}

TEST(Recipe, SaysTheLineOfBrokenToml) {
  EXPECT_EQ(error_of("[data]\npath = \n").find("ranking.toml:2: not TOML: "), 0U);
  EXPECT_EQ(error_of("[data]\npath = \"a\"\npath = \"b\"\n").find("ranking.toml:3: not TOML: "), 0U);
  EXPECT_NE(error_of("[data]\npath = 2020-01-01\n").find("dates"), std::string::npos);
  EXPECT_EQ(error_of("[data]\npath = \"\xff\"\n").find("ranking.toml:2: not TOML: "), 0U);
}

TEST(Recipe, OverridesAreTomlWhereTheyParseAndTextElse) {
  EXPECT_EQ(with({"train.epochs=10"}).train.epochs, 10U);
  EXPECT_EQ(with({"data.user=customer"}).data.user, "customer");
  EXPECT_EQ(with({"data.user=\"customer\""}).data.user, "customer");
  EXPECT_EQ(with({"data.split={kind=\"k_fold\",folds=4}"}).data.split.index(), 3U);
  EXPECT_EQ(std::get<recipe::Mlp>(with({"model.hidden=[8]"}).model).hidden, std::vector<std::size_t>{8});
  EXPECT_EQ(std::get<Adagrad>(with({"train.optimizer.learning_rate=0.5"}).train.optimizer).learning_rate, 0.5);
  const Recipe renamed = with({"train.optimizer=adam", "train.optimizer.beta_1=0.8"});
  EXPECT_EQ(std::get<Adam>(renamed.train.optimizer).beta_1, 0.8);
  EXPECT_EQ(std::get<Adam>(renamed.train.optimizer).learning_rate, 0.001) << "another kind has its own defaults";
  EXPECT_EQ(with({"features.\"a.b\".dim=4"}).features.back().first, "a.b");
  EXPECT_EQ(with({"data.time=2020-01-01"}).data.time, "2020-01-01");
  EXPECT_EQ(error_of(kSeedJob, {"train.epocs=1"}),
            "--set train.epocs=1: train.epocs is not a key; did you mean train.epochs?");
  EXPECT_NE(error_of(kSeedJob, {"train.epochs"}).find("key=value"), std::string::npos);
  EXPECT_NE(error_of(kSeedJob, {"=3"}).find("key=value"), std::string::npos);
  EXPECT_NE(error_of(kSeedJob, {"train..epochs=3"}).find("is not a key"), std::string::npos);
  EXPECT_NE(error_of(kSeedJob, {"data.user=\xff"}).find("UTF-8"), std::string::npos);
}

TEST(Recipe, PathsStartAtTheRecipesFolderAndThoseOfOverridesAtTheCurrentOne) {
  EXPECT_EQ(with({}).data.path[0], "folder/data/ratings.csv");
  EXPECT_EQ(with({"data.path=other.csv"}).data.path[0], "other.csv");
  EXPECT_EQ(parse_recipe(kSmallest, "r.toml", "/tmp/a/../b").data.path[0], "/tmp/b/ratings.csv");
  EXPECT_EQ(with({"data.path=[\"/a.csv\", \"b.csv\"]"}).data.path, (std::vector<std::string>{"/a.csv", "b.csv"}));
  const Recipe word = with({"features.user_id.vocabulary=train", "features.movie_title.vocabulary=names.txt"});
  EXPECT_EQ(word.features[0].second.vocabulary, "train");
  EXPECT_EQ(word.features[1].second.vocabulary, "names.txt");
}

TEST(Recipe, SurvivesJsonAndTomlWithEveryField) {
  const std::vector<std::string> overrides = {"data.validation=0.1",
                                              "data.names=[\"a\", \"b\"]",
                                              "data.split={kind=\"k_fold\",folds=4,fold=1}",
                                              "features.zip.l2=1e-5",
                                              "features.zip.initializer={kind=\"random_normal\",stddev=0.1}",
                                              "model={kind=\"factorization\",bias_l2=0.3}",
                                              "train.optimizer={kind=\"adam\",schedule=\"cosine\",decay_steps=30}",
                                              "train.early_stopping.patience=3",
                                              "train.precision=bf16",
                                              "train.init=weights.safetensors"};
  const Recipe recipe = with(overrides);
  const std::string json = to_json(recipe);
  EXPECT_EQ(to_json(recipe_from_json(json, "model.json")), json);
  EXPECT_EQ(to_json(parse_recipe(to_toml(recipe), "again.toml")), json);
  EXPECT_NE(json.find("\"bias_l2\": 0.3"), std::string::npos);
  EXPECT_NE(json.find("\"minval\": -0.05"), std::string::npos) << "a float is written as it was typed";
  EXPECT_NE(json.find(std::filesystem::current_path().string() + "/folder/data/ratings.csv"), std::string::npos);
}

TEST(Recipe, RecordsNoThreads) { EXPECT_EQ(to_json(with({"train.threads=7"})), to_json(with({"train.threads=1"}))); }

TEST(Recipe, DamagedJsonIsAnError) {
  const std::string json = to_json(with({}));
  EXPECT_THROW(recipe_from_json(json.substr(0, json.size() / 2), "model.json"), Error);
  EXPECT_THROW(recipe_from_json("[]", "model.json"), Error);
  EXPECT_THROW(recipe_from_json("{\"data\": null}", "model.json"), Error);
}

TEST(Recipe, DescribesEveryKeyWithTypeAndDefault) {
  const auto keys = recipe::describe();
  const auto entry = [&](const std::string& key, const std::string& kind = "") {
    for (const auto& help : keys) {
      if (help.key == key && help.kind == kind) return help;
    }
    ADD_FAILURE() << key << " is not described";
    return recipe::KeyHelp{};
  };
  EXPECT_EQ(entry("train.epochs").otherwise, "5");
  EXPECT_EQ(entry("train.epochs").type, "whole number");
  EXPECT_EQ(entry("data.path").type, "text or list of text");
  EXPECT_EQ(entry("model.hidden", "mlp").otherwise, "[256, 64]");
  EXPECT_EQ(entry("train.optimizer.beta_1", "adam").otherwise, "0.9");
  EXPECT_EQ(entry("train.optimizer.learning_rate", "adagrad").otherwise, "0.1");
  EXPECT_EQ(entry("features.COLUMN.initializer.minval", "random_uniform").otherwise, "-0.05");
  for (const auto& help : keys) EXPECT_FALSE(help.description.empty()) << help.key;
}

TEST(Recipe, AMissingFileSaysWhatToDo) {
  try {
    read_recipe("/nowhere/ranking.toml");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()).find("/nowhere/ranking.toml: cannot be read"), 0U);
  }
}
}  // namespace
}  // namespace podium
