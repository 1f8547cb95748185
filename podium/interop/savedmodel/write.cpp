#include "podium/interop/savedmodel/write.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <array>
#include <limits>
#include <numeric>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "podium/core/error.h"
#include "podium/interop/export.h"
#include "podium/interop/savedmodel/bundle_write.h"
#include "podium/interop/savedmodel/compute.h"
#include "podium/interop/savedmodel/functions.h"
#include "podium/interop/savedmodel/object_graph.h"
#include "podium/interop/savedmodel/optimizer.h"
#include "podium/interop/savedmodel/plan.h"

namespace podium::interop {
namespace savedmodel {
namespace {
// The lowest of the exports that were looked at: what TensorFlow 2.8 wrote, every later version reads.
constexpr const char* kTensorFlowVersion = "2.8.0";
constexpr int kProducer = 987, kMinConsumer = 12;

/// Equal messages give equal bytes: maps in the order of their keys.
std::string serialized(const google::protobuf::MessageLite& message) {
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  message.SerializeToCodedStream(&coded);
  coded.Trim();
  return bytes;
}

/// A vocabulary's values as a tensor.
struct KeysOf {
  tf::TensorProto operator()(const StringVocabulary& vocabulary) const {
    tf::TensorProto tensor = texts({});
    tensor.mutable_tensor_shape()->mutable_dim(0)->set_size(static_cast<std::int64_t>(vocabulary.size()));
    tensor.mutable_string_val()->Reserve(static_cast<int>(vocabulary.size()));
    for (std::size_t i = 0; i < vocabulary.size(); ++i) {
      const std::string_view value = vocabulary.values()[i];
      tensor.add_string_val(value.data(), value.size());
    }
    return tensor;
  }
  tf::TensorProto operator()(const IntegerVocabulary& vocabulary) const { return int64s(vocabulary.values()); }
  tf::TensorProto operator()(const NumericEncoder&) const { return int64s({}); }  // has no table
};

/// The SavedModel of a model, part by part. What refers to one another is numbered as it is added.
class Writer {
 public:
  Writer(const ModelView& model, const SavedModelOptions& options) : plan_(plan_export(model)) {
    if (options.with_optimizer) optimizer_ = adagrad_state(model);
  }

  std::vector<NewFile> files() {
    meta_.mutable_meta_info_def()->add_tags("serve");
    meta_.mutable_meta_info_def()->set_tensorflow_version(kTensorFlowVersion);
    meta_.mutable_meta_info_def()->set_stripped_default_attrs(true);
    meta_.mutable_graph_def()->mutable_versions()->set_producer(kProducer);
    meta_.mutable_graph_def()->mutable_versions()->set_min_consumer(kMinConsumer);
    add_variables();
    add_tables();
    add_call();
    add_signature();
    add_initialization();
    if (optimizer_) add_optimizer();
    const std::string object_graph = serialized(objects_.checkpoint());
    add_saver(object_graph);
    *meta_.mutable_object_graph_def() = std::move(objects_.saved());

    std::vector<NewFile> made = bundle_files("variables/variables", object_graph, checkpoint_);
    made.push_back({"saved_model.pb", saved_model(), {}});  // last, as TensorFlow does
    return made;
  }

 private:
  NodeDefs& nodes() { return *meta_.mutable_graph_def()->mutable_node(); }
  Node add(const std::string& name, const char* operation, const std::vector<std::string>& inputs,
           const std::vector<TensorShape>& shapes) {
    return add_node(nodes(), name, operation, inputs, shapes);
  }
  Node add_constant(const std::string& name, tf::TensorProto value) {
    const TensorShape shape = shape_of(value.tensor_shape());
    return add(name, "Const", {}, {shape}).tensor(std::move(value));
  }
  /// Into the library; returns its name.
  std::string add_function(const tf::FunctionDef& function) {
    *meta_.mutable_graph_def()->mutable_library()->add_function() = function;
    return function.signature().name();
  }
  Node call(const tf::FunctionDef& function, const std::vector<std::string>& inputs) {
    const std::string number = calls_ == 0 ? "" : "_" + std::to_string(calls_);
    ++calls_;
    return add("StatefulPartitionedCall" + number, "StatefulPartitionedCall", inputs, result_shapes(function))
        .calls(function);
  }

  int add_variable(const std::string& name, tf::DataType type, TensorView values, bool trainable,
                   const std::string& place) {
    values.name = place + "/.ATTRIBUTES/VARIABLE_VALUE";
    const TensorShape shape(values.shape.begin(), values.shape.end());
    const int object = objects_.variable(name, type, shape, trainable, values.name);
    checkpoint_.push_back(std::move(values));
    return object;
  }

  void add_variables() {
    for (const ExportVariable& variable : plan_.variables) {
      add(variable.name, "VarHandleOp", {}, {{}})
          .type("dtype", tf::DT_FLOAT)
          .shape("shape", variable.shape())
          .text("shared_name", variable.name);
      const std::string place = "variables/" + std::to_string(variables_.size());
      variables_.push_back(add_variable(variable.name, tf::DT_FLOAT, variable.values, /*trainable=*/true, place));
      keys_.push_back(checkpoint_.back().name);
      captured_nodes_.push_back(variable.name);
    }
    const int list = objects_.list(variables_);
    objects_.child(0, "variables", list);
    objects_.child(0, "trainable_variables", list);
  }

  void add_tables() {
    std::vector<int> tables;
    std::vector<std::string> names;
    for (const ExportTable& table : plan_.tables) {
      names.push_back(table.name);
      tables.push_back(add_table(table, tables.size()));
    }
    objects_.child(0, "tables", objects_.list(tables));
    captured_nodes_.insert(captured_nodes_.begin(), names.begin(), names.end());
    captured_ = tables;
    captured_.insert(captured_.end(), variables_.begin(), variables_.end());
  }

  /// Returns its object.
  int add_table(const ExportTable& table, std::size_t number) {
    tf::TensorProto keys = std::visit(KeysOf{}, *table.values);
    std::vector<std::int64_t> indices(static_cast<std::size_t>(keys.tensor_shape().dim(0).size()));
    std::iota(indices.begin(), indices.end(), table.first_index);
    if (indices.empty()) {  // TensorFlow fills no table with nothing; so with a value that stays as unknown as all are
      keys =
          table.key_type == tf::DT_STRING ? texts(std::array<std::string, 1>{}) : int64s(std::array{std::int64_t{0}});
      indices = {table.none()};
    }
    const auto size = static_cast<std::int64_t>(indices.size());
    add_constant(table.keys, std::move(keys));
    add_constant(table.indices, int64s(indices));
    add(table.name, "HashTableV2", {}, {{}})
        .type("key_dtype", table.key_type)
        .type("value_dtype", tf::DT_INT64)
        .text("shared_name", table.shared_name);
    const TableFunctions functions = table_functions(table, size, number);
    initializers_.push_back(functions.initialize);

    const int object = objects_.table();
    const int key_object = objects_.constant(table.keys), index_object = objects_.constant(table.indices);
    const int initializer = objects_.user_object("_generic_user_object");
    objects_.child(object, "_initializer", initializer);
    objects_.child(initializer, "keys", key_object);
    objects_.child(initializer, "indices", index_object);
    const tf::StructuredValue nothing = tuple({tuple({}), dict({})});
    const auto procedure = [&](const char* name, const tf::FunctionDef& function, std::vector<int> captures) {
      const tf::DataType type = function.signature().output_arg(0).type();
      objects_.child(object, name, objects_.procedure(add_function(function)));
      add_concrete_function(objects_, function.signature().name(),
                            {std::move(captures), nothing, tensor_spec("unknown", type, {})});
    };
    procedure("_create_resource", functions.create, {});
    procedure("_initialize", functions.initialize, {object, key_object, index_object});
    procedure("_destroy_resource", functions.destroy, {});
    return object;
  }

  /// The inputs, each as `key` calls it.
  tf::StructuredValue input_specs(std::string ExportInput::*key) const {
    std::map<std::string, tf::StructuredValue> specs;
    for (const ExportInput& input : plan_.inputs) specs[input.*key] = tensor_spec(input.name, input.type, {-1});
    return dict(specs);
  }

  /// `loaded(features)`: the output, or a tuple of them.
  void add_call() {
    compute_ = compute_function(plan_);
    const std::string name = add_function(compute_);
    std::vector<tf::StructuredValue> outputs;
    for (const ExportOutput& output : plan_.outputs) {
      outputs.push_back(tensor_spec(output.key, tf::DT_FLOAT, output.shape()));
    }
    add_concrete_function(
        objects_, name,
        {captured_, tuple({tuple({input_specs(&ExportInput::column)}), dict({{"training", truth(false)}})}),
         outputs.size() == 1 ? outputs.front() : tuple(outputs)});
    objects_.child(0, "__call__", objects_.model_call(name));
  }

  void add_signature() {
    const tf::FunctionDef function = signature_function(plan_, compute_);
    const std::string name = add_function(function);
    auto& signature = (*meta_.mutable_signature_def())["serving_default"];
    signature.set_method_name("tensorflow/serving/predict");
    const auto tensor_info = [](const std::string& tensor, tf::DataType type, const TensorShape& shape) {
      tf::TensorInfo info;
      info.set_name(tensor);
      info.set_dtype(type);
      *info.mutable_tensor_shape() = shape_proto(shape);
      return info;
    };
    std::vector<std::string> arguments, keywords;
    for (const std::size_t place : inputs_by_name(plan_)) {
      const ExportInput& input = plan_.inputs[place];
      arguments.push_back("serving_default_" + input.name);
      keywords.push_back(input.name);
      add(arguments.back(), "Placeholder", {}, {{-1}}).type("dtype", input.type).shape("shape", {-1});
      (*signature.mutable_inputs())[input.name] = tensor_info(arguments.back() + ":0", input.type, {-1});
    }
    arguments.insert(arguments.end(), captured_nodes_.begin(), captured_nodes_.end());
    const Node called = call(function, arguments);
    std::map<std::string, tf::StructuredValue> outputs;
    for (const std::size_t place : outputs_by_key(plan_)) {
      const ExportOutput& output = plan_.outputs[place];
      (*signature.mutable_outputs())[output.key] =
          tensor_info(called.name() + ":" + std::to_string(outputs.size()), tf::DT_FLOAT, output.shape());
      outputs[output.key] = tensor_spec(output.key, tf::DT_FLOAT, output.shape());
    }
    add_concrete_function(objects_, name,
                          {captured_, tuple({tuple({}), input_specs(&ExportInput::name)}), dict(outputs)});
    const int signatures = objects_.user_object("signature_map");
    objects_.child(signatures, "serving_default", objects_.signature(name, keywords));
    objects_.child(0, "signatures", signatures);
  }

  /// What a loader runs before the first call: fills the tables.
  void add_initialization() {
    std::vector<std::string> filled;
    for (std::size_t i = 0; i < initializers_.size(); ++i) {
      const ExportTable& table = plan_.tables[i];
      filled.push_back("^" + call(initializers_[i], {table.name, table.keys, table.indices}).name());
    }
    add("NoOp", "NoOp", filled, {});
    (*meta_.mutable_collection_def())["saved_model_main_op"].mutable_node_list()->add_value("NoOp");
    auto& output =
        (*(*meta_.mutable_signature_def())["__saved_model_init_op"].mutable_outputs())["__saved_model_init_op"];
    output.set_name("NoOp");
    output.mutable_tensor_shape()->set_unknown_rank(true);
  }

  /// Named as tf-keras names the optimizer that computes the same, so that one restores from this. Nothing that serves
  /// reads it: saver_def leaves it where it is.
  void add_optimizer() {
    const AdagradState& state = *optimizer_;
    const int optimizer = objects_.user_object("_generic_user_object");
    objects_.child(0, "optimizer", optimizer);
    const auto add_scalar = [&](const std::string& name, tf::DataType type, Dtype dtype,
                                std::span<const std::byte> bytes) {
      const int object = add_variable(name, type, {"", dtype, {}, bytes}, /*trainable=*/false, "optimizer/" + name);
      objects_.child(optimizer, name, object);
      return object;
    };
    const std::string mark = state.is_legacy ? "" : "_";
    const int steps = add_scalar(mark + (state.is_legacy ? "iter" : "iterations"), tf::DT_INT64, Dtype::i64,
                                 std::as_bytes(std::span(&state.step, 1)));
    add_scalar(mark + "learning_rate", tf::DT_FLOAT, Dtype::f32, std::as_bytes(std::span(&state.learning_rate, 1)));
    if (state.is_legacy) {
      add_scalar("decay", tf::DT_FLOAT, Dtype::f32, std::as_bytes(std::span(&state.decay, 1)));
    }
    std::vector<int> accumulators, all = {steps};
    for (std::size_t i = 0; i < state.accumulators.size(); ++i) {
      const std::string place = state.is_legacy
                                    ? "variables/" + std::to_string(i) + "/.OPTIMIZER_SLOT/optimizer/accumulator"
                                    : "optimizer/_variables/" + std::to_string(i + 1);
      accumulators.push_back(add_variable("Adagrad/accumulator/" + plan_.variables[i].name, tf::DT_FLOAT,
                                          state.accumulators[i], /*trainable=*/false, place));
      all.push_back(accumulators.back());
      if (state.is_legacy) objects_.slot(optimizer, "accumulator", variables_[i], accumulators.back());
    }
    objects_.child(optimizer, "_accumulators", objects_.list(accumulators));
    if (!state.is_legacy) objects_.child(optimizer, "_variables", objects_.list(all));
  }

  void add_saver(const std::string& object_graph) {
    std::vector<std::string> handles;
    for (const ExportVariable& variable : plan_.variables) handles.push_back(variable.name);
    const std::string prefix =
        add("saver_filename", "Placeholder", {}, {{}}).type("dtype", tf::DT_STRING).shape("shape", {}).name();
    tf::TensorProto text;
    text.set_dtype(tf::DT_STRING);
    text.mutable_tensor_shape();
    text.add_string_val(object_graph);
    const std::string graph = add_constant("object_graph", std::move(text)).name();

    std::vector<std::string> inputs = {prefix};
    inputs.insert(inputs.end(), handles.begin(), handles.end());
    const tf::FunctionDef save = save_function(plan_, keys_), restore = restore_function(plan_, keys_);
    add_function(save);
    add_function(restore);
    std::vector<std::string> saved_inputs = inputs;
    saved_inputs.push_back(graph);
    const std::string saved = call(save, saved_inputs).name(), restored = call(restore, inputs).name();
    auto& saver = *meta_.mutable_saver_def();
    saver.set_filename_tensor_name(prefix + ":0");
    saver.set_save_tensor_name(saved + ":0");
    saver.set_restore_op_name(restored);
    saver.set_version(2);  // SaverDef.V2
  }

  std::string saved_model() {
    tf::SavedModel model;
    model.set_saved_model_schema_version(1);
    *model.add_meta_graphs() = std::move(meta_);
    const std::size_t size = model.ByteSizeLong();
    if (size > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max())) {
      throw Error("saved_model.pb would have " + std::to_string(size) +
                  " bytes, but TensorFlow reads 2 GB at most; export a model with a smaller vocabulary");
    }
    return serialized(model);
  }

  ExportPlan plan_;
  std::optional<AdagradState> optimizer_;
  tf::MetaGraphDef meta_;
  tf::FunctionDef compute_;
  ObjectGraph objects_;
  std::vector<TensorView> checkpoint_;         // named by their keys
  std::vector<std::string> keys_;              // of the plan's variables
  std::vector<int> variables_, captured_;      // objects; captured: what `compute_` captures
  std::vector<std::string> captured_nodes_;    // the same as nodes
  std::vector<tf::FunctionDef> initializers_;  // of the plan's tables
  std::size_t calls_ = 0;
};
}  // namespace
}  // namespace savedmodel

void write_saved_model(const ModelView& model, const std::string& to, const SavedModelOptions& options) {
  savedmodel::Writer writer(model, options);
  const std::vector<NewFile> files = writer.files();
  write_export(to, files);
}
}  // namespace podium::interop
