// The TOML beside a file of weights; and what PyTorch saved gives here the scores that it gave there
// (../interop/golden/make_torch.py).
#include "podium/recipe/layout.h"

#include <gtest/gtest.h>

#include <string>

#include "podium/interop/weights/read.h"
#include "tests/interop/golden_models.h"
#include "tests/support/message_of.h"

namespace podium::recipe {
namespace {
using interop::Layout;

class GoldenWeights : public ::testing::TestWithParam<const char*> {};

TEST_P(GoldenWeights, GiveTheScoresOfPyTorch) {
  const std::string name = GetParam();
  const auto golden = tests::golden_scores(name);
  const Layout layout = read_layout(tests::golden_path(name + ".toml"));
  for (const char* format : {".safetensors", ".npz"}) {
    const auto imported = interop::import_weights(tests::golden_path(name + format), layout);
    const auto scores = imported.model.predict(golden.rows);
    ASSERT_EQ(scores.size(), golden.scores.size());
    for (std::size_t row = 0; row < scores.size(); ++row) {
      EXPECT_NEAR(scores[row], golden.scores[row], 1e-5) << format << " " << row;
    }
  }
}
INSTANTIATE_TEST_SUITE_P(Torch, GoldenWeights, ::testing::Values("torch_mlp", "torch_dot"));

const std::string kColumns = "[columns.x]\nvocabulary = [\"a\"]\n";
const std::string kLayers = "[layers]\nx = { kind = \"embedding\", column = \"x\", tensors = \"x\" }\n";

std::string error_of(const std::string& text) {
  return tests::message_of([&] { parse_layout(text, "l.toml", "folder"); });
}

TEST(Layout, IsReadInItsOrder) {
  const Layout layout = parse_layout(R"([columns.user]
vocabulary = "users.txt"
unknown = 2
[columns.film]
type = "integer"
vocabulary = [3, -1]
[columns.row]
type = "integer"
vocabulary = "rows"
[columns.age]
type = "number"
[layers]
z = { kind = "embedding", column = "user", tensors = "t" }
a = { kind = "concat", inputs = ["z", "age"] }
y = { kind = "linear", tensors = "mlp.0", order = "in_out", activation = "silu", bias = "b", input = "a" }
)",
                                     "l.toml", "folder");
  ASSERT_EQ(layout.columns.size(), 4U);
  EXPECT_EQ(std::get<Layout::File>(layout.columns[0].values).path, "folder/users.txt");
  EXPECT_EQ(layout.columns[0].unknown, 2U);
  EXPECT_EQ(layout.columns[0].where, "l.toml:1: columns.user");
  EXPECT_EQ(std::get<std::vector<std::int64_t>>(layout.columns[1].values), (std::vector<std::int64_t>{3, -1}));
  EXPECT_FALSE(layout.columns[1].unknown.has_value());
  EXPECT_TRUE(std::holds_alternative<Layout::Rows>(layout.columns[2].values));
  EXPECT_TRUE(std::holds_alternative<Layout::Number>(layout.columns[3].values));
  ASSERT_EQ(layout.layers.size(), 3U);
  EXPECT_EQ(layout.layers[0].name, "z");
  EXPECT_EQ(std::get<Layout::Concat>(layout.layers[1].kind).inputs, (std::vector<std::string>{"z", "age"}));
  const auto& linear = std::get<Layout::Linear>(layout.layers[2].kind);
  EXPECT_EQ(linear.input, "a");
  EXPECT_EQ(linear.bias, "b");
  EXPECT_EQ(linear.order, Layout::Order::in_out);
  EXPECT_EQ(linear.activation, graph::Activation::swish);
  EXPECT_EQ(layout.layers[2].where, "l.toml:15: layers.y");
}

TEST(Layout, UnknownKeysAndKindsAreNamedWithTheNearest) {
  EXPECT_EQ(error_of(kColumns + "unknwon = 0\n" + kLayers),
            "l.toml:3: columns.x.unknwon is not a key; did you mean columns.x.unknown?");
  EXPECT_NE(error_of(kColumns + "[layer]\n").find("layer is not a key; did you mean layers?"), std::string::npos);
  EXPECT_EQ(
      error_of(kColumns + kLayers + "y = { kind = \"liner\" }\n"),
      "l.toml:5: layers.y.kind is \"liner\"; did you mean \"linear\"? It can be embedding, linear, concat, dot, add, "
      "bias, activation");
  EXPECT_NE(error_of(kColumns + kLayers + "y = { kind = \"linear\", tensor = \"a\" }\n").find("tensors"),
            std::string::npos);
  EXPECT_NE(error_of(kColumns + kLayers + "y = { kind = \"linear\", tensors = \"a\", activation = \"gello\" }\n")
                .find("did you mean \"gelu\""),
            std::string::npos);
}

TEST(Layout, SaysWhatIsMissingAndWhatContradicts) {
  EXPECT_NE(error_of("").find("columns is missing"), std::string::npos);
  EXPECT_NE(error_of(kColumns).find("layers is missing"), std::string::npos);
  EXPECT_NE(error_of("[columns.x]\n" + kLayers).find("columns.x.vocabulary is missing"), std::string::npos);
  EXPECT_NE(error_of(kColumns + "[layers]\ny = { tensors = \"a\" }\n").find("layers.y.kind is missing"),
            std::string::npos);
  EXPECT_NE(error_of(kColumns + "[layers]\ny = { kind = \"dot\" }\n").find("layers.y.inputs is missing"),
            std::string::npos);
  EXPECT_NE(error_of(kColumns + "type = \"integer\"\n").find("lists text"), std::string::npos);
  EXPECT_NE(error_of(kColumns + "type = \"number\"\n").find("is a number, which has no vocabulary"), std::string::npos);
  EXPECT_NE(error_of("[columns.x]\nvocabulary = [1]\n").find("lists numbers"), std::string::npos);
  EXPECT_NE(error_of("[columns.x]\nvocabulary = []\n").find("is empty"), std::string::npos);
  EXPECT_NE(error_of("[columns.x]\nvocabulary = \"\"\n").find("is empty"), std::string::npos);
  EXPECT_NE(error_of("[columns.x]\nvocabulary = \"rows\"\n").find("type = \"integer\""), std::string::npos);
  EXPECT_NE(error_of(kColumns + "unknown = -1\n").find("0 or more"), std::string::npos);
  EXPECT_NE(error_of("no toml").find("l.toml:1: not TOML"), std::string::npos);
}
}  // namespace
}  // namespace podium::recipe
