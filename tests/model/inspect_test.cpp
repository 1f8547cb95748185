#include "podium/model/inspect.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "podium/core/publish.h"
#include "podium/model/save.h"
#include "tests/model/small_model.h"

namespace podium {
namespace {
using tests::contents_of;
using tests::TemporaryDirectory;

TEST(Inspect, NamesSeveralUnknownIndices) {
  const TemporaryDirectory directory;
  GraphBuilder builder;
  builder.output("y", builder.embed(graph::Text{"user", 5}, {.name = "user", .dim = 1}));
  const Table known = tests::small_table();
  save(Model(builder, fit_features(builder.graph(), known), {}), directory / "m");
  EXPECT_EQ(inspect_model(directory / "m").features,
            (std::vector<std::string>{"user: text, 3 values and 5 unknown indices"}));
}

TEST(Inspect, ASoundModelIsDescribed) {
  const TemporaryDirectory directory;
  save(tests::small_model(), tests::small_record(), directory / "ranking");
  const ModelReport report = inspect_model(directory / "ranking");
  EXPECT_EQ(report.problems, std::vector<std::string>{});
  EXPECT_EQ(report.directory, directory / "ranking/1");
  EXPECT_EQ(report.files.size(), 9U);
  EXPECT_EQ(report.features, (std::vector<std::string>{"user: text, 3 values", "title: text, 4 values",
                                                       "year: whole numbers, 4 values", "price: a number"}));
  // Tables 4x4, 5x4 and 5x2, dense 11x3 + 3 and 3x1 + 1, bias 1.
  EXPECT_EQ(report.parameters, 16U + 20U + 10U + 36U + 4U + 1U);
  EXPECT_EQ(report.candidates, 3U);
  EXPECT_EQ(report.interactions, 3U);
  EXPECT_TRUE(report.can_resume);
  ASSERT_TRUE(report.self_test);
  EXPECT_TRUE(report.self_test->passed);
  EXPECT_EQ(report.self_test->rows, 32U);
  EXPECT_EQ(report.self_test->largest_difference, 0.0);
  EXPECT_NE(to_text(report).find("  sound: every checksum agrees\n"), std::string::npos);
}

TEST(Inspect, EveryDamagedFileIsListed) {
  const TemporaryDirectory directory;
  save(tests::small_model(), directory / "ranking");
  tests::write_text(directory / "ranking/1/weights.safetensors", "cut");
  tests::write_text(directory / "ranking/1/extra", "more");
  const ModelReport report = inspect_model(directory / "ranking");
  ASSERT_EQ(report.problems.size(), 2U);
  EXPECT_NE(report.problems[0].find("1/extra: is not in the MANIFEST"), std::string::npos);
  EXPECT_NE(report.problems[1].find("1/weights.safetensors: is not what was written"), std::string::npos);
  EXPECT_NE(to_text(report).find("  not sound\n"), std::string::npos);
}

TEST(Inspect, TheSelfTestNoticesOtherWeights) {  // whole files, sealed anew, but the weights of another seed
  const TemporaryDirectory directory;
  save(tests::small_model(7), directory / "ranking");
  save(tests::small_model(8), directory / "other");
  std::vector<NewFile> mixed;
  for (const auto& [name, text] : contents_of(directory / "ranking/1")) {
    const bool is_swapped = name == "weights.safetensors";
    if (name != "MANIFEST")
      mixed.push_back({name, is_swapped ? tests::read_text(directory / "other/1/" + name) : text, {}});
  }
  publish_version(real_files(), directory / "ranking", mixed);
  const ModelReport report = inspect_model(directory / "ranking");
  ASSERT_TRUE(report.self_test);
  EXPECT_FALSE(report.self_test->passed);
  EXPECT_EQ(report.problems.size(), 1U);
}
}  // namespace
}  // namespace podium
