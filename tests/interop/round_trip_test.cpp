// Every kind of model, as a SavedModel and back: the same scores, the same accumulators.
#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <nlohmann/json.hpp>

#include "podium/interop/import.h"
#include "podium/interop/savedmodel/write.h"
#include "tests/interop/kinds.h"

namespace podium::interop {
namespace {
using tests::TemporaryDirectory;

/// The rows under the names that an export gives to columns that TensorFlow can't name.
Table exported_rows() {
  const std::map<std::string, std::string> names = {
      {"second title", "second_title_1"}, {"Käufer", "K_ufer"}, {"class", "arg_class"}};
  std::vector<Column> columns = tests::rows_of_kinds().columns();
  for (Column& column : columns) {
    if (const auto found = names.find(column.name); found != names.end()) column.name = found->second;
  }
  return Table(columns);
}

/// A model with an accumulator of weight * 2 + 7 beside each weight, so that each shows which one it belongs to.
LoadedModel trained(const std::string& kind, bool is_legacy) {
  LoadedModel made{tests::model_of_kind(kind), {}, "models/m/1"};
  const auto slots = std::make_shared<std::vector<std::vector<float>>>();
  for (const auto& tensor : made.model.weights().tensors) {
    auto& values = slots->emplace_back();
    for (const float weight : tensor.values) values.push_back(2.0F * weight + 7.0F);
  }
  for (std::size_t i = 0; i < slots->size(); ++i) {
    const auto& tensor = made.model.weights().tensors[i];
    made.record.resume.push_back(view_of(tensor.name + "/accumulator", tensor.shape, (*slots)[i]));
  }
  made.record.storage = slots;
  made.record.resume_state =
      nlohmann::json{{"step", 30},
                     {"optimizer", {{"kind", "adagrad"}, {"learning_rate", 0.25}, {"epsilon_outside", is_legacy}}}}
          .dump();
  return made;
}

class RoundTrip : public testing::TestWithParam<std::string> {};

TEST_P(RoundTrip, GivesTheSameScores) {
  const TemporaryDirectory folder;
  const Model model = tests::model_of_kind(GetParam());
  write_saved_model(tests::loaded(model), folder / "export", {});
  const Imported imported = import_model(folder / "export");
  const Table rows = tests::rows_of_kinds(), renamed = exported_rows();
  const auto scores = model.predict(rows), again = imported.model.predict(renamed);
  ASSERT_EQ(scores.size(), again.size());
  for (std::size_t row = 0; row < scores.size(); ++row) EXPECT_NEAR(again[row], scores[row], 1e-6) << row;
  EXPECT_TRUE(imported.record.resume.empty());
}

void expect_accumulators_come_back(const std::string& kind, bool is_legacy) {
  const TemporaryDirectory folder;
  const LoadedModel model = trained(kind, is_legacy);
  write_saved_model(model, folder / "export", {.with_optimizer = true});
  const Imported imported = import_model(folder / "export");
  const auto& tensors = imported.model.weights().tensors;
  const std::size_t unread = kind == "outputs" ? 3 : 0;  // what no output reads does not come back
  ASSERT_EQ(tensors.size() + unread, model.model.weights().tensors.size());
  if (tensors.empty()) return;  // nothing is trained, so nothing is kept
  ASSERT_EQ(imported.record.resume.size(), tensors.size());
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const TensorView& view = imported.record.resume[i];
    EXPECT_EQ(view.name, tensors[i].name + "/accumulator");
    ASSERT_EQ(view.shape, tensors[i].shape) << view.name;
    std::vector<float> kept(tensors[i].values.size());
    std::memcpy(kept.data(), view.bytes.data(), view.bytes.size());
    for (std::size_t at = 0; at < kept.size(); ++at) {
      EXPECT_EQ(kept[at], 2.0F * tensors[i].values[at] + 7.0F) << view.name << " at " << at;
    }
  }
  const auto state = nlohmann::json::parse(imported.record.resume_state);
  EXPECT_EQ(state.at("step"), 30);
  EXPECT_EQ(state.at("optimizer").at("learning_rate"), 0.25);
  EXPECT_EQ(state.at("optimizer").at("epsilon_outside"), is_legacy);
}

TEST_P(RoundTrip, GivesTheAccumulators) { expect_accumulators_come_back(GetParam(), false); }
TEST_P(RoundTrip, GivesTheLegacyOptimizersAccumulators) { expect_accumulators_come_back(GetParam(), true); }

INSTANTIATE_TEST_SUITE_P(EveryKind, RoundTrip, testing::ValuesIn(tests::names_of_saved_model_kinds()),
                         [](const auto& kind) { return kind.param; });
}  // namespace
}  // namespace podium::interop
