#pragma once
// A SavedModel that a test writes node by node.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "podium/interop/savedmodel/node_list.h"
#include "podium/interop/savedmodel/read.h"
#include "tests/support/message_of.h"

namespace podium::tests {
namespace tf = interop::tf;
namespace savedmodel = interop::savedmodel;

inline tf::TensorProto matrix(std::int64_t rows, const std::vector<float>& values) {
  tf::TensorProto tensor;
  tensor.set_dtype(tf::DT_FLOAT);
  const std::int64_t columns = static_cast<std::int64_t>(values.size()) / rows;
  *tensor.mutable_tensor_shape() = savedmodel::shape_proto({rows, columns});
  for (const float value : values) tensor.add_float_val(value);
  return tensor;
}

class HandMade : public ::testing::Test {
 protected:
  HandMade() { model_.add_meta_graphs()->mutable_meta_info_def()->add_tags("serve"); }

  tf::MetaGraphDef& meta() { return *model_.mutable_meta_graphs(0); }
  tf::GraphDef& graph() { return *meta().mutable_graph_def(); }
  tf::SignatureDef& signature(const std::string& name = "serving_default") {
    return (*meta().mutable_signature_def())[name];
  }
  void input(const std::string& key, tf::DataType type) {
    (*signature().mutable_inputs())[key].set_name(key + ":0");
    (*signature().mutable_inputs())[key].set_dtype(type);
  }
  void output(const std::string& key, const std::string& name) { (*signature().mutable_outputs())[key].set_name(name); }
  savedmodel::Node add(const std::string& name, const char* operation, const std::vector<std::string>& inputs = {}) {
    return savedmodel::add_node(*graph().mutable_node(), name, operation, inputs, {});
  }
  tf::NodeDef& node(const std::string& name) {
    for (tf::NodeDef& node : *graph().mutable_node()) {
      if (node.name() == name) return node;
    }
    throw Error("no node " + name);
  }
  interop::Imported import_it(const interop::ImportOptions& options = {}) {
    const std::string bytes = model_.SerializeAsString();
    return interop::read_saved_model({.graph = bytes, .variables = nullptr, .asset = {}, .what = "model"}, options);
  }
  std::string message(const interop::ImportOptions& options = {}) {
    return message_of([&] { import_it(options); });
  }

  tf::SavedModel model_;
};
}  // namespace podium::tests
