#include "podium/interop/savedmodel/object_graph.h"

namespace podium::interop::savedmodel {
namespace {
tf::StructuredValue none() {
  tf::StructuredValue made;
  made.mutable_none_value();
  return made;
}

tf::StructuredValue text_list(const std::vector<std::string>& values) {
  tf::StructuredValue made;
  made.mutable_list_value();
  for (const std::string& value : values) made.mutable_list_value()->add_values()->set_string_value(value);
  return made;
}

/// Python's description of a function's parameters: `inspect.FullArgSpec`.
tf::FunctionSpec function_spec(const std::vector<std::string>& parameters, const std::vector<std::string>& keywords,
                               const tf::StructuredValue& keyword_defaults, const tf::StructuredValue& signature) {
  tf::FunctionSpec spec;
  auto& tuple = *spec.mutable_fullargspec()->mutable_named_tuple_value();
  tuple.set_name("FullArgSpec");
  const auto add = [&](const char* key, const tf::StructuredValue& value) {
    auto& pair = *tuple.add_values();
    pair.set_key(key);
    *pair.mutable_value() = value;
  };
  add("args", text_list(parameters));
  add("varargs", none());
  add("varkw", none());
  add("defaults", none());
  add("kwonlyargs", text_list(keywords));
  add("kwonlydefaults", keyword_defaults);
  add("annotations", dict({}));
  *spec.mutable_input_signature() = signature;
  return spec;
}
}  // namespace

ObjectGraph::ObjectGraph() { user_object("_generic_user_object"); }

tf::SavedObject& ObjectGraph::add() {
  checkpoint_.add_nodes();
  return *saved_.add_nodes();
}

int ObjectGraph::user_object(const char* identifier) {
  auto& object = *add().mutable_user_object();
  object.set_identifier(identifier);
  object.mutable_version()->set_producer(1);
  object.mutable_version()->set_min_consumer(1);
  return last();
}

int ObjectGraph::list(const std::vector<int>& children) {
  const int made = user_object("trackable_list_wrapper");
  for (std::size_t i = 0; i < children.size(); ++i) child(made, std::to_string(i), children[i]);
  return made;
}

int ObjectGraph::variable(const std::string& name, tf::DataType type, const TensorShape& shape, bool trainable,
                          const std::string& key) {
  auto& variable = *add().mutable_variable();
  variable.set_dtype(type);
  *variable.mutable_shape() = shape_proto(shape);
  variable.set_trainable(trainable);
  variable.set_name(name);
  auto& value = *checkpoint_.mutable_nodes(last())->add_attributes();
  value.set_name("VARIABLE_VALUE");
  value.set_full_name(name);
  value.set_checkpoint_key(key);
  return last();
}

int ObjectGraph::table() {
  auto& object = add();
  object.mutable_resource();
  object.set_registered_name("tf.StaticHashTable");
  return last();
}

int ObjectGraph::constant(const std::string& node) {
  auto& object = add();
  object.mutable_constant()->set_operation(node);
  object.set_registered_name("tf.TrackableConstant");
  return last();
}

int ObjectGraph::procedure(const std::string& concrete_function) {
  auto& function = *add().mutable_function();
  function.add_concrete_functions(concrete_function);
  *function.mutable_function_spec() = function_spec({}, {}, none(), tuple({}));
  return last();
}

int ObjectGraph::model_call(const std::string& concrete_function) {
  auto& function = *add().mutable_function();
  function.add_concrete_functions(concrete_function);
  *function.mutable_function_spec() =
      function_spec({"features"}, {"training"}, dict({{"training", truth(false)}}), none());
  return last();
}

int ObjectGraph::signature(const std::string& concrete_function, const std::vector<std::string>& keywords) {
  auto& function = *add().mutable_bare_concrete_function();
  function.set_concrete_function_name(concrete_function);
  for (const std::string& keyword : keywords) function.add_argument_keywords(keyword);
  *function.mutable_function_spec() = function_spec({}, keywords, none(), none());
  return last();
}

void ObjectGraph::child(int parent, const std::string& name, int object) {
  for (auto* children :
       {saved_.mutable_nodes(parent)->mutable_children(), checkpoint_.mutable_nodes(parent)->mutable_children()}) {
    auto& reference = *children->Add();
    reference.set_node_id(object);
    reference.set_local_name(name);
  }
}

void ObjectGraph::slot(int optimizer, const char* slot_name, int variable, int slot) {
  auto& reference = *checkpoint_.mutable_nodes(optimizer)->add_slot_variables();
  reference.set_slot_name(slot_name);
  reference.set_original_variable_node_id(variable);
  reference.set_slot_variable_node_id(slot);
}

void add_concrete_function(ObjectGraph& objects, const std::string& name, const ConcreteFunction& function) {
  auto& made = (*objects.saved().mutable_concrete_functions())[name];
  for (const int capture : function.captures) made.add_bound_inputs(capture);
  *made.mutable_canonicalized_input_signature() = function.input;
  *made.mutable_output_signature() = function.output;
}

tf::StructuredValue tensor_spec(const std::string& name, tf::DataType type, const TensorShape& shape) {
  tf::StructuredValue made;
  auto& spec = *made.mutable_tensor_spec_value();
  spec.set_name(name);
  *spec.mutable_shape() = shape_proto(shape);
  spec.set_dtype(type);
  return made;
}

tf::StructuredValue dict(const std::map<std::string, tf::StructuredValue>& fields) {
  tf::StructuredValue made;
  auto& values = *made.mutable_dict_value()->mutable_fields();
  for (const auto& [key, value] : fields) values[key] = value;
  return made;
}

tf::StructuredValue tuple(const std::vector<tf::StructuredValue>& values) {
  tf::StructuredValue made;
  made.mutable_tuple_value();
  for (const auto& value : values) *made.mutable_tuple_value()->add_values() = value;
  return made;
}

tf::StructuredValue truth(bool value) {
  tf::StructuredValue made;
  made.set_bool_value(value);
  return made;
}
}  // namespace podium::interop::savedmodel
