// An operation is read where it is proved what it means, and refused by name otherwise: small graphs whose scores are
// worked out by hand. conformance/draw_models.py asks the same of the real TensorFlow's and Keras' models.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "tests/interop/hand_made.h"

namespace podium::interop {
namespace {
using savedmodel::Node;
using savedmodel::scalar_float;
using savedmodel::scalar_int32;
using savedmodel::scalar_int64;
using tests::matrix;

/// score = table[user], of a table of 10, 20, 30, 40; and a column "price" that takes no part yet.
class Meaning : public tests::HandMade {
 protected:
  Meaning() {
    add("user", "Placeholder").type("dtype", tf::DT_INT64);
    add("price", "Placeholder").type("dtype", tf::DT_FLOAT);
    add("table", "Const").tensor(matrix(4, {10, 20, 30, 40}));
    add("zero", "Const").tensor(scalar_int64(0));
    add("v", "GatherV2", {"table", "user", "zero"});
    input("user", tf::DT_INT64);
    input("price", tf::DT_FLOAT);
    output("score", "v:0");
  }

  tf::NodeDef& binary(const std::string& name, const char* operation, const std::string& left,
                      const std::string& right) {
    add(name, operation, {left, right}).type("T", tf::DT_FLOAT);
    output("score", name + ":0");
    return node(name);
  }
  std::string number(const std::string& name, float value) {
    add(name, "Const").tensor(scalar_float(value));
    return name;
  }
  /// The price as [rows, 1].
  std::string price() {
    add("axis", "Const").tensor(scalar_int32(1));
    add("price_column", "ExpandDims", {"price", "axis"}).type("T", tf::DT_FLOAT);
    return "price_column";
  }
  std::vector<float> scores(const std::vector<std::int64_t>& users, const std::vector<float>& prices = {}) {
    const std::vector<double> wide(prices.begin(), prices.end());
    std::vector<Column> columns = {{"user", users, {}}};
    columns.push_back({"price", prices.empty() ? std::vector<double>(users.size(), 0.0) : wide, {}});
    const Table rows(columns);
    return import_it().model.predict(rows);
  }
  bool refuses(const std::string& part) {
    const std::string said = message();
    EXPECT_NE(said.find(part), std::string::npos) << said;
    return said.find(part) != std::string::npos;
  }
  bool gives_up(const std::string& what) { return import_it().record.gives_up.contains(what); }
};

/// ids of which those below 0 count from the table's end, as Keras 3 writes it.
class Wrap : public Meaning {
 protected:
  Wrap() {
    add("four", "Const").tensor(scalar_int64(4));
    add("is_below", "Less", {"user", "zero"}).type("T", tf::DT_INT64);
    add("from_end", "AddV2", {"user", "four"}).type("T", tf::DT_INT64);
    add("ids", "SelectV2", {"is_below", "from_end", "user"}).type("T", tf::DT_INT64);
    *node("v").mutable_input(1) = "ids";
  }
};

TEST_F(Wrap, CountsRowsBelowZeroFromTheTablesEnd) {
  EXPECT_EQ(scores({0, 3, -1, -4}), (std::vector<float>{10, 40, 40, 10}));
  // The table's size may be computed: from its own shape, and cast.
  add("shape", "Shape", {"table"});
  add("first", "Const").tensor(savedmodel::int64s(std::array<std::int64_t, 1>{0}));
  add("size", "StridedSlice", {"shape", "first", "first", "first"}).number("shrink_axis_mask", 1);
  add("wide", "Cast", {"size"}).type("SrcT", tf::DT_INT32).type("DstT", tf::DT_INT64);
  *node("from_end").mutable_input(1) = "wide";
  EXPECT_EQ(scores({-2}), (std::vector<float>{30}));
}
TEST_F(Wrap, GivesEachRowTwoIdsWhichATrainingWouldPart) { EXPECT_TRUE(gives_up("sharing")); }
TEST_F(Wrap, AnotherBoundIsRefused) {
  *node("is_below").mutable_input(1) = "four";
  EXPECT_TRUE(refuses("SelectV2 \"ids\""));
}
TEST_F(Wrap, OtherRowsThanTheTablesAreRefused) {
  add("three", "Const").tensor(scalar_int64(3));
  *node("from_end").mutable_input(1) = "three";
  EXPECT_TRUE(refuses("row 3 of a table of 4 rows"));
}
TEST_F(Wrap, AnotherBranchIsRefused) {
  *node("ids").mutable_input(1) = "zero";  // a missing id is row 0
  EXPECT_TRUE(refuses("SelectV2 \"ids\""));
}
TEST_F(Wrap, ChangedPlacesAreRefused) {
  std::swap(*node("ids").mutable_input(1), *node("ids").mutable_input(2));
  EXPECT_TRUE(refuses("SelectV2 \"ids\""));
}
TEST_F(Wrap, TwiceIsRefused) {
  add("is_below_2", "Less", {"ids", "zero"}).type("T", tf::DT_INT64);
  add("from_end_2", "AddV2", {"ids", "four"}).type("T", tf::DT_INT64);
  add("ids_2", "SelectV2", {"is_below_2", "from_end_2", "ids"}).type("T", tf::DT_INT64);
  *node("v").mutable_input(1) = "ids_2";
  EXPECT_TRUE(refuses("SelectV2 \"ids_2\""));
}

TEST_F(Meaning, AChoiceBetweenNumbersIsRefused) {  // somebody's own leaky relu
  number("slope", 0.1F);
  number("nothing", 0.0F);
  add("is_below", "Less", {"v", "nothing"}).type("T", tf::DT_FLOAT);
  add("small", "Mul", {"v", "slope"}).type("T", tf::DT_FLOAT);
  add("leaky", "SelectV2", {"is_below", "small", "v"}).type("T", tf::DT_FLOAT);
  output("score", "leaky:0");
  EXPECT_TRUE(refuses("SelectV2 \"leaky\""));
}

TEST_F(Meaning, ConstantsOfOneColumnAreAddedSubtractedAndMultiplied) {
  number("two", 2.0F);
  binary("sum", "AddV2", "v", "two");
  EXPECT_EQ(scores({0, 1}), (std::vector<float>{12, 22}));
  binary("less", "Sub", "v", "two");
  EXPECT_EQ(scores({0, 1}), (std::vector<float>{8, 18}));
  binary("from", "Sub", "two", "v");
  EXPECT_EQ(scores({0, 1}), (std::vector<float>{-8, -18}));
  binary("twice", "Mul", "two", "v");
  EXPECT_EQ(scores({0, 1}), (std::vector<float>{20, 40}));
  binary("half", "RealDiv", "v", "two");
  EXPECT_EQ(scores({0, 1}), (std::vector<float>{5, 10}));
  EXPECT_TRUE(gives_up("constants"));
  binary("square", "Mul", "v", "v");
  EXPECT_EQ(scores({0, 1}), (std::vector<float>{100, 400}));
  binary("nothing", "Sub", "v", "half");
  EXPECT_EQ(scores({0, 1}), (std::vector<float>{5, 10}));
}
TEST_F(Meaning, ConstantsThatBroadcastAreRefused) {
  add("cube", "Const").tensor(matrix(1, {2}));
  node("cube").mutable_attr()->at("value").mutable_tensor()->mutable_tensor_shape()->add_dim()->set_size(1);
  binary("sum", "AddV2", "v", "cube");  // [rows, 1] + [1, 1, 1]
  EXPECT_TRUE(refuses("more axes"));
  binary("product", "Mul", "v", "cube");
  EXPECT_TRUE(refuses("more axes"));
  add("pair", "Const").tensor(matrix(1, {2, 3}));
  binary("pairs", "AddV2", "v", "pair");
  EXPECT_TRUE(refuses("AddV2 \"pairs\""));
  binary("two", "Mul", "v", "pair");
  EXPECT_TRUE(refuses("Normalization"));
}
TEST_F(Meaning, DivisionByAComputedValueIsRefused) {
  binary("quotient", "RealDiv", number("one", 1.0F), "v");
  EXPECT_TRUE(refuses("divides by a computed value"));
}

TEST_F(Meaning, NormalizationOfOneColumnIsAFactorAndAConstant) {
  number("mean", 3.0F);
  number("variance", 4.0F);
  number("epsilon", 1e-7F);
  add("deviation", "Sqrt", {"variance"}).type("T", tf::DT_FLOAT);
  add("divisor", "Maximum", {"deviation", "epsilon"}).type("T", tf::DT_FLOAT);
  binary("centred", "Sub", price(), "mean");
  binary("normal", "RealDiv", "centred", "divisor");
  binary("sum", "AddV2", "v", "normal");
  EXPECT_EQ(scores({0, 0}, {3.0F, 5.0F}), (std::vector<float>{10, 11}));
}

TEST_F(Meaning, OtherPrecisionsAreRefused) {
  for (const auto& [type, name] : {std::pair(tf::DT_HALF, "float16"), {tf::DT_BFLOAT16, "bfloat16"}}) {
    binary(std::string("sum_") + name, "AddV2", "v", "v").mutable_attr()->at("T").set_type(type);
    EXPECT_TRUE(refuses(name));
  }
}
TEST_F(Meaning, ANumberThatWasCutIsNoNumberAgain) {
  add("cut", "Cast", {price()}).type("SrcT", tf::DT_FLOAT).type("DstT", tf::DT_INT64);
  add("back", "Cast", {"cut"}).type("SrcT", tf::DT_INT64).type("DstT", tf::DT_FLOAT);
  binary("sum", "AddV2", "v", "back");
  EXPECT_TRUE(refuses("Cast \"back\""));
}
TEST_F(Meaning, IdsThatAreCutTo32BitsAreRefused) {
  add("small", "Cast", {"user"}).type("SrcT", tf::DT_INT64).type("DstT", tf::DT_INT32);
  *node("v").mutable_input(1) = "small";
  EXPECT_TRUE(refuses("Cast \"small\": cuts column \"user\" to 32 bits"));
}
TEST_F(Meaning, ASizeThatIsNotTheNumberOfRowsIsNone) {
  const std::array<std::int64_t, 1> zero = {0}, one = {1};
  add("first", "Const").tensor(savedmodel::int64s(zero));
  add("second", "Const").tensor(savedmodel::int64s(one));
  add("width", "Const").tensor(scalar_int32(1));
  add("shape", "Shape", {"v"});
  add("rows", "StridedSlice", {"shape", "first", "second", "second"}).number("shrink_axis_mask", 1);
  add("sizes", "Pack", {"rows", "width"});
  add("shaped", "Reshape", {"v", "sizes"}).type("T", tf::DT_FLOAT);
  output("score", "shaped:0");
  EXPECT_EQ(scores({2}), (std::vector<float>{30}));
  *node("shape").mutable_input(0) = "table";
  EXPECT_TRUE(refuses("StridedSlice \"rows\""));
}
TEST_F(Meaning, GradientsThatStopAreGivenUp) {
  EXPECT_FALSE(gives_up("gradients"));
  add("stop", "StopGradient", {"v"}).type("T", tf::DT_FLOAT);
  output("score", "stop:0");
  EXPECT_TRUE(gives_up("gradients"));
}
TEST_F(Meaning, AWeightInTwoPlacesIsGivenUp) {
  add("kernel", "Const").tensor(matrix(1, {2}));
  binary("once", "MatMul", "v", "kernel");
  EXPECT_FALSE(gives_up("sharing"));
  binary("twice", "MatMul", "once", "kernel");
  EXPECT_EQ(scores({1}), (std::vector<float>{80}));
  EXPECT_TRUE(gives_up("sharing"));
}
TEST_F(Meaning, AWeightThatIsTurnedIsStillTheSameWeight) {
  add("kernel", "Const").tensor(matrix(1, {2, 3}));
  binary("wide", "MatMul", "v", "kernel");
  binary("narrow", "MatMul", "wide", "kernel").mutable_attr()->operator[]("transpose_b").set_b(true);
  EXPECT_EQ(scores({0}), (std::vector<float>{130}));
  EXPECT_TRUE(gives_up("sharing"));
}
TEST_F(Meaning, OneNumberForAllColumnsIsGivenUp) {
  add("kernel", "Const").tensor(matrix(1, {2, 3}));
  add("back", "Const").tensor(matrix(2, {1, 1}));
  binary("wide", "MatMul", "v", "kernel");
  binary("biased", "AddV2", "wide", number("one", 1.0F));
  binary("narrow", "MatMul", "biased", "back");
  EXPECT_EQ(scores({0}), (std::vector<float>{52}));
  EXPECT_TRUE(gives_up("sharing"));
}
TEST_F(Meaning, AGradientOfItsOwnIsGivenUp) {
  add("own", "IdentityN", {"v"}).text("_gradient_op_type", "CustomGradient-1");
  output("score", "own:0");
  EXPECT_TRUE(gives_up("gradients"));
  binary("gate", "Sigmoid", "v", "v").mutable_input()->RemoveLast();
  binary("swish", "Mul", "v", "gate");
  *node("own").mutable_input(0) = "swish";  // TensorFlow's own
  output("score", "own:0");
  EXPECT_FALSE(gives_up("gradients"));
}
TEST_F(Meaning, AModelThatWritesWhileItAnswersIsRefused) {
  add("variable", "VarHandleOp");
  add("write", "AssignAddVariableOp", {"variable", "table"});
  node("v").add_input("^write");
  EXPECT_TRUE(refuses("AssignAddVariableOp \"write\": changes the model while it answers"));
}
TEST_F(Meaning, AChoiceThatBroadcastsOverRowsIsRefused) {
  add("axis", "Const").tensor(scalar_int32(1));
  add("four", "Const").tensor(scalar_int64(4));
  add("column", "ExpandDims", {"user", "axis"}).type("T", tf::DT_INT64);
  add("ids", "FloorMod", {"column", "four"}).type("T", tf::DT_INT64);
  add("is_mask", "Equal", {"user", "four"}).type("T", tf::DT_INT64);  // [rows] beside [rows, 1]
  add("chosen", "SelectV2", {"is_mask", "zero", "ids"}).type("T", tf::DT_INT64);
  *node("v").mutable_input(1) = "chosen";
  EXPECT_TRUE(refuses("SelectV2 \"chosen\""));
  *node("ids").mutable_input(0) = "user";
  EXPECT_EQ(scores({4, 5}), (std::vector<float>{10, 20}));
}
TEST_F(Meaning, AnAxisBeforeTheRowsIsNoNumberOfRows) {
  add("before", "ExpandDims", {"user", "zero"}).type("T", tf::DT_INT64);
  add("shape", "Shape", {"before"});
  const std::array<std::int64_t, 1> zero = {0}, one = {1};
  add("first", "Const").tensor(savedmodel::int64s(zero));
  add("second", "Const").tensor(savedmodel::int64s(one));
  add("width", "Const").tensor(scalar_int32(-1));
  add("rows", "StridedSlice", {"shape", "first", "second", "second"}).number("shrink_axis_mask", 1);
  add("sizes", "Pack", {"rows", "width"});
  add("shaped", "Reshape", {"v", "sizes"}).type("T", tf::DT_FLOAT);
  output("score", "shaped:0");
  EXPECT_TRUE(refuses("StridedSlice \"rows\""));
}
TEST_F(Meaning, ProductsStayNested) {  // (v * v) * small is infinite
  Node(node("table")).tensor(matrix(4, {1e30F, 20, 30, 40}));
  binary("small", "Mul", "v", number("tiny", 1e-30F));
  binary("product", "Mul", "v", "small");
  EXPECT_EQ(scores({0}), (std::vector<float>{1e30F}));
}
TEST_F(Meaning, WhatIsNoNumberIsNotComputedWith) {
  add("root", "Sqrt", {number("below", -1.0F)}).type("T", tf::DT_FLOAT);
  add("bound", "Maximum", {number("two", 2.0F), "root"}).type("T", tf::DT_FLOAT);
  binary("product", "Mul", "v", "bound");
  EXPECT_TRUE(refuses("Mul \"product\""));
}
TEST_F(Meaning, JaxsExportsAreNamed) {
  binary("call", "XlaCallModule", "v", "v");
  EXPECT_TRUE(refuses("JAX"));
  EXPECT_TRUE(refuses(".keras"));
}

TEST_F(Meaning, OutputsAndSignaturesAreChosen) {
  number("two", 2.0F);
  binary("twice", "Mul", "two", "v");
  (*signature().mutable_outputs()).clear();
  output("output_2", "twice:0");
  output("output_10", "v:0");
  EXPECT_EQ(scores({1}), (std::vector<float>{40}));  // in the order of a list: 2 before 10
  const Table rows({{"user", std::vector<std::int64_t>{1}, {}}});
  const auto chosen = import_it({.output = "output_10"}).model.predict(rows);
  EXPECT_EQ(chosen, (std::vector<float>{20}));
  EXPECT_NE(message({.output = "score"}).find("it has \"output_2\", \"output_10\""), std::string::npos);
  EXPECT_NE(message({.signature = "score"}).find("it has \"serving_default\""), std::string::npos);
  signature("score") = signature();
  signature().mutable_outputs()->clear();
  output("vector", "zero:0");
  EXPECT_TRUE(refuses("--signature takes another: \"score\""));
  EXPECT_EQ(import_it({.signature = "score"}).model.graph().outputs.front().name, "output_2");
}
}  // namespace
}  // namespace podium::interop
