#include "podium/model/description.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <variant>
#include <vector>

#include "podium/core/error.h"
#include "tests/model/small_model.h"

namespace podium::model {
namespace {
using tests::message_of;
using namespace graph;

Description with_node(Node node) {
  Description description;
  description.graph.features = {Numeric{"x"}};
  description.graph.nodes = {Input{0}, std::move(node)};
  description.graph.outputs = {{"y", 1}};
  return description;
}

Dense dense_of(const Description& description) { return std::get<Dense>(description.graph.nodes[1]); }

Description round_trip(const Description& description) {
  return read_description(write_description(description), "model.json");
}

std::string minimal(const std::string& node, const std::string& more = "") {
  return R"({"format_version":1,"graph":{"features":[{"kind":"numeric","column":"x"}],"nodes":[{"kind":"input","feature":0},)" +
         node + R"(],"outputs":[{"name":"y","value":1}]})" + more + "}";
}

TEST(Description, TheFirstFormatIsStillReadAndWritten) {  // golden/format_1.json: what the first Podium wrote
  const std::string golden = tests::read_text(PODIUM_SOURCE_DIR "/tests/model/golden/format_1.json");
  const Description description = read_description(golden, "model.json");
  EXPECT_EQ(write_description(description), golden);
  const Graph& graph = description.graph;
  ASSERT_EQ(graph.tables.size(), 3U);
  EXPECT_EQ(graph.tables[1].name, "title");
  EXPECT_EQ(graph.tables[1].rows, 5U);
  EXPECT_EQ(std::get<TruncatedNormal>(graph.tables[0].initializer).mean, 0.5F);
  EXPECT_EQ(graph.tables[2].l2, 0.01F);
  EXPECT_EQ(std::get<Integer>(graph.features[2]).column, "year");
  EXPECT_EQ(description.options.user, "user");
  EXPECT_EQ(description.options.seed, 7U);
  EXPECT_EQ(description.sources.at(0).rows, 4U);
}

TEST(Description, EveryActivationAndInitializerComesBack) {
  const std::vector<Initializer> initializers = {Zeros{},
                                                 Constant{1.5F},
                                                 RandomUniform{-1.0F, 2.0F},
                                                 RandomNormal{1.0F, 3.0F},
                                                 TruncatedNormal{2.0F, 4.0F},
                                                 GlorotUniform{},
                                                 GlorotNormal{},
                                                 HeUniform{},
                                                 HeNormal{},
                                                 LecunUniform{},
                                                 LecunNormal{}};
  ASSERT_EQ(initializers.size(), std::variant_size_v<Initializer>);
  for (std::size_t i = 0; i < initializers.size(); ++i) {
    Dense dense{.input = 0, .units = 3, .name = "d", .kernel = initializers[i]};
    dense.activation = static_cast<Activation>(i % 9);
    const Dense found = dense_of(round_trip(with_node(dense)));
    EXPECT_EQ(found.activation, dense.activation);
    EXPECT_EQ(found.kernel.index(), i);
  }
  Dense dense{.input = 0, .units = 3, .name = "d", .kernel = RandomNormal{1.0F, 3.0F}, .use_bias = false};
  const Dense found = dense_of(round_trip(with_node(dense)));
  EXPECT_EQ(std::get<RandomNormal>(found.kernel).mean, 1.0F);
  EXPECT_EQ(std::get<RandomNormal>(found.kernel).stddev, 3.0F);
  EXPECT_FALSE(found.use_bias);
}

TEST(Description, EveryFloatComesBackToTheBit) {
  float value = 1e-30F;
  for (int i = 0; i < 2000; ++i, value = value * -1.0731F) {
    const Dense dense{.input = 0, .units = 1, .name = "d", .kernel = Constant{value}};
    EXPECT_EQ(std::get<Constant>(dense_of(round_trip(with_node(dense))).kernel).value, value);
  }
  const Dense dense{.input = 0, .units = 1, .name = "d", .kernel = Constant{0.1F}};
  EXPECT_NE(write_description(with_node(dense)).find("\"value\": 0.1\n"), std::string::npos);
}

TEST(Description, WhatTrainingWouldGiveUpComesBack) {
  Description description = with_node(Bias{.input = 0, .name = "b"});
  description.gives_up = {{"sharing", "the layer \"tower\""}, {"constants", "the layer \"add\""}};
  EXPECT_EQ(round_trip(description).gives_up, description.gives_up);
}

TEST(Description, AMissingFieldHasItsDefault) {  // fields that later versions add
  const auto dense = dense_of(read_description(minimal(R"({"kind":"dense","units":2,"name":"d"})"), "model.json"));
  EXPECT_TRUE(dense.use_bias);
  EXPECT_TRUE(std::holds_alternative<GlorotUniform>(dense.kernel));
}

TEST(Description, WhatIsNotUnderstoodIsAnErrorThatSaysWhere) {
  const auto error = [](const std::string& json) { return message_of([&] { read_description(json, "model.json"); }); };
  const std::string damaged = "; the file is damaged or of another program";
  EXPECT_EQ(error(minimal(R"({"kind":"dense","units":2,"name":"d","unit":1})")),
            "model.json: graph.nodes[1] has a field that this Podium does not know" + damaged);
  EXPECT_EQ(error(minimal(R"({"kind":"attention"})")),
            "model.json: graph.nodes[1] has the unknown kind \"attention\"" + damaged);
  EXPECT_EQ(error(minimal(R"({"kind":"dense","units":-2,"name":"d"})")),
            "model.json: graph.nodes[1].units is not a whole number in range" + damaged);
  EXPECT_EQ(error(minimal(R"({"kind":"dense","units":2,"activation":"rleu"})")),
            "model.json: graph.nodes[1].activation has the unknown value \"rleu\"" + damaged);
  EXPECT_EQ(error(minimal(R"({"kind":"dropout","rate":1e39})")),
            "model.json: graph.nodes[1].rate is out of range" + damaged);
  EXPECT_EQ(error(minimal(R"({"kind":"dropout"})", R"(,"more":1)")),
            "model.json: model has \"more\", which this Podium does not know");
  EXPECT_EQ(error("{}"), "model.json: has no format_version; is it a Podium model?");
  EXPECT_EQ(error(R"({"format_version":2})"),
            "model.json: written by a newer Podium: format 2, this one reads 1; update Podium");
  EXPECT_NE(error(minimal(R"({"kind":"dropout","input":1})")).find("model.json: graph: node 1"), std::string::npos);
}

TEST(Description, WhatCannotBeReadIsNotWritten) {
  Dense dense{.input = 0, .units = 1, .name = "d", .kernel = Constant{std::numeric_limits<float>::infinity()}};
  EXPECT_THROW(write_description(with_node(dense)), Error);
  Description description = with_node(Dropout{});
  description.recipe = "{";
  EXPECT_THROW(write_description(description), Error);
  description.recipe = "";
  description.options.user = "\xFF";
  EXPECT_THROW(write_description(description), Error);
}
}  // namespace
}  // namespace podium::model
