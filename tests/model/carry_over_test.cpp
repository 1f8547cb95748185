#include "podium/model/carry_over.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/model/small_model.h"

namespace podium {
namespace {
using tests::message_of;
using tests::strings;

std::string difference(const GraphBuilder& from, const GraphBuilder& to) {
  return message_of([&] { check_same_layers(from, to, "m"); });
}

GraphBuilder network(const std::string& first = "user", const std::string& second = "item", float dropout = 0.0F) {
  GraphBuilder builder;
  auto both = builder.concat({builder.embed(first, 4), builder.embed(second, 4)});
  if (dropout > 0.0F) both = builder.dropout(both, dropout);
  builder.output("y", builder.dense(both, 1));
  return builder;
}

TEST(SameLayers, AreThoseThatGiveWeightsTheirMeaning) {
  EXPECT_EQ(difference(network(), network()), "no error");
  EXPECT_EQ(difference(network(), network("user", "item", 0.5F)), "no error");
  EXPECT_NE(difference(network(), network("item", "user")).find("layer 1 is table \"user\""), std::string::npos)
      << "the same tables and shapes, but the kernel's rows would change places";
  GraphBuilder longer = network();
  longer.output("z", longer.number("price"));
  EXPECT_EQ(difference(network(), longer),
            "m: is a model of other layers: its layer 5 is the output of layer 4; here it is number \"price\"");
}

Features known(const std::vector<std::string>& users, const std::vector<std::int64_t>& years) {
  return {{graph::Text{"user"}, graph::Integer{"year"}}, {StringVocabulary(strings(users)), IntegerVocabulary(years)}};
}
Model model_of(const Features& features, std::uint64_t seed) {
  GraphBuilder builder;
  const auto user = builder.embed("user", 3);
  const auto year = builder.embed(graph::Integer{"year"}, graph::Table{.name = "year", .dim = 2});
  builder.output("y", builder.dense(builder.concat({user, year}), 1));
  return {builder, features, {.seed = seed, .user = "user", .item = "year"}};
}
std::vector<float> row(const nn::Tensor& tensor, std::size_t index) {
  const std::size_t width = tensor.values.size() / tensor.shape.front();
  return {tensor.values.begin() + static_cast<std::ptrdiff_t>(index * width),
          tensor.values.begin() + static_cast<std::ptrdiff_t>((index + 1) * width)};
}

// "b" and 7 stay, "a" and 9 go, "c" and 8 are new; ids, counted from 1, are places in the lists.
const Features kOld = known({"a", "b"}, {7, 9}), kNew = known({"b", "c"}, {8, 7});

TEST(CarryOver, MovesRowsByTheirValues) {
  const Model from = model_of(kOld, 1), fresh = model_of(kNew, 2);
  Model to = model_of(kNew, 2);
  carry_weights(from, to);
  const auto &was = from.weights().tensors, &is = to.weights().tensors, &drawn = fresh.weights().tensors;
  EXPECT_EQ(row(is[0], 0), row(was[0], 0)) << "the unknown";
  EXPECT_EQ(row(is[0], 1), row(was[0], 2));
  EXPECT_EQ(row(is[0], 2), row(drawn[0], 2));
  EXPECT_EQ(row(is[1], 1), row(drawn[1], 1));
  EXPECT_EQ(row(is[1], 2), row(was[1], 1));
  EXPECT_EQ(is[2].values, was[2].values);
  EXPECT_EQ(count_new_values(kOld, kNew), (std::vector<std::size_t>{1, 1}));
}

TEST(CarryOver, KeepsTheRowsOfAllUnknownIndices) {
  const auto model = [](const std::vector<std::string>& users, std::uint64_t seed) {
    GraphBuilder builder;
    builder.output("y", builder.embed(graph::Text{"user", 3}, {.name = "user", .dim = 1}));
    const Features features{builder.graph().features, {StringVocabulary(strings(users))}};
    return Model(builder, features, {.seed = seed});
  };
  const Model from = model({"a", "b"}, 1);
  Model to = model({"b", "c"}, 2);
  const float drawn = to.weights().tensors[0].values[4];
  carry_weights(from, to);
  const auto &was = from.weights().tensors[0].values, &is = to.weights().tensors[0].values;
  const std::vector<float> expected = {was[0], was[1], was[2], was[4], drawn};
  EXPECT_TRUE(std::ranges::equal(is, expected));
  EXPECT_EQ(count_new_values(from.features(), to.features()), (std::vector<std::size_t>{1}));
}

TEST(CarryOver, MovesSlotsAllOrNone) {
  const Model from = model_of(kOld, 1), to = model_of(kNew, 2);
  for (const bool by_row : {false, true}) {
    const Optimizer optimizer = Adagrad{.row_wise = by_row};
    auto old = nn::initial_state(optimizer, from.graph());
    float next = 1.0F;
    for (auto& group : old.slots) {
      for (float& value : group[0].values) value = next++;
    }
    ModelRecord record;
    for (const auto& group : old.slots) {
      record.resume.push_back(view_of(group[0].name, group[0].shape, group[0].values));
    }
    auto state = nn::initial_state(optimizer, to.graph());
    ASSERT_TRUE(carry_slots(from, record, to, state));
    EXPECT_EQ(row(state.slots[0][0], 1), row(old.slots[0][0], 2));
    EXPECT_EQ(row(state.slots[0][0], 2), std::vector<float>(by_row ? 1 : 3, 0.1F)) << "as for a new weight";
    EXPECT_EQ(row(state.slots[1][0], 2), row(old.slots[1][0], 1));
    EXPECT_EQ(state.slots[2][0].values, old.slots[2][0].values);

    record.resume.pop_back();
    auto untouched = nn::initial_state(optimizer, to.graph());
    EXPECT_FALSE(carry_slots(from, record, to, untouched));
    EXPECT_EQ(row(untouched.slots[0][0], 1), std::vector<float>(by_row ? 1 : 3, 0.1F));
    auto other = nn::initial_state(Adagrad{.row_wise = !by_row}, to.graph());
    EXPECT_FALSE(carry_slots(from, record, to, other)) << "slots of other shapes";
  }
}
}  // namespace
}  // namespace podium
