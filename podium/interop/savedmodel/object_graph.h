#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "podium/interop/proto/tensorflow.pb.h"
#include "podium/interop/savedmodel/plan.h"

namespace podium::interop::savedmodel {
/// The objects that `tf.saved_model.load` makes, as the SavedModel describes them and as the checkpoint does: both
/// number the objects alike. Object 0 is the model.
class ObjectGraph {
 public:
  ObjectGraph();
  int user_object(const char* identifier);
  int list(const std::vector<int>& children);
  /// `key`: where the checkpoint holds its value.
  int variable(const std::string& name, tf::DataType type, const TensorShape& shape, bool trainable,
               const std::string& key);
  int table();
  int constant(const std::string& node);
  /// A function without arguments.
  int procedure(const std::string& concrete_function);
  /// A function of one dict `features` and `training`, which is False.
  int model_call(const std::string& concrete_function);
  /// `serving_default`: a function of keywords.
  int signature(const std::string& concrete_function, const std::vector<std::string>& keywords);
  void child(int parent, const std::string& name, int object);
  /// What a legacy optimizer keeps for a variable. In the checkpoint alone: tf.saved_model.load would ask the optimizer
  /// to make the slot, which only a Keras that is imported can.
  void slot(int optimizer, const char* slot_name, int variable, int slot);

  const tf::SavedObjectGraph& saved() const { return saved_; }
  tf::SavedObjectGraph& saved() { return saved_; }
  const tf::TrackableObjectGraph& checkpoint() const { return checkpoint_; }

 private:
  tf::SavedObject& add();
  int last() const { return saved_.nodes_size() - 1; }
  tf::SavedObjectGraph saved_;
  tf::TrackableObjectGraph checkpoint_;
};

/// A function's entry: what it captures, what it takes and gives.
struct ConcreteFunction {
  std::vector<int> captures;  // objects
  tf::StructuredValue input, output;
};
void add_concrete_function(ObjectGraph& objects, const std::string& name, const ConcreteFunction& function);

tf::StructuredValue tensor_spec(const std::string& name, tf::DataType type, const TensorShape& shape);
tf::StructuredValue dict(const std::map<std::string, tf::StructuredValue>& fields);
tf::StructuredValue tuple(const std::vector<tf::StructuredValue>& values);
tf::StructuredValue truth(bool value);
}  // namespace podium::interop::savedmodel
