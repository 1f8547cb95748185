// Retrieval indices: TFRS' own (golden/make_golden.py), and small graphs whose scores are worked out by hand.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "podium/model/rank.h"
#include "tests/interop/golden_models.h"
#include "tests/interop/hand_made.h"
#include "tests/support/message_of.h"

namespace podium::interop {
namespace {
using tests::golden_path;
using tests::golden_scores;
using tests::message_of;

class GoldenIndex : public ::testing::TestWithParam<const char*> {};

TEST_P(GoldenIndex, RanksForEveryUserAsTheIndexDid) {
  const auto golden = golden_scores(GetParam());
  const Imported imported = import_model(golden_path(GetParam()));
  for (const auto& [user, items] : golden.json.at("ranking").items()) {
    std::vector<std::string> expected, got;
    for (const auto& item : items) {
      auto text = item.is_string() ? item.get<std::string>() : item.dump();
      if (expected.empty() || expected.back() != text) expected.push_back(std::move(text));  // the twice-named one
    }
    for (const Ranked& ranked : rank(imported.model, user)) got.push_back(ranked.item);
    EXPECT_EQ(got, expected) << user;
  }
}

INSTANTIATE_TEST_SUITE_P(Exports, GoldenIndex, ::testing::Values("tfrs_index", "tfrs_index_rows"));

bool has_note(const Imported& imported, const std::string& part) {
  return std::ranges::any_of(imported.notes, [&](const std::string& note) { return note.find(part) != note.npos; });
}

TEST(RetrievalIndex, NamesItsItemsAsToldAndSaysWhatIsOtherwiseHere) {
  const Imported imported = import_model(golden_path("tfrs_index"));
  EXPECT_EQ(imported.model.options().user, "input_1");
  EXPECT_EQ(imported.model.options().item, "item");
  EXPECT_TRUE(has_note(imported, "--item"));
  EXPECT_TRUE(has_note(imported, "the 2 best of its 4 candidates"));
  EXPECT_TRUE(has_note(imported, "were left out: 1 (the first is \"Speed (1994)\"'s)"));
  EXPECT_TRUE(has_note(imported, "scores 0"));
  const Imported told = import_model(golden_path("tfrs_index"), {.item = "movie_title"});
  EXPECT_EQ(told.model.options().item, "movie_title");
  EXPECT_FALSE(has_note(told, "--item"));
  EXPECT_NE(message_of([] { import_model(golden_path("tfrs_index"), {.item = "input_1"}); }).find("is the query's"),
            std::string::npos);
}

// ---- by hand ----
using savedmodel::add_node;
using savedmodel::Node;

/// A frozen index of users "a" = [1, 0] and "b" = [0, 1], any other [1, 1], over the candidates [2, 0], [0, 3], [1, 1].
class HandMadeIndex : public tests::HandMade {
 protected:
  HandMadeIndex() {
    add("user", "Placeholder").type("dtype", tf::DT_STRING);
    add("keys", "Const").tensor(savedmodel::texts(std::array<std::string, 2>{"a", "b"}));
    add("ids", "Const").tensor(savedmodel::int64s(std::array<std::int64_t, 2>{1, 2}));
    add("zero", "Const").tensor(savedmodel::scalar_int64(0));
    add("table", "HashTableV2").type("key_dtype", tf::DT_STRING).type("value_dtype", tf::DT_INT64);
    add("fill", "LookupTableImportV2", {"table", "keys", "ids"});
    add("init", "NoOp", {"^fill"});
    add("find", "LookupTableFindV2", {"table", "user", "zero"});
    add("vectors", "Const").tensor(tests::matrix(3, {1, 1, 1, 0, 0, 1}));
    add("query", "GatherV2", {"vectors", "find", "zero"});
    add("candidates", "Const").tensor(tests::matrix(3, {2, 0, 0, 3, 1, 1}));
    add("product", "MatMul", {"query", "candidates"}).truth("transpose_b", true);
    add("k", "Const").tensor(savedmodel::scalar_int32(2));
    add("best", "TopKV2", {"product", "k"});
    add("names", "Const").tensor(savedmodel::texts(std::array<std::string, 3>{"x", "y", "z"}));
    add("items", "GatherV2", {"names", "best:1", "zero"}).type("Tparams", tf::DT_STRING);
    auto& init = signature("__saved_model_init_op");
    (*init.mutable_outputs())["__saved_model_init_op"].set_name("init");
    input("user", tf::DT_STRING);
    output("scores", "best:0");
    output("titles", "items:0");
  }

  /// "item score" of each, best first.
  std::vector<std::string> ranking(const std::string& user) {
    std::vector<std::string> lines;
    for (const Ranked& ranked : rank(import_it().model, user)) {
      lines.push_back(ranked.item + " " + std::to_string(static_cast<int>(ranked.score)));
    }
    return lines;
  }
};

TEST_F(HandMadeIndex, ScoresTheItemsItNames) {
  EXPECT_EQ(ranking("a"), (std::vector<std::string>{"x 2", "z 1", "y 0"}));
  EXPECT_EQ(ranking("b"), (std::vector<std::string>{"y 3", "z 1", "x 0"}));
  EXPECT_EQ(ranking("c"), (std::vector<std::string>{"y 3", "x 2", "z 2"}));  // of equal scores the first row's first
}

TEST_F(HandMadeIndex, WithoutIdentifiersTheItemsAreTheRows) {
  output("titles", "best:1");
  EXPECT_EQ(ranking("b"), (std::vector<std::string>{"1 3", "2 1", "0 0"}));
}

TEST_F(HandMadeIndex, ScoresWithoutTheIndicesAreEnough) {
  signature().mutable_outputs()->erase("titles");
  EXPECT_EQ(ranking("b"), (std::vector<std::string>{"1 3", "2 1", "0 0"}));
}

TEST_F(HandMadeIndex, ReadsAFunctionsNamesOfOutputs) {  // "best:indices:0" there is "best:1" here
  auto& function = *graph().mutable_library()->add_function();
  function.mutable_signature()->set_name("inside");
  function.mutable_signature()->add_input_arg()->set_name("product");
  for (const char* name : {"a", "b"}) function.mutable_signature()->add_output_arg()->set_name(name);
  auto& body = *function.mutable_node_def();
  add_node(body, "k", "Const", {}, {}).tensor(savedmodel::scalar_int32(2));
  add_node(body, "best", "TopKV2", std::array<std::string, 2>{"product", "k:output:0"}, {});
  (*function.mutable_ret())["a"] = "best:values:0";
  (*function.mutable_ret())["b"] = "best:indices:0";
  node("best").set_op("PartitionedCall");
  node("best").mutable_input()->RemoveLast();
  (*node("best").mutable_attr())["f"].mutable_func()->set_name("inside");
  EXPECT_EQ(ranking("b"), (std::vector<std::string>{"y 3", "z 1", "x 0"}));
}

TEST_F(HandMadeIndex, AnUnknownItemScoresZero) {
  const Imported imported = import_it({.item = "title"});
  Strings user, title;
  user.push_back("c");
  title.push_back("none");
  const Table rows({{"user", user, {}}, {"title", title, {}}});
  EXPECT_EQ(imported.model.predict(rows), std::vector<float>{0.0F});
}

TEST_F(HandMadeIndex, AnIdentifierOfTwoVectorsIsAnError) {
  Node(node("names")).tensor(savedmodel::texts(std::array<std::string, 3>{"x", "y", "x"}));
  EXPECT_NE(message().find("\"x\" in its rows 0 and 2 with different vectors"), std::string::npos) << message();
}

TEST_F(HandMadeIndex, AnotherNumberOfIdentifiersIsAnError) {
  Node(node("names")).tensor(savedmodel::texts(std::array<std::string, 2>{"x", "y"}));
  EXPECT_NE(message().find("2 identifiers for 3 candidates"), std::string::npos) << message();
}

TEST_F(HandMadeIndex, CandidatesWithoutColumnsAreAnError) {  // so many rows of nothing are not made
  tf::TensorProto none;
  none.set_dtype(tf::DT_FLOAT);
  *none.mutable_tensor_shape() = savedmodel::shape_proto({std::int64_t{1} << 39, 0});
  Node(node("candidates")).tensor(none);
  EXPECT_NE(message().find("candidates have the shape [549755813888, 0]"), std::string::npos) << message();
}

TEST_F(HandMadeIndex, CandidatesOfAnotherWidthThanTheQuerysAreAnError) {
  Node(node("candidates")).tensor(tests::matrix(3, {2, 0, 0, 3, 1, 1, 4, 4, 4}));
  EXPECT_NE(message().find("different lengths"), std::string::npos) << message();
}

TEST_F(HandMadeIndex, WithoutItsQueryModelItIsRefused) {
  node("product").set_input(0, "user");
  EXPECT_NE(message().find("saved without its query model"), std::string::npos) << message();
}

TEST_F(HandMadeIndex, WhatIsNoProductWithStoredRowsIsRefused) {
  node("product").mutable_attr()->erase("transpose_b");
  EXPECT_NE(message().find("candidates in columns"), std::string::npos) << message();
  Node(node("product")).truth("transpose_b", true);
  node("product").set_input(1, "query");
  EXPECT_NE(message().find("computes the candidates with each query"), std::string::npos) << message();
  node("best").set_input(0, "query");
  EXPECT_NE(message().find("chooses the best of what the operation GatherV2"), std::string::npos) << message();
}

TEST_F(HandMadeIndex, OutputsOfTwoIndicesAreRefused) {
  add("other", "TopKV2", {"product", "k"});
  output("titles", "other:1");
  EXPECT_NE(message().find("two retrieval indices"), std::string::npos) << message();
}

TEST_F(HandMadeIndex, AStreamingIndexIsRefusedByName) {
  add("stream", "ReduceDataset");
  output("scores", "stream:0");
  output("titles", "stream:1");
  EXPECT_NE(message().find("Streaming"), std::string::npos) << message();
}

TEST_F(HandMadeIndex, AScannIndexIsRefusedByName) {
  auto& function = *graph().mutable_library()->add_function();
  function.mutable_signature()->set_name("search");
  add_node(*function.mutable_node_def(), "search", "Scann>ScannSearchBatched", {}, {});
  EXPECT_NE(message().find("ScaNN"), std::string::npos) << message();
  EXPECT_NE(message().find("BruteForce"), std::string::npos) << message();
}
}  // namespace
}  // namespace podium::interop
