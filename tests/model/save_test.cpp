#include "podium/model/save.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "podium/core/manifest.h"
#include "podium/core/publish.h"
#include "podium/model/load.h"
#include "podium/model/scorer.h"
#include "podium/model/view.h"
#include "tests/model/small_model.h"

namespace podium {
namespace {
using tests::contents_of;
using tests::message_of;
using tests::small_model;
using tests::small_record;
using tests::TemporaryDirectory;

void expect_same_bits(const Model& left, const Model& right) {
  ASSERT_EQ(left.weights().tensors.size(), right.weights().tensors.size());
  for (std::size_t i = 0; i < left.weights().tensors.size(); ++i) {
    const nn::Tensor &a = left.weights().tensors[i], &b = right.weights().tensors[i];
    EXPECT_EQ(a.name, b.name);
    EXPECT_EQ(a.shape, b.shape);
    ASSERT_EQ(a.values.size(), b.values.size());
    EXPECT_EQ(std::memcmp(a.values.data(), b.values.data(), a.values.size() * sizeof(float)), 0) << a.name;
  }
  EXPECT_EQ(left.options().user, right.options().user);
  EXPECT_EQ(left.options().item, right.options().item);
  EXPECT_EQ(left.options().seed, right.options().seed);
  const auto& encoders = left.features().encoders;
  ASSERT_EQ(encoders.size(), right.features().encoders.size());
  for (std::size_t i = 0; i < encoders.size(); ++i) {
    ASSERT_EQ(encoders[i].index(), right.features().encoders[i].index());
    if (const auto* text = std::get_if<StringVocabulary>(&encoders[i])) {
      EXPECT_EQ(text->values(), std::get<StringVocabulary>(right.features().encoders[i]).values());
    }
    if (const auto* whole = std::get_if<IntegerVocabulary>(&encoders[i])) {
      EXPECT_EQ(whole->values(), std::get<IntegerVocabulary>(right.features().encoders[i]).values());
    }
  }
}

TEST(Save, AModelComesBackBitForBit) {
  const TemporaryDirectory directory;
  const Model model = small_model();
  EXPECT_EQ(save(model, directory / "models/ranking"), directory / "models/ranking/1");
  const Model loaded = load(directory / "models/ranking");
  expect_same_bits(model, loaded);
  const Table table = tests::small_table();
  EXPECT_EQ(model.predict(table), loaded.predict(table));
}

TEST(Save, SeveralUnknownIndicesComeBack) {
  const TemporaryDirectory directory;
  GraphBuilder builder;
  const auto user = builder.embed(graph::Text{"user", 5}, {.name = "user", .dim = 3});
  const auto year = builder.embed(graph::Integer{"year", 4}, {.name = "year", .dim = 3});
  builder.output("y", builder.dot(user, year));
  const Table known = tests::small_table();
  const Model model(builder, fit_features(builder.graph(), known), {.user = "user", .item = "year"});
  EXPECT_EQ(model.weights().tensors[0].shape.front(), 5U + 3U);
  save(model, directory / "m");
  const Model loaded = load(directory / "m");
  expect_same_bits(model, loaded);
  EXPECT_EQ(loaded.graph().features, model.graph().features);
  const Table asked({{"user", tests::strings({"7", "x", "y", "z", "w"}), {}},
                     {"year", std::vector<std::int64_t>{1994, 0, 1, -1, 2}, {}}});
  const auto scores = model.predict(asked);
  EXPECT_EQ(loaded.predict(asked), scores);
  EXPECT_NE(scores[1], scores[2]) << "unknown values have vectors of their own";
  const Scorer scorer(loaded);
  EXPECT_TRUE(scorer.knows_user(scorer.user("7")));
  EXPECT_FALSE(scorer.knows_user(scorer.user("x")));
  EXPECT_TRUE(scorer.knows_item(scorer.item("-1970")));
  EXPECT_EQ(scorer.item("-1"), 3U);
  EXPECT_FALSE(scorer.knows_item(3));
  const std::vector<std::uint32_t> users = {scorer.user("x")}, items = {scorer.item("0")};
  std::vector<float> score(1);
  scorer.score(users, items, score);
  EXPECT_NEAR(score[0], scores[1], 1e-6);
}

TEST(Save, ARecordComesBackWhole) {
  const TemporaryDirectory directory;
  const ModelRecord record = small_record();
  save(small_model(), record, directory / "ranking");
  const ModelRecord loaded = load_record(directory / "ranking/1");
  EXPECT_EQ(loaded.sources, record.sources);
  EXPECT_EQ(loaded.split, record.split);
  EXPECT_EQ(loaded.recipe, record.recipe);
  EXPECT_EQ(loaded.metrics, record.metrics);
  EXPECT_EQ(loaded.run, record.run);
  EXPECT_EQ(loaded.report, record.report);
  EXPECT_EQ(loaded.candidates, record.candidates);
  EXPECT_EQ(loaded.history, record.history);
  EXPECT_EQ(loaded.resume_state, record.resume_state);
  ASSERT_EQ(loaded.resume.size(), 1U);
  EXPECT_EQ(loaded.resume[0].name, record.resume[0].name);
  EXPECT_EQ(std::memcmp(loaded.resume[0].bytes.data(), tests::small_slots().data(), 12), 0);
  EXPECT_EQ(load_all(directory / "ranking").directory, directory / "ranking/1");
}

TEST(Save, AStoredModelIsTheLoadedOneWithItsWeightsInTheFile) {
  const TemporaryDirectory directory;
  save(small_model(), small_record(), directory / "ranking");
  const LoadedModel loaded = load_all(directory / "ranking");
  const StoredModel stored = load_stored(directory / "ranking");
  const ModelView in_memory(loaded), in_file(stored);
  EXPECT_EQ(in_file.directory, directory / "ranking/1");
  EXPECT_EQ(in_file.options.user, in_memory.options.user);
  EXPECT_EQ(in_file.record.candidates, in_memory.record.candidates);
  EXPECT_EQ(in_file.features.features.size(), in_memory.features.features.size());
  ASSERT_EQ(in_file.weights.size(), in_memory.weights.size());
  for (std::size_t i = 0; i < in_file.weights.size(); ++i) {
    const TensorView &left = in_file.weights[i], &right = in_memory.weights[i];
    EXPECT_EQ(left.name, right.name);
    EXPECT_EQ(left.shape, right.shape);
    EXPECT_TRUE(std::ranges::equal(left.bytes, right.bytes)) << left.name;
    EXPECT_TRUE(left.is_mapped);
    EXPECT_FALSE(right.is_mapped);
    EXPECT_EQ(&in_file.weight(left.name), &left);
  }
  EXPECT_THROW(in_file.weight("nothing"), Error);
}

TEST(Save, WithoutCandidatesTheItemsVocabularyIsTheCatalog) {
  const TemporaryDirectory directory;
  save(small_model(), directory / "ranking");
  EXPECT_EQ(load_record(directory / "ranking").candidates,
            tests::strings({"Amélie (2001)", "M*A*S*H (1970)", "Speed (1994)", "Up"}));
}

TEST(Save, TwoEqualRunsDifferInRunReportAndManifestAlone) {
  const TemporaryDirectory directory;
  save(small_model(), small_record("{\"seconds\": 1}"), directory / "ranking");
  ModelRecord other = small_record("{\"seconds\": 2}");
  other.report = "slower";
  save(small_model(), other, directory / "ranking");
  auto first = contents_of(directory / "ranking/1"), second = contents_of(directory / "ranking/2");
  EXPECT_EQ(first.size(), 10U);
  for (const std::string name : {"run.json", "report.html", "MANIFEST"}) {
    EXPECT_NE(first.at(name), second.at(name));
    first.erase(name);
    second.erase(name);
  }
  EXPECT_EQ(first, second);
}

TEST(Save, ALoadedModelSavesTheSameBytes) {
  const TemporaryDirectory directory;
  save(small_model(), small_record(), directory / "ranking");
  const LoadedModel loaded = load_all(directory / "ranking");
  save(loaded.model, loaded.record, directory / "again");
  EXPECT_EQ(contents_of(directory / "ranking/1"), contents_of(directory / "again/1"));
}

TEST(Save, TakesTheNextFreeVersionAndChangesNone) {
  const TemporaryDirectory directory;
  save(small_model(), directory / "ranking");
  const auto before = contents_of(directory / "ranking/1");
  std::filesystem::create_directories(directory / "ranking/9");  // somebody else's, not a model
  std::filesystem::create_directories(directory / "ranking/notes");
  EXPECT_EQ(save(small_model(8), directory / "ranking"), directory / "ranking/10");
  EXPECT_EQ(contents_of(directory / "ranking/1"), before);
  expect_same_bits(load(directory / "ranking"), small_model(8));  // 10 is higher than 9: numbers, not letters
  expect_same_bits(load(directory / "ranking/1"), small_model());
}

TEST(Save, RunsAtOncePublishAVersionEach) {
  const TemporaryDirectory directory;
  const Model model = small_model();
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) threads.emplace_back([&] { save(model, directory / "ranking"); });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(versions(directory / "ranking"), (std::vector<std::uint64_t>{1, 2, 3, 4, 5, 6, 7, 8}));
  for (int i = 1; i <= 8; ++i) EXPECT_NO_THROW(load(directory / "ranking/" + std::to_string(i)));
  EXPECT_TRUE(tests::hidden_in(directory / "ranking").empty());
}

TEST(Save, TheManifestIsWhatXxh128sumChecks) {
  if (std::system("command -v xxh128sum > /dev/null") != 0) GTEST_SKIP() << "no xxh128sum here (package xxhash)";
  const TemporaryDirectory directory;
  save(small_model(), small_record(), directory / "ranking");
  const std::string check = "cd '" + directory / "ranking/1" + "' && xxh128sum --quiet --check MANIFEST > /dev/null";
  EXPECT_EQ(std::system(check.c_str()), 0);
}

TEST(Save, SparesTheFoldersOfLivingRunsAndCheckpoints) {
  const TemporaryDirectory directory;
  std::filesystem::create_directories(directory / "ranking/.checkpoint");
  const std::vector<std::string> paths = {"weights.safetensors"};
  const HiddenDirectory living(real_files(), directory / "ranking", paths);
  save(small_model(), directory / "ranking");
  EXPECT_EQ(tests::hidden_in(directory / "ranking").size(), 1U);
  EXPECT_TRUE(is_directory(living.contents()));
  EXPECT_TRUE(is_directory(directory / "ranking/.checkpoint"));
}

// More than is written, checked, released and asked for at once.
TEST(WriteDirectoryAtomically, LargeTensorsComeBack) {
  const TemporaryDirectory directory;
  std::vector<float> values((std::size_t{70} << 20) / sizeof(float) + 3);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i);
  const std::vector<float> one = {1.0F};
  const std::vector<TensorView> views = {view_of("small", one), view_of("large", values)};
  const std::vector<NewFile> files = {safetensors_file("t.safetensors", views)};
  write_directory_atomically(real_files(), directory / "d", files, {"test", {}});
  for (const FileCheck& check : check_directory(directory / "d")) EXPECT_EQ(check.problem, "") << check.path;
  const Safetensors read(MappedFile(directory / "d/t.safetensors"), "t");
  EXPECT_TRUE(std::ranges::equal(read.take_floats("large"), values));
}

TEST(Load, SaysWhatIsWrongWithWhatIsNoModel) {
  const TemporaryDirectory directory;
  EXPECT_EQ(message_of([&] { load(directory / "none"); }),
            directory / "none" + ": there is no such model; give FOLDER/NAME or FOLDER/NAME/VERSION");
  std::filesystem::create_directories(directory / "foreign/3");
  EXPECT_EQ(message_of([&] { load(directory / "foreign/3"); }),
            directory / "foreign/3" + ": no model.json and no version: is it a model directory?");
  EXPECT_EQ(message_of([&] { load(directory / "foreign"); }),
            directory / "foreign/3" + ": no model.json: is it a model directory?");
  tests::write_text(directory / "file", "text");
  EXPECT_EQ(message_of([&] { load(directory / "file"); }),
            directory / "file" + ": is a file, not a model directory; give FOLDER/NAME or FOLDER/NAME/VERSION");
}

TEST(Load, RefusesANewerFormatByName) {
  const TemporaryDirectory directory;
  save(small_model(), directory / "ranking");
  std::vector<NewFile> files;
  for (auto [name, text] : contents_of(directory / "ranking/1")) {
    if (name == "MANIFEST") continue;
    if (name == "model.json") text.replace(text.find("\"format_version\": 1"), 19, "\"format_version\": 2");
    files.push_back({name, text, {}});
  }
  publish_version(real_files(), directory / "ranking", files);
  EXPECT_EQ(
      message_of([&] { load(directory / "ranking"); }),
      directory / "ranking/2/model.json" + ": written by a newer Podium: format 2, this one reads 1; update Podium");
}
}  // namespace
}  // namespace podium
