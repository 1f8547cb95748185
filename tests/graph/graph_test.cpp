#include "podium/graph/graph.h"

#include <gtest/gtest.h>

#include "podium/core/error.h"
#include "podium/graph/builder.h"

namespace podium {
namespace {
using graph::ValueId;

// The movie-ranking model: two embeddings, concat, 256-64-1.
GraphBuilder ranking() {
  GraphBuilder builder;
  const ValueId user = builder.embed("user_id", 32), title = builder.embed("movie_title", 32);
  builder.output("rating",
                 builder.dense(builder.dense(builder.dense(builder.concat({user, title}), 256, relu), 64, relu), 1));
  return builder;
}

std::string error_of(const graph::Graph& graph) {
  try {
    graph::widths(graph);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Graph, WidthsFollowTheNodes) {
  EXPECT_EQ(graph::widths(ranking().graph()), (std::vector<std::size_t>{32, 32, 64, 256, 64, 1}));
}

TEST(Graph, ParametersAreTablesThenNodesInOrder) {
  auto built = ranking().graph();
  built.tables[0].rows = 944;
  built.tables[1].rows = 1665;
  std::vector<std::string> names;
  for (const auto& parameter : graph::parameters(built)) names.push_back(parameter.name);
  EXPECT_EQ(names, (std::vector<std::string>{"embedding/user_id/weight", "embedding/movie_title/weight",
                                             "dense_0/kernel", "dense_0/bias", "dense_1/kernel", "dense_1/bias",
                                             "dense_2/kernel", "dense_2/bias"}));
  // (944 + 1665) * 32 + 64 * 256 + 256 + 256 * 64 + 64 + 64 + 1
  EXPECT_EQ(graph::parameter_count(built), 83488U + 16384U + 256U + 16384U + 64U + 64U + 1U);
}

TEST(Graph, OneFeatureAndOneTableMayBeUsedTwice) {
  GraphBuilder builder;
  const ValueId bias = builder.embed("user_id", 1, "user_bias"), vector = builder.embed("user_id", 8);
  const ValueId same = builder.embed("user_id", 8);
  builder.output("score", builder.add({bias, builder.dot(vector, same)}));
  EXPECT_EQ(builder.graph().features.size(), 1U);
  EXPECT_EQ(builder.graph().tables.size(), 2U);
  EXPECT_EQ(error_of(builder.graph()), "");
}

TEST(Graph, ATableOfAnotherDimIsRefused) {
  GraphBuilder builder;
  builder.embed("user_id", 8);
  EXPECT_THROW(builder.embed("user_id", 9), Error);
}

TEST(Graph, ATableHasOneNumberOfUnknownIndices) {
  GraphBuilder builder;
  const auto a = builder.embed(graph::Text{"a", 3}, {.name = "films", .dim = 2});
  EXPECT_EQ(builder.embed(graph::Text{"a", 3}, {.name = "films", .dim = 2}), 1U);
  EXPECT_EQ(builder.graph().features.size(), 1U);
  EXPECT_THROW(builder.embed(graph::Text{"a"}, {.name = "films", .dim = 2}), Error);
  const auto b = builder.embed(graph::Text{"b"}, {.name = "films", .dim = 2});
  builder.output("y", builder.dot(a, b));
  EXPECT_NE(error_of(builder.graph()).find("with 1 unknown_indices, another with 3"), std::string::npos);
}

TEST(Graph, EveryUnsoundGraphIsRefusedByName) {
  const auto with = [](graph::Node node) {
    auto built = ranking().graph();
    built.nodes.push_back(std::move(node));
    return error_of(built);
  };
  EXPECT_NE(with(graph::Dense{.input = 99, .units = 1, .name = "x"}).find("node 6 (dense)"), std::string::npos);
  EXPECT_NE(with(graph::Dense{.input = 0, .units = 0, .name = "x"}).find("0 units"), std::string::npos);
  EXPECT_NE(with(graph::Dot{0, 2}).find("32 and 64"), std::string::npos);
  EXPECT_NE(with(graph::Add{{0, 2}}).find("32 and 64"), std::string::npos);
  EXPECT_NE(with(graph::Add{}).find("no inputs"), std::string::npos);
  EXPECT_NE(with(graph::Concat{}).find("no inputs"), std::string::npos);
  EXPECT_NE(with(graph::Lookup{.table = 7}).find("table"), std::string::npos);
  EXPECT_NE(with(graph::Lookup{.table = 0, .feature = 7}).find("feature"), std::string::npos);
  EXPECT_NE(with(graph::Input{0}).find("not numeric"), std::string::npos);
  EXPECT_NE(with(graph::Dropout{0, 1.0F}).find("[0, 1)"), std::string::npos);
  EXPECT_NE(with(graph::Dense{.input = 0, .units = 1, .name = "dense_0"}).find("twice"), std::string::npos);
  auto none_unknown = ranking().graph();
  none_unknown.features.emplace_back(graph::Text{"x", 0});
  EXPECT_NE(error_of(none_unknown).find("column \"x\" has 0 unknown_indices"), std::string::npos);
  auto no_output = ranking().graph();
  no_output.outputs.clear();
  EXPECT_NE(error_of(no_output).find("no output"), std::string::npos);
}
}  // namespace
}  // namespace podium
