#include "podium/features/features.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "podium/core/error.h"
#include "tests/support/message_of.h"

namespace podium {
namespace {
using tests::message_of;

Column text(const std::string& name, const std::vector<std::string>& values, std::vector<std::uint64_t> missing = {}) {
  Strings held;
  for (const auto& value : values) held.push_back(value);
  return {name, held, std::move(missing)};
}
Column integers(const std::string& name, std::vector<std::int64_t> values, std::vector<std::uint64_t> missing = {}) {
  return {name, std::move(values), std::move(missing)};
}
Column numbers(const std::string& name, std::vector<double> values, std::vector<std::uint64_t> missing = {}) {
  return {name, std::move(values), std::move(missing)};
}

/// A graph that looks each feature up in a table of its own; numeric features are inputs.
graph::Graph graph_of(const std::vector<graph::Feature>& features) {
  graph::Graph graph;
  graph.features = features;
  for (graph::FeatureId i = 0; i < features.size(); ++i) {
    if (std::holds_alternative<graph::Numeric>(features[i])) {
      graph.nodes.emplace_back(graph::Input{i});
      continue;
    }
    graph::Table table;
    table.name = "table_" + std::to_string(i);
    table.dim = 2;
    graph.nodes.emplace_back(graph::Lookup{static_cast<graph::TableId>(graph.tables.size()), i});
    graph.tables.push_back(table);
  }
  return graph;
}

std::vector<std::uint32_t> ids(const Batch& batch, std::size_t feature) {
  return std::get<Ids>(batch.features.at(feature)).ids;
}

// What TensorFlow 2.21's tf.strings.to_hash_bucket_fast gives: the first two rows as Keras' documentation of Hashing
// says too.
TEST(Features, SeveralUnknownIndicesAreChosenAsTensorFlowHashes) {
  const auto hashed = [](std::size_t unknown, const std::vector<std::string>& values) {
    const Features features{{graph::Text{"film", unknown}}, {StringVocabulary()}};
    const Table table({text("film", values)});
    return ids(encode(features, table), 0);
  };
  EXPECT_EQ(hashed(3, {"A", "B", "C", "D", "E"}), (std::vector<std::uint32_t>{1, 0, 1, 1, 2}));
  EXPECT_EQ(hashed(2, {"omar", "stringer", "marlo", "wire", "skywalker"}), (std::vector<std::uint32_t>{0, 0, 1, 0, 0}));
  EXPECT_EQ(hashed(200000, {"Star Wars (1977)", "One Flew Over the Cuckoo's Nest (1975)", "Fargo (1996)"}),
            (std::vector<std::uint32_t>{101016, 96565, 91073}));
}

TEST(Features, TheVocabularyFollowsTheUnknownIndices) {
  const auto graph = graph_of({graph::Text{"film", 3}, graph::Integer{"year", 4}});
  const Table known({text("film", {"b", "a"}), integers("year", {-5, 7})});
  const Features features = fit_features(graph, known);
  // "A" and "E" as above, "" has 2 (a missing cell is it); whole numbers by their rest, which is at least 0.
  const Table asked({text("film", {"a", "b", "A", "E", ""}, {4}), integers("year", {7, -5, -1, 9, 0}, {4})});
  const Batch batch = encode(features, asked);
  EXPECT_EQ(ids(batch, 0), (std::vector<std::uint32_t>{3, 4, 1, 2, 2}));
  EXPECT_EQ(ids(batch, 1), (std::vector<std::uint32_t>{5, 4, 3, 1, 0}));
  EXPECT_EQ(count_unknown(features, batch), (std::vector<std::size_t>{3, 3}));
  auto sized = graph;
  size_tables(sized, features);
  EXPECT_EQ(sized.tables[0].rows, 5U);
  EXPECT_EQ(sized.tables[1].rows, 6U);
  const auto& feature = features.features[1];
  EXPECT_EQ(id_of(feature, features.encoders[1], "-1"), 3U);
  EXPECT_EQ(id_of(feature, features.encoders[1], "7"), 5U);
  EXPECT_EQ(id_of(feature, features.encoders[1], "seven"), 0U);
  EXPECT_EQ(place_of(feature, 3), 0U);
  EXPECT_EQ(place_of(feature, 4), 1U);
}

TEST(Features, SortTextByBytesAndIntegersByValue) {
  const Table table({text("film", {"b", "a", "b"}), integers("year", {10, 9, 10})});
  const auto graph = graph_of({graph::Text{"film"}, graph::Integer{"year"}});
  const Batch batch = encode(fit_features(graph, table), table);
  EXPECT_EQ(batch.rows, 3U);
  EXPECT_EQ(ids(batch, 0), (std::vector<std::uint32_t>{2, 1, 2}));
  EXPECT_EQ(ids(batch, 1), (std::vector<std::uint32_t>{2, 1, 2}));
}

TEST(Features, EncodeTheRowsOfAViewInItsOrder) {
  const Table table({text("film", {"a", "b", "c"}), numbers("price", {1.5, 2.5, 3.5})});
  const auto features = fit_features(graph_of({graph::Text{"film"}, graph::Numeric{"price"}}), table);
  const Batch batch = encode(features, TableView(table, {2, 0}));
  EXPECT_EQ(ids(batch, 0), (std::vector<std::uint32_t>{3, 1}));
  EXPECT_EQ(std::get<Numbers>(batch.features[1]), (Numbers{3.5F, 1.5F}));
}

TEST(Features, FitOnTheRowsOfAViewAlone) {
  const Table table({text("film", {"a", "b", "c"})});
  const auto features = fit_features(graph_of({graph::Text{"film"}}), TableView(table, {2, 0}));
  const Batch batch = encode(features, table);
  EXPECT_EQ(ids(batch, 0), (std::vector<std::uint32_t>{1, 0, 2}));
  EXPECT_EQ(count_unknown(features, batch), std::vector<std::size_t>{1});
}

TEST(Features, ReadIntegersAsTextByTheirDigits) {  // as bytes "10" stands before "9", and "-1" before both
  const Table as_integers({integers("user", {9, 10, -1})}), as_text({text("user", {"9", "10", "-1"})});
  const auto graph = graph_of({graph::Text{"user"}});
  const auto features = fit_features(graph, as_integers);
  EXPECT_EQ(std::get<StringVocabulary>(features.encoders[0]).values(),
            std::get<StringVocabulary>(fit_features(graph, as_text).encoders[0]).values());
  EXPECT_EQ(ids(encode(features, as_integers), 0), (std::vector<std::uint32_t>{3, 2, 1}));
  EXPECT_EQ(ids(encode(features, as_text), 0), (std::vector<std::uint32_t>{3, 2, 1}));
}

TEST(Features, ReadTextAsIntegersByValue) {
  const Table as_text({text("user", {"9", "10", "9"})}), as_integers({integers("user", {10, 11})});
  const auto features = fit_features(graph_of({graph::Integer{"user"}}), as_text);
  EXPECT_EQ(ids(encode(features, as_text), 0), (std::vector<std::uint32_t>{1, 2, 1}));
  EXPECT_EQ(ids(encode(features, as_integers), 0), (std::vector<std::uint32_t>{2, 0}));
}

TEST(Features, ReadNumbersFromEveryKindOfColumn) {
  const auto features = [](const Table& table) { return fit_features(graph_of({graph::Numeric{"price"}}), table); };
  for (const Table& table : {Table({text("price", {"3", "-4e1"})}), Table({integers("price", {3, -40})}),
                             Table({numbers("price", {3, -40})})}) {
    EXPECT_EQ(std::get<Numbers>(encode(features(table), table).features[0]), (Numbers{3.0F, -40.0F}));
  }
}

TEST(Features, LeaveMissingCellsOutAndGiveThemIndexZero) {
  const Table table({text("film", {"", "a", "b"}, {0}), integers("year", {0, 0, 7}, {1})});
  const auto features = fit_features(graph_of({graph::Text{"film"}, graph::Integer{"year"}}), table);
  const Batch batch = encode(features, table);
  EXPECT_EQ(ids(batch, 0), (std::vector<std::uint32_t>{0, 1, 2}));
  EXPECT_EQ(ids(batch, 1), (std::vector<std::uint32_t>{1, 0, 2}));
  EXPECT_EQ(count_unknown(features, batch), (std::vector<std::size_t>{1, 1}));
}

TEST(Features, TakeAMissingTextForTheEmptyOneWhereThatIsKnown) {
  const Table table({text("film", {"", "a", ""}, {0})});  // row 2 holds an empty text that is there
  const auto features = fit_features(graph_of({graph::Text{"film"}}), table);
  EXPECT_EQ(ids(encode(features, table), 0), (std::vector<std::uint32_t>{1, 2, 1}));
}

TEST(Features, ShareAVocabularyWhereTheyShareATable) {
  const Table table({text("film", {"b", "d"}), text("previous", {"a", "b"})});
  auto graph = graph_of({graph::Text{"film"}, graph::Text{"previous"}});
  std::get<graph::Lookup>(graph.nodes[1]).table = 0;
  const auto features = fit_features(graph, table);
  const Batch batch = encode(features, table);
  EXPECT_EQ(ids(batch, 0), (std::vector<std::uint32_t>{2, 3}));
  EXPECT_EQ(ids(batch, 1), (std::vector<std::uint32_t>{1, 2}));
  size_tables(graph, features);
  EXPECT_EQ(graph.tables[0].rows, 4U);
}

TEST(Features, ShareAVocabularyThroughTwoTables) {  // a and b share table 0, b and c share table 1
  const Table table({text("a", {"1"}), text("b", {"2"}), text("c", {"3"})});
  auto graph = graph_of({graph::Text{"a"}, graph::Text{"b"}, graph::Text{"c"}});
  graph.tables.pop_back();
  graph.nodes = {graph::Lookup{0, 0}, graph::Lookup{0, 1}, graph::Lookup{1, 1}, graph::Lookup{1, 2}};
  const auto features = fit_features(graph, table);
  for (const auto& encoder : features.encoders) EXPECT_EQ(std::get<StringVocabulary>(encoder).size(), 3U);
  EXPECT_EQ(ids(encode(features, table), 2), std::vector<std::uint32_t>{3});
}

// Every way to wire four features to three tables by pairs, from every order of who holds how much already.
TEST(Features, ShareAVocabularyAlongEveryChainOfTables) {
  const std::vector<std::pair<graph::FeatureId, graph::FeatureId>> pairs = {{0, 1}, {0, 2}, {0, 3}, {1, 2}, {1, 3},
                                                                            {2, 3}, {1, 0}, {2, 0}, {3, 1}, {3, 2}};
  const std::vector<std::string> some = {"b", "c"}, more = {"a", "b", "c", "d"};
  for (std::size_t wiring = 0; wiring < pairs.size() * pairs.size() * pairs.size(); ++wiring) {
    graph::Graph graph = graph_of({graph::Text{"0"}, graph::Text{"1"}, graph::Text{"2"}, graph::Text{"3"}});
    graph.tables.pop_back();
    graph.nodes.clear();
    std::vector<std::size_t> group = {0, 1, 2, 3};
    std::size_t rest = wiring;
    for (graph::TableId table = 0; table < 3; ++table, rest /= pairs.size()) {
      const auto [a, b] = pairs[rest % pairs.size()];
      graph.nodes.emplace_back(graph::Lookup{table, a});
      graph.nodes.emplace_back(graph::Lookup{table, b});
      const std::size_t from = group[a], to = group[b];
      std::replace(group.begin(), group.end(), from, to);
    }
    for (std::size_t who = 0; who < 4; ++who) {  // holds more than the others
      std::vector<Encoder> encoders;
      for (std::size_t i = 0; i < 4; ++i) {
        encoders.emplace_back(StringVocabulary(std::get<Strings>(text("", i == who ? more : some).values)));
      }
      share_vocabularies(graph, encoders);
      for (std::size_t i = 0; i < 4; ++i) {
        const auto& values = std::get<StringVocabulary>(encoders[i]).values();
        const auto& wanted = group[i] == group[who] ? more : some;
        EXPECT_EQ(values, std::get<Strings>(text("", wanted).values)) << "wiring " << wiring << " feature " << i;
      }
    }
  }
}

TEST(Features, ShareOneOrderToo) {  // equal values in two orders: a file's and the sorted
  const std::vector<std::string> sorted = {"a", "b"}, other = {"b", "a"};
  graph::Graph graph = graph_of({graph::Text{"0"}, graph::Text{"1"}, graph::Text{"2"}});
  graph.tables.pop_back();
  graph.nodes = {graph::Lookup{0, 2}, graph::Lookup{0, 0}, graph::Lookup{1, 0}, graph::Lookup{1, 1}};
  std::vector<Encoder> encoders;
  for (const auto* values : {&other, &sorted, &other}) {
    encoders.emplace_back(StringVocabulary(std::get<Strings>(text("", *values).values)));
  }
  share_vocabularies(graph, encoders);
  for (const auto& encoder : encoders) EXPECT_EQ(std::get<StringVocabulary>(encoder).index("a"), 1U);
}

TEST(Features, RefuseATableSharedByTextAndIntegers) {
  const Table table({text("film", {"b"}), integers("year", {1})});
  auto graph = graph_of({graph::Text{"film"}, graph::Integer{"year"}});
  std::get<graph::Lookup>(graph.nodes[1]).table = 0;
  EXPECT_THROW(fit_features(graph, table), Error);
}

TEST(Features, TakeEachVocabularyFromItsSource) {
  const Table all({text("user", {"u", "v"}), text("film", {"x", "y"})});
  const TableView train(all, {0});
  Strings films;
  films.push_back("y");
  films.push_back("x");
  const auto graph = graph_of({graph::Text{"user"}, graph::Text{"film"}});
  const std::vector<VocabularySource> sources = {&train, &films};
  const Batch batch = encode(fit_features(graph, sources), all);
  EXPECT_EQ(ids(batch, 0), (std::vector<std::uint32_t>{1, 0}));
  EXPECT_EQ(ids(batch, 1), (std::vector<std::uint32_t>{2, 1}));
}

TEST(Features, SizeEachTableForItsVocabularyAndTheUnknown) {
  const Table table({text("film", {"b", "a", "b"}), numbers("price", {1, 2, 3})});
  auto graph = graph_of({graph::Text{"film"}, graph::Numeric{"price"}});
  size_tables(graph, fit_features(graph, table));
  EXPECT_EQ(graph.tables[0].rows, 3U);
}

TEST(Features, CountARaggedRowWithAnUnknownIdOnce) {
  const Table table({text("film", {"a"})});
  const auto features = fit_features(graph_of({graph::Text{"film"}}), table);
  Batch batch;
  batch.rows = 3;
  batch.features.emplace_back(Ids{{0, 0, 1, 0}, {0, 2, 3, 4}});
  EXPECT_EQ(count_unknown(features, batch), std::vector<std::size_t>{2});
}

TEST(Features, SayWhatIsWrongAndWhere) {
  const Table table(
      {text("word", {"12", "twelve"}), numbers("price", {1.5, std::nan("")}), integers("year", {1, 2}, {1})});
  const auto graph = [](const graph::Feature& feature) { return graph_of({feature}); };
  const auto fitting = [&](const graph::Feature& feature) {
    return message_of([&] { encode(fit_features(graph(feature), table), table); });
  };
  EXPECT_NE(fitting(graph::Text{"wrd"}).find("did you mean \"word\""), std::string::npos);
  EXPECT_EQ(
      fitting(graph::Integer{"word"}),
      "column \"word\", row 2: \"twelve\" is not a whole number of 64 bits; correct it, or let the feature be text");
  EXPECT_EQ(fitting(graph::Numeric{"word"}), "column \"word\", row 2: \"twelve\" is not a number; write it like 3.5");
  EXPECT_NE(fitting(graph::Text{"price"}).find("column \"price\" holds numbers with fractions"), std::string::npos);
  EXPECT_NE(fitting(graph::Integer{"price"}).find("column \"price\" holds numbers with fractions"), std::string::npos);
  EXPECT_NE(fitting(graph::Numeric{"price"}).find("column \"price\", row 2: "), std::string::npos);
  EXPECT_NE(fitting(graph::Numeric{"year"}).find("column \"year\", row 2: the number is missing"), std::string::npos);
  const Table huge({numbers("price", {1e39})});
  EXPECT_THROW(encode(fit_features(graph(graph::Numeric{"price"}), huge), huge), Error);
}
}  // namespace
}  // namespace podium
