// Models that TensorFlow wrote give here the scores that they gave there (golden/make_golden.py).
#include "podium/interop/import.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "podium/core/publish.h"
#include "podium/core/random.h"
#include "podium/model/load.h"
#include "podium/model/save.h"
#include "tests/interop/golden_models.h"
#include "tests/support/temporary_directory.h"

namespace podium::interop {
namespace {
using tests::golden_path;
using tests::golden_scores;
using tests::message_of;
using tests::TemporaryDirectory;

class GoldenModel : public ::testing::TestWithParam<const char*> {};

TEST_P(GoldenModel, GivesTheScoresOfItsOwnProgram) {
  const std::string name = GetParam();
  const auto golden = golden_scores(name.substr(0, name.find('.')));
  const auto scores = import_model(golden_path(name)).model.predict(golden.rows);
  ASSERT_EQ(scores.size(), golden.scores.size());
  for (std::size_t row = 0; row < scores.size(); ++row) EXPECT_NEAR(scores[row], golden.scores[row], 1e-5) << row;
}

TEST_P(GoldenModel, GivesTheSameBitsOnceSavedAndLoaded) {
  const std::string name = GetParam();
  const auto golden = golden_scores(name.substr(0, name.find('.')));
  const TemporaryDirectory directory;
  const Imported imported = import_model(golden_path(name));
  const std::string saved = save(imported.model, imported.record, directory / "model");
  EXPECT_EQ(load(saved).predict(golden.rows), imported.model.predict(golden.rows));
}

INSTANTIATE_TEST_SUITE_P(Exports, GoldenModel,
                         ::testing::Values("frozen", "tfrs", "tfrs_index", "tfrs_index_rows", "tfrs_mask",
                                           "tf_keras_save", "tf_keras_dot", "tf_keras_file", "tf_keras_integer",
                                           "keras3_export", "keras3_dot", "keras3_file.keras", "keras2_13.keras",
                                           "keras2_14.keras"));

const StringVocabulary& words_of(const Imported& imported, std::size_t feature) {
  return std::get<StringVocabulary>(imported.model.features().encoders.at(feature));
}

TEST(Import, KeepsTheOrderOfAVocabulary) {
  const Imported imported = import_model(golden_path("tfrs"));
  EXPECT_EQ(words_of(imported, 0).value(1), "1");
  EXPECT_EQ(words_of(imported, 0).value(4), "é");
  EXPECT_EQ(words_of(imported, 1).value(3), "M*A*S*H (1970)");
}

TEST(Import, MakesAMaskTokenAnOrdinaryValue) {
  // Keras: row 0 the mask token's, row 1 the unknown's. Podium: row 0 the unknown's, row 1 the first value's.
  const Imported imported = import_model(golden_path("tfrs_mask"));
  EXPECT_EQ(words_of(imported, 0).value(1), "nothing");
  EXPECT_EQ(words_of(imported, 0).value(2), "1");
  EXPECT_EQ(imported.model.graph().tables[0].rows, 6U);
}

TEST(Import, CarriesAdagradsAccumulatorsAndStep) {
  const auto golden = golden_scores("tfrs");
  const Imported imported = import_model(golden_path("tfrs"));
  const auto& expected = golden.json.at("accumulators");
  ASSERT_EQ(imported.record.resume.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const TensorView& view = imported.record.resume[i];
    const auto values = expected[i].flatten();
    ASSERT_EQ(view.bytes.size(), values.size() * sizeof(float)) << view.name;
    std::vector<float> numbers(values.size());
    std::memcpy(numbers.data(), view.bytes.data(), view.bytes.size());
    std::vector<float> flat;
    for (const auto& row : expected[i]) {
      if (row.is_array()) {
        for (const auto& number : row) flat.push_back(number.get<float>());
      } else {
        flat.push_back(row.get<float>());
      }
    }
    EXPECT_EQ(numbers, flat) << view.name;
  }
  EXPECT_EQ(imported.record.resume[0].name, "embedding/user/weight/accumulator");
  const auto state = nlohmann::json::parse(imported.record.resume_state);
  EXPECT_EQ(state.at("step"), 2);
  EXPECT_EQ(state.at("optimizer").at("learning_rate"), 0.1) << "the float's shortest digits";
  EXPECT_FALSE(state.at("optimizer").contains("epsilon")) << "which a SavedModel does not say";
}

bool has_note(const Imported& imported, const std::string& part) {
  return std::ranges::any_of(imported.notes, [&](const std::string& note) { return note.find(part) != note.npos; });
}

TEST(Import, SaysHowATrainingGoesOnAsItDid) {
  EXPECT_TRUE(
      has_note(import_model(golden_path("tfrs")),
               "Adagrad's accumulators after 2 steps came along; a recipe goes on as it did with train.from and "
               "train.optimizer = { kind = \"adagrad\", learning_rate = 0.1, epsilon_outside = false }"));
  EXPECT_TRUE(has_note(import_model(golden_path("keras3_file.keras")), "duplicates = \"sum_of_squares\""))
      << "Keras 3 on TensorFlow";
}

TEST(Import, GuessesTheRolesAndTakesThemAsTold) {
  EXPECT_EQ(import_model(golden_path("tfrs")).model.options().user, "user");
  EXPECT_EQ(import_model(golden_path("tfrs")).model.options().item, "title");
  const Imported told = import_model(golden_path("tfrs"), {.user = "title", .item = "user"});
  EXPECT_EQ(told.model.options().user, "title");
  const Imported half = import_model(golden_path("tfrs"), {.user = "", .item = "user"});
  EXPECT_EQ(half.model.options().user, "title");  // the other of two is no guess
  for (const std::string& note : half.notes) EXPECT_EQ(note.find("guessed"), std::string::npos) << note;
  EXPECT_NE(message_of([] { import_model(golden_path("tfrs"), {.user = "usr", .item = ""}); }).find("usr"),
            std::string::npos);
}

// ---- what can't be read is named ----
/// A golden model's copy, a file of it changed.
class ChangedModel : public ::testing::Test {
 protected:
  void copy(const std::string& name) {
    std::filesystem::copy(golden_path(name), directory_ / "model", std::filesystem::copy_options::recursive);
  }
  void replace(const std::string& file, const std::string& from, const std::string& to) {
    std::string text = tests::read_text(directory_ / ("model/" + file));
    std::size_t count = 0;
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
      text.replace(at, from.size(), to);
      ++count;
    }
    ASSERT_GT(count, 0U);
    tests::write_text(directory_ / ("model/" + file), text);
  }
  std::string message() {
    return message_of([&] { import_model(directory_ / "model"); });
  }

  TemporaryDirectory directory_;
};

TEST_F(ChangedModel, AnOperationThatPodiumLacksIsNamed) {
  copy("tfrs");
  replace("saved_model.pb", "\x12\x04Relu", "\x12\x04Rint");
  EXPECT_NE(message().find("Rint"), std::string::npos) << message();
  EXPECT_NE(message().find("dense/Relu"), std::string::npos) << message();
}

TEST_F(ChangedModel, AModelOfAnotherTagIsRefused) {
  copy("tfrs");
  replace("saved_model.pb", "\"\x05serve", "\"\x05train");
  EXPECT_NE(message().find("train"), std::string::npos) << message();
}

TEST_F(ChangedModel, ASplitProtoIsRefusedByName) {
  copy("tfrs");
  std::filesystem::rename(directory_ / "model/saved_model.pb", directory_ / "model/saved_model.cpb");
  EXPECT_NE(message().find("saved_model.cpb"), std::string::npos) << message();
}

TEST_F(ChangedModel, MissingVariablesAreNamed) {
  copy("tfrs");
  std::filesystem::remove_all(directory_ / "model/variables");
  EXPECT_NE(message().find("variables.index"), std::string::npos) << message();
}

TEST_F(ChangedModel, AMissingVocabularyFileIsNamed) {
  copy("tf_keras_file");
  std::filesystem::remove(directory_ / "model/assets/users.txt");
  EXPECT_NE(message().find("users.txt"), std::string::npos) << message();
}

TEST_F(ChangedModel, AnExportOfPodiumsIsVerifiedByItsManifest) {
  copy("tfrs");
  const auto read = [&](const std::string& name) {
    return NewFile{name, tests::read_text(directory_ / ("model/" + name)), {}};
  };
  const std::vector<NewFile> files = {read("saved_model.pb"), read("variables/variables.index"),
                                      read("variables/variables.data-00000-of-00001")};
  std::filesystem::remove_all(directory_ / "model");
  write_directory_atomically(real_files(), directory_ / "model", files, {"test", {}});
  EXPECT_EQ(message(), "no error");
  std::filesystem::create_directory(directory_ / "model/assets.extra");
  tests::write_text(directory_ / "model/assets.extra/tf_serving_warmup_requests", "requests");
  EXPECT_EQ(message(), "no error") << "what others added is passed over";
  replace("saved_model.pb", "Speed", "speed");
  EXPECT_NE(message().find("saved_model.pb"), std::string::npos) << message();
  EXPECT_NE(message().find("MANIFEST"), std::string::npos) << message();
}

TEST(Import, WhatIsNoModelIsRefused) {
  const TemporaryDirectory directory;
  EXPECT_NE(message_of([&] { import_model(directory / "nothing"); }).find("is not there"), std::string::npos);
  EXPECT_NE(message_of([&] { import_model(directory / "."); }).find("saved_model.pb"), std::string::npos);
}

TEST(Import, AnHdf5FileIsRefusedByNameWhateverItIsCalled) {
  const TemporaryDirectory directory;
  for (const char* name : {"model.keras", "model.h5", "model"}) {
    tests::write_text(directory / name, "\x89HDF\r\n\x1a\n and more");
    const std::string message = message_of([&] { import_model(directory / name); });
    EXPECT_NE(message.find("is an HDF5 file"), std::string::npos) << message;
    EXPECT_NE(message.find("tf.saved_model.save"), std::string::npos) << message;
  }
  tests::write_text(directory / "empty.keras", "");
  EXPECT_NE(message_of([&] { import_model(directory / "empty.keras"); }).find("config.json"), std::string::npos);
}

TEST(Import, AnHdf5FileIsAnsweredWithWhatItsKerasCanWrite) {  // golden/make_hdf5.py
  const auto message = [](const std::string& name) {
    return message_of([&] { import_model(tests::golden_path(name)); });
  };
  const auto says = [](const std::string& text, const char* part) { return text.find(part) != std::string::npos; };
  const std::string three = message("keras3.h5"), two = message("keras2.h5");
  EXPECT_TRUE(says(three, "of Keras 3.15.1") && says(three, "model.save(\"model.keras\")")) << three;
  EXPECT_FALSE(says(three, "tf.saved_model.save"))
      << "which Keras 3 writes without a checkpoint of the weights: " << three;
  EXPECT_TRUE(says(two, "of Keras 2.21.0") && says(two, "tf.saved_model.save(model, \"folder\")")) << two;
  for (const char* name : {"keras3.weights.h5", "keras2_weights.h5"}) {
    EXPECT_TRUE(says(message(name), "holds weights alone") && says(message(name), "load_weights")) << message(name);
    EXPECT_FALSE(says(three, "holds weights alone")) << three;
  }
}

TEST(Import, ADamagedHdf5FileIsRefusedAllTheSame) {
  const std::string whole = tests::read_text(tests::golden_path("keras3.h5"));
  const TemporaryDirectory directory;
  for (std::size_t length = 8; length < 2200; ++length) {  // the root's attributes and their texts
    tests::write_text(directory / "m.h5", whole.substr(0, length));
    const std::string message = message_of([&] { import_model(directory / "m.h5"); });
    EXPECT_NE(message.find("is an HDF5 file"), std::string::npos) << message;
  }
  const Random random(7);
  for (std::size_t sample = 0; sample < 1000; ++sample) {
    std::string changed = whole;
    const std::size_t position = 8 + random.below(2200, 0, 2 * sample);
    changed[position] = static_cast<char>(changed[position] ^ (1 << random.below(8, 0, 2 * sample + 1)));
    tests::write_text(directory / "m.h5", changed);
    EXPECT_NE(message_of([&] { import_model(directory / "m.h5"); }).find("is an HDF5 file"), std::string::npos);
  }
}
}  // namespace
}  // namespace podium::interop
