// Which variables a SavedModel trains: real checkpoints (golden/make_golden.py), beside objects that a test edits.
#include "podium/interop/savedmodel/trainable.h"

#include <gtest/gtest.h>

#include <string>

#include "podium/interop/proto/keras_metadata.pb.h"
#include "podium/interop/savedmodel/read.h"
#include "tests/interop/golden_models.h"
#include "tests/support/message_of.h"

namespace podium::interop {
namespace {
class Trainable : public ::testing::TestWithParam<const char*> {
 protected:
  /// The golden files have no objects but the checkpoint's: the model's are the same, by the same names.
  Trainable() {
    EXPECT_TRUE(model_.ParseFromString(tests::read_text(folder_ + "/saved_model.pb")));
    tf::TrackableObjectGraph stored;
    EXPECT_TRUE(stored.ParseFromString(variables_.strings("_CHECKPOINTABLE_OBJECT_GRAPH").at(0)));
    objects().clear_nodes();
    for (const auto& node : stored.nodes()) {
      auto& object = *objects().add_nodes();
      *object.mutable_children() = node.children();
      if (node.attributes_size() > 0) object.mutable_variable()->set_trainable(true);
    }
  }

  tf::SavedObjectGraph& objects() { return *model_.mutable_meta_graphs(0)->mutable_object_graph_def(); }
  tf::SavedObject& list(const std::string& name) {
    for (const auto& reference : objects().nodes(0).children()) {
      if (reference.local_name() == name) return *objects().mutable_nodes(reference.node_id());
    }
    throw Error("no list " + name);
  }
  Imported import_it() {
    const std::string bytes = model_.SerializeAsString();
    return read_saved_model({.graph = bytes, .variables = &variables_, .asset = {}, .what = "model"}, {});
  }

  const std::string folder_ = tests::golden_path(GetParam());
  const Bundle variables_{folder_ + "/variables/variables"};
  tf::SavedModel model_;
};

TEST_P(Trainable, AllOfThemWhereTheModelSaysNothingElse) {
  EXPECT_TRUE(frozen_variables(model_.meta_graphs(0), variables_).empty());
  EXPECT_FALSE(import_it().record.gives_up.contains("freezing"));
}
TEST_P(Trainable, NotThoseThatTheListOfTrainableOnesLacks) {
  list("trainable_variables").mutable_children()->DeleteSubrange(0, 1);
  EXPECT_FALSE(frozen_variables(model_.meta_graphs(0), variables_).empty());
  EXPECT_TRUE(import_it().record.gives_up.contains("freezing"));
}
TEST_P(Trainable, NotThoseThatSaySo) {
  for (auto& node : *objects().mutable_nodes()) {
    if (node.has_variable()) node.mutable_variable()->set_trainable(false);
  }
  EXPECT_TRUE(import_it().record.gives_up.contains("freezing"));
}

TEST_P(Trainable, ConstraintsAndRegularizersOfTfKerasMetadataAreGivenUp) {
  tf::KerasMetadata metadata;
  auto& layer = *metadata.add_nodes();
  layer.set_identifier("_tf_keras_layer");
  const auto given_up = [&](const std::string& option) {
    layer.set_metadata(R"({"name": "hidden", "config": {"units": 3, )" + option + "}}");
    const std::string bytes = model_.SerializeAsString(), keras = metadata.SerializeAsString();
    const Imported imported = read_saved_model(
        {.graph = bytes, .variables = &variables_, .asset = {}, .what = "model", .keras_metadata = keras}, {});
    std::string names;
    for (const auto& [name, why] : imported.record.gives_up) names += name + " (" + why + ")";
    return names;
  };
  EXPECT_EQ(given_up(R"("kernel_constraint": null, "kernel_regularizer": null)"), "");
  EXPECT_EQ(given_up(R"("kernel_constraint": {"class_name": "NonNeg", "config": {}})"),
            R"(constraints (the layer "hidden": has the option kernel_constraint))");
  EXPECT_EQ(given_up(R"("kernel_regularizer": {"class_name": "L2", "config": {"l2": 0.5}})"),
            R"(regularizers (the layer "hidden": has the option kernel_regularizer))");
  const std::string said = tests::message_of([&] { given_up("cut"); });
  EXPECT_NE(said.find("keras_metadata.pb"), std::string::npos) << said;
}

INSTANTIATE_TEST_SUITE_P(Exports, Trainable, ::testing::Values("tf_keras_save", "tfrs", "tfrs_mask"));
}  // namespace
}  // namespace podium::interop
