#include "podium/recipe/from.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "podium/core/checksum.h"
#include "tests/recipe/small_run.h"
#include "tests/support/message_of.h"

namespace podium {
namespace {
using tests::message_of;
using tests::SmallRun;

std::vector<std::string> with(std::vector<std::string> overrides, const std::vector<std::string>& more) {
  overrides.insert(overrides.end(), more.begin(), more.end());
  return overrides;
}

/// Trains 3 epochs, goes on for 3 more, and finds every weight and slot of 6 epochs at once, bit for bit.
void expect_equal_to_one_training(std::vector<std::string> overrides) {
  SCOPED_TRACE(testing::PrintToString(overrides));
  SmallRun small;
  overrides.emplace_back("train.shuffle=none");
  const auto whole = small.train("whole", with(overrides, {"train.epochs=6"}));
  small.train("parts", with(overrides, {"train.epochs=3"}));
  const auto second = small.train("parts", with(overrides, {"train.epochs=3", "train.from=" + small.out() + "/parts"}));
  EXPECT_EQ(second.model, small.out() + "/parts/2");
  EXPECT_TRUE(small.watcher.texts.empty());
  for (const char* file : {"weights.safetensors", "vocabulary.safetensors", "resume/optimizer.safetensors"}) {
    EXPECT_EQ(tests::read_text(second.model + "/" + file), tests::read_text(whole.model + "/" + file)) << file;
  }
  EXPECT_EQ(second.fit.steps, 3 * second.plan.steps_per_epoch);
  EXPECT_EQ(second.fit.epochs.back().train, whole.fit.epochs.back().train);
}

TEST(From, GoesOnAsIfItHadNeverStopped) {
  expect_equal_to_one_training({});
  expect_equal_to_one_training({"train.optimizer={kind=\"adagrad\",row_wise=true}"});
  expect_equal_to_one_training({"train.optimizer=adam"});
  expect_equal_to_one_training({"train.optimizer={kind=\"adam\",schedule=\"cosine\",decay_steps=40}"});
  expect_equal_to_one_training({"train.optimizer={kind=\"sgd\",learning_rate=0.01,momentum=0.9}"});
  expect_equal_to_one_training({"train.optimizer={kind=\"rmsprop\",momentum=0.5,centered=true}"});
  expect_equal_to_one_training({"train.optimizer=ftrl"});
  expect_equal_to_one_training({"model.dropout=0.3"});  // drawn by the step, which goes on too
  expect_equal_to_one_training({"model={kind=\"factorization\"}"});
  expect_equal_to_one_training({"features.item_id={type=\"integer\",dim=2}"});
  expect_equal_to_one_training({"features.user_id.unknown_indices=3", "features.movie_title.unknown_indices=2"});
}

/// The row of a value in a tensor of a saved model or its slots; empty for a value that it does not know.
std::vector<float> row_of(const LoadedModel& loaded, const std::string& column, const std::string& value,
                          bool slot = false) {
  const auto& features = loaded.model.features();
  std::uint32_t id = 0;
  for (std::size_t i = 0; i < features.features.size(); ++i) {
    if (graph::column_of(features.features[i]) == column) {
      id = std::get<StringVocabulary>(features.encoders[i]).index(value);
    }
  }
  if (id == 0 && !value.empty()) return {};
  const std::string name = "embedding/" + column + "/weight";
  const auto& weights = loaded.model.weights().tensor(name);
  const std::size_t dim = weights.shape[1];
  std::vector<float> row(dim);
  const auto* begin = weights.values.data();
  if (slot) {
    const auto found = std::ranges::find(loaded.record.resume, name + "/accumulator", &TensorView::name);
    begin = reinterpret_cast<const float*>(found->bytes.data());
  }
  std::copy_n(begin + id * dim, dim, row.begin());
  return row;
}

/// Ratings of users FIRST .. LAST; every film is rated.
std::string write_users(const SmallRun& small, const std::string& name, int first, int last) {
  std::string text = "user_id,movie_title,user_rating\n";
  for (int row = 0; row < 400; ++row) {
    const int user = first + row % (last - first + 1);
    text +=
        std::to_string(user) + ",film " + std::to_string(row % 20) + "," + std::to_string(1 + (row * user) % 5) + "\n";
  }
  tests::write_text(small / name, text);
  return small / name;
}

TEST(From, KeepsEveryValueAndDrawsNewOnes) {
  SmallRun small;
  const std::string monday = write_users(small, "monday.csv", 10, 29);
  const std::string tuesday = write_users(small, "tuesday.csv", 20, 39);
  // A step so small that weights stay in their place, to the bit: what is carried over can be read off.
  const std::vector<std::string> still = {"train.optimizer={kind=\"adagrad\",learning_rate=1e-30}"};
  const auto first = small.train("m", with({"train.epochs=2"}, {"data.path=" + monday}));
  const auto second = small.train("m", with(still, {"data.path=" + tuesday, "train.from=" + small.out() + "/m"}));
  const LoadedModel old = load_all(first.model), made = load_all(second.model);
  EXPECT_EQ(second.plan.from, first.model);
  EXPECT_EQ(second.plan.features[0].values, 30U);
  EXPECT_EQ(second.plan.features[0].new_values, 10U);
  EXPECT_EQ(second.plan.features[1].new_values, 0U);
  for (int user = 10; user < 30; ++user) {  // also those that tuesday lacks
    EXPECT_EQ(row_of(made, "user_id", std::to_string(user)), row_of(old, "user_id", std::to_string(user))) << user;
  }
  for (int user = 10; user < 20; ++user) {  // whom no row of tuesday changes
    EXPECT_EQ(row_of(made, "user_id", std::to_string(user), true), row_of(old, "user_id", std::to_string(user), true));
  }
  EXPECT_EQ(row_of(made, "user_id", ""), row_of(old, "user_id", "")) << "the unknown's row";
  EXPECT_EQ(made.model.weights().tensor("dense_0/kernel").values, old.model.weights().tensor("dense_0/kernel").values);
  // New users have what a new model of this vocabulary draws.
  const Model fresh(GraphBuilder(made.model.graph()), made.model.features(), made.model.options());
  for (int user = 30; user < 40; ++user) {
    const auto id = std::get<StringVocabulary>(fresh.features().encoders[0]).index(std::to_string(user));
    const auto row = row_of(made, "user_id", std::to_string(user));
    EXPECT_TRUE(std::equal(row.begin(), row.end(), fresh.weights().tensors[0].values.begin() + id * row.size()));
  }
}

TEST(From, AVocabularyFileIsAllThatIsKnown) {
  SmallRun small;
  const std::string path = write_users(small, "ratings.csv", 10, 29);
  const auto first = small.train("m", {"data.path=" + path});
  tests::write_text(small / "users.txt", "12\n25\n99\n");
  const auto second = small.train(
      "m", {"data.path=" + path, "train.from=" + first.model, "features.user_id.vocabulary=" + (small / "users.txt"),
            "train.optimizer={kind=\"adagrad\",learning_rate=1e-30}"});
  const LoadedModel old = load_all(first.model), made = load_all(second.model);
  EXPECT_EQ(std::get<StringVocabulary>(made.model.features().encoders[0]).size(), 3U);
  EXPECT_EQ(row_of(made, "user_id", "25"), row_of(old, "user_id", "25"));
  EXPECT_EQ(second.plan.features[0].new_values, 1U);
}

TEST(From, StartsAnotherOptimizerAnewAndSaysSo) {
  SmallRun small;
  const auto first = small.train("m");
  const std::string from = "train.from=" + first.model;
  const auto note = [&](const std::vector<std::string>& overrides) {
    small.watcher.texts.clear();
    small.train("n", with(overrides, {from}));
    return small.watcher.texts.size() == 1 ? small.watcher.texts[0] : "not one note";
  };
  EXPECT_EQ(note({"train.optimizer=adam"}), first.model +
                                                " was trained by the optimizer adagrad and the recipe says "
                                                "adam; the optimizer starts anew");
  EXPECT_EQ(note({"train.optimizer={kind=\"adagrad\",row_wise=true}"}),
            first.model + " holds the state of an optimizer of other options; the optimizer starts anew");
  small.watcher.texts.clear();
  const RunOptions bare{.out = small.out(), .name = "bare", .baselines = false, .report = false, .optimizer = false};
  const auto without = run(small.recipe(), bare, small.watcher);
  small.train("n", {"train.from=" + without.model});
  EXPECT_EQ(small.watcher.texts, std::vector<std::string>{without.model + " holds no optimizer's state; the optimizer "
                                                                          "starts anew"});
}

TEST(From, SaysWhichOptionsOfTheOptimizerAreOthers) {
  SmallRun small;
  const auto first = small.train("m", {"train.optimizer={kind=\"adagrad\",learning_rate=0.1}"});
  const auto notes = [&](const std::string& optimizer) {
    small.watcher.texts.clear();
    small.train("n", {"train.from=" + first.model, "train.optimizer={kind=\"adagrad\"," + optimizer + "}"});
    return small.watcher.texts;
  };
  EXPECT_EQ(notes("learning_rate=0.5,epsilon_outside=true"),
            std::vector<std::string>{"the optimizer of " + first.model +
                                     " goes on with the recipe's learning_rate 0.5 (was 0.1), epsilon_outside true "
                                     "(was false)"});
  EXPECT_EQ(notes("learning_rate=0.1"), std::vector<std::string>{});
  EXPECT_EQ(notes("learning_rate=0.10000000149011612"), std::vector<std::string>{}) << "the same float";
}

TEST(From, AVocabularyOfItsOwnStaysAsItIs) {
  SmallRun small;
  const std::string monday = write_users(small, "monday.csv", 10, 29);
  const std::string tuesday = write_users(small, "tuesday.csv", 20, 39);
  tests::write_text(small / "users.txt", "29\n12\n25\n");  // in no sorted order
  const auto first = small.train("m", {"data.path=" + monday, "features.user_id.vocabulary=" + (small / "users.txt")});
  const auto second = small.train("m", {"data.path=" + tuesday, "train.from=" + first.model,
                                        "features.user_id.vocabulary=from", "features.movie_title.vocabulary=from"});
  const LoadedModel old = load_all(first.model), made = load_all(second.model);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_TRUE(std::get<StringVocabulary>(made.model.features().encoders[i]).values() ==
                std::get<StringVocabulary>(old.model.features().encoders[i]).values());
    EXPECT_EQ(second.plan.features[i].new_values, 0U);
  }
  EXPECT_NE(row_of(made, "user_id", ""), row_of(old, "user_id", "")) << "the unknown learnt from the others";
  EXPECT_EQ(message_of([&] { small.recipe({"features.user_id.vocabulary=from"}); }),
            "r.toml:5: features.user_id.vocabulary is \"from\", the values of train.from's model, and train.from is "
            "missing; name a model there, or say \"train\"");
}

TEST(From, NamesTheFirstLayerThatDiffers) {
  SmallRun small;
  const auto first = small.train("m");
  const std::string head = "train.from: " + first.model + ": is a model of other layers: its layer ";
  const auto error = [&](const std::vector<std::string>& overrides) {
    return message_of([&] { small.train("n", with(overrides, {"train.from=" + first.model})); });
  };
  EXPECT_EQ(error({"features.user_id.dim=5"}),
            head +
                "1 is table \"user_id\" of dim 4, looked up by text \"user_id\", by mean; here it is table "
                "\"user_id\" of dim 5, looked up by text \"user_id\", by mean");
  EXPECT_EQ(error({"model.hidden=[9]"}), head +
                                             "4 is \"dense_0\" of 8 units, relu, after layer 3; here it is "
                                             "\"dense_0\" of 9 units, relu, after layer 3");
  EXPECT_NE(error({"model.activation=tanh"}).find("here it is \"dense_0\" of 8 units, tanh"), std::string::npos);
  EXPECT_NE(error({"model.hidden=[8, 8]"}).find(head + "5 is \"dense_1\" of 1 units"), std::string::npos);
  EXPECT_NE(error({"features.item_id.dim=4"}).find(head + "3 is layers 1, 2 side by side"), std::string::npos);
  EXPECT_NE(error({"features.user_id.type=integer"}).find("looked up by integer"), std::string::npos);
  EXPECT_NE(error({"model={kind=\"factorization\"}"}).find(head), std::string::npos);
  EXPECT_NE(message_of([&] {
              plan(small.recipe({"model.hidden=[9]", "train.from=" + first.model}), small.watcher);
            }).find(head),
            std::string::npos)
      << "a dry run says it too";
  // What gives no weight another meaning may differ.
  EXPECT_EQ(error({"model.dropout=0.1", "model.l2=0.1", "features.user_id.l2=0.1"}), "no error");
}

TEST(From, RefusesPathsThatAreNoModel) {
  SmallRun small;
  const auto error = [&](const std::string& path) {
    return message_of([&] { small.train("n", {"train.from=\"" + path + "\""}); });
  };
  EXPECT_EQ(error(small / "nowhere"),
            "train.from: " + (small / "nowhere") + ": there is no such model; give FOLDER/NAME or FOLDER/NAME/VERSION");
  EXPECT_NE(error(small / "ratings.csv").find("is a file, not a model directory"), std::string::npos);
  EXPECT_NE(error("").find("train.from is empty"), std::string::npos);
  const auto first = small.train("m");
  const auto text = tests::read_text(first.model + "/weights.safetensors");
  tests::write_text(first.model + "/weights.safetensors", text.substr(1));
  EXPECT_NE(error(first.model).find("train.from: " + first.model), std::string::npos) << "damage is seen";
  EXPECT_NE(message_of([&] {
              small.train("n", {"train.from=m", "train.init=w.safetensors"});
            }).find("train.init"),
            std::string::npos);
}

TEST(From, RecordsWhatItWentOnFrom) {
  SmallRun small;
  const auto first = small.train("m");
  const std::string before = file_checksum(first.model + "/MANIFEST");
  const auto second = small.train("m", {"train.from=" + small.out() + "/m"});
  const auto record = load_record(second.model);
  ASSERT_EQ(record.sources.size(), 2U);
  EXPECT_EQ(record.sources[1], (Source{first.model + "/MANIFEST", "from", 0, before}));
  std::filesystem::remove_all(first.model);
  const auto again = evaluate_model(second.model, {.baselines = false, .threads = 1}, small.watcher);
  EXPECT_EQ(again.evaluation.model.metrics[0].value, second.evaluation->model.metrics[0].value)
      << "to evaluate it, what it went on from is not needed";
}

TEST(From, GoesOnAfterAStopToo) {
  SmallRun small;
  const auto first = small.train("m");
  const std::vector<std::string> overrides = {"train.from=" + first.model, "train.optimizer=adam", "train.epochs=3"};
  const auto straight = small.train("straight", overrides);
  small.watcher.steps_to_stop = 11;
  ASSERT_TRUE(small.train("stopped", overrides).is_stopped);
  const auto resumed = small.train("stopped", overrides, /*resumes=*/true);
  EXPECT_EQ(tests::read_text(resumed.model + "/weights.safetensors"),
            tests::read_text(straight.model + "/weights.safetensors"));
  small.watcher.steps_to_stop = 11;
  ASSERT_TRUE(small.train("other", overrides).is_stopped);
  small.train("m");  // m/2 is now what FOLDER/m means
  const auto error = message_of(
      [&] { small.train("other", with(overrides, {"train.from=" + small.out() + "/m"}), /*resumes=*/true); });
  EXPECT_NE(error.find("belongs to another training (train.from was"), std::string::npos) << error;
}

TEST(From, PathsStartWhereARecipesPathsDo) {
  SmallRun small;
  EXPECT_EQ(parse_recipe("[data]\npath = \"r.csv\"\nuser = \"u\"\nitem = \"i\"\n[task]\nlabel = \"l\"\n"
                         "[train]\nfrom = \"models/r\"\n",
                         "r.toml", "folder")
                .train.from,
            "folder/models/r");
  EXPECT_EQ(small.recipe({"train.from=models/r"}).train.from, "models/r");
}
}  // namespace
}  // namespace podium
