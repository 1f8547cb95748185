#include "podium/interop/savedmodel/saved_state.h"

#include <charconv>
#include <string_view>
#include <utility>

#include "podium/core/error.h"

namespace podium::interop {
namespace {
/// What fills the tables when a model is loaded; "" if nothing does.
std::string init_operation(const tf::MetaGraphDef& meta) {
  const auto signature = meta.signature_def().find("__saved_model_init_op");
  if (signature != meta.signature_def().end()) {
    for (const auto& [key, info] : signature->second.outputs()) return info.name();
  }
  for (const char* name : {"saved_model_main_op", "legacy_init_op"}) {
    const auto collection = meta.collection_def().find(name);
    if (collection == meta.collection_def().end()) continue;
    const auto& nodes = collection->second.node_list().value();
    if (!nodes.empty()) return nodes[0];
  }
  return "";
}

bool is_variable(const tf::NodeDef& node) {
  return node.op() == "VarHandleOp" || node.op() == "VariableV2" || node.op() == "Variable";
}

/// Lines without their ends, as TensorFlow's reader gives them.
std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.emplace_back(line);
  }
  return lines;
}
}  // namespace

SavedState::SavedState(const tf::MetaGraphDef& meta, const GraphView& graph, const Bundle* variables, Asset asset)
    : meta_(meta), graph_(graph), variables_(variables), asset_(std::move(asset)) {
  if (const std::string init = init_operation(meta); !init.empty()) collect(graph_.find(init));
  if (!meta.saver_def().restore_op_name().empty()) collect(graph_.find(meta.saver_def().restore_op_name()));
}

void SavedState::collect(const GraphValue& start) {
  for (const GraphValue& value : graph_.running(start)) {
    const std::string& op = value.node->op();
    if (op == "AssignVariableOp" || op == "Assign") {
      assigned_.emplace(graph_.input(value, 0).node, graph_.input(value, 1));
    } else if (op.starts_with("LookupTableImport") || op.starts_with("InitializeTable")) {
      filled_.emplace(graph_.input(value, 0).node, value);
    }
  }
}

bool SavedState::is_known(const GraphValue& value) const {
  return constant(value) != nullptr || value.node->op() == "ReadVariableOp" || value.node->op() == "RestoreV2" ||
         is_variable(*value.node);
}

const Bundle& SavedState::bundle(const tf::NodeDef& node) const {
  if (variables_ == nullptr) {
    throw Error("the node " + text_of(node) +
                " needs variables/variables.index, which is not there; copy all of the model");
  }
  return *variables_;
}

std::string SavedState::restored_name(const GraphValue& value) const {
  const auto list = [&](std::size_t input) {
    const auto* tensor = constant(graph_.input(value, input));
    if (tensor == nullptr)
      throw Error("the node " + text_of(*value.node) + " restores by names that are not constants");
    return strings_of(*tensor, text_of(*value.node));
  };
  const auto names = list(1), slices = list(2);
  if (value.output >= names.size() || value.output >= slices.size()) {
    throw Error("the node " + text_of(*value.node) + " has no tensor " + std::to_string(value.output));
  }
  if (!slices[value.output].empty()) {
    throw Error("the variable \"" + names[value.output] +
                "\" is in slices, which Podium does not read; save it without a partitioner");
  }
  return names[value.output];
}

std::string SavedState::stored_name(const GraphValue& value) const {
  if (value.node->op() == "RestoreV2") return restored_name(value);
  const GraphValue handle = value.node->op() == "ReadVariableOp" ? graph_.input(value, 0) : value;
  const auto found = assigned_.find(handle.node);
  if (!is_variable(*handle.node) || found == assigned_.end() || found->second.node->op() != "RestoreV2") {
    throw Error("the variable " + text_of(*handle.node) +
                " is not restored from a checkpoint; write a model of Keras 3 by model.export(), another by "
                "tf.saved_model.save");
  }
  return restored_name(found->second);
}

Array SavedState::floats(const GraphValue& value) const {
  if (const auto* tensor = constant(value)) return floats_of(*tensor, "the node " + text_of(*value.node));
  const std::string name = stored_name(value);
  return bundle(*value.node).floats(name);
}

std::vector<std::int64_t> SavedState::integers(const GraphValue& value) const {
  if (const auto* tensor = constant(value)) return integers_of(*tensor, "the node " + text_of(*value.node));
  if (is_known(value)) {
    const std::string name = stored_name(value);
    return bundle(*value.node).integers(name);
  }
  throw Error("the node " + text_of(*value.node) + " stands where Podium needs whole numbers that are constants");
}

std::vector<std::string> SavedState::strings(const GraphValue& value) const {
  if (const auto* tensor = constant(value)) return strings_of(*tensor, "the node " + text_of(*value.node));
  if (is_known(value)) {
    const std::string name = stored_name(value);
    return bundle(*value.node).strings(name);
  }
  throw Error("the node " + text_of(*value.node) + " stands where Podium needs text that is constant");
}

TableContents SavedState::table(const GraphValue& handle) const {
  const auto found = filled_.find(handle.node);
  if (found == filled_.end()) throw Error("nothing fills the lookup table " + text_of(*handle.node));
  const GraphValue& initializer = found->second;
  if (initializer.node->op().starts_with("InitializeTableFromTextFile"))
    return from_text_file(initializer, *handle.node);
  TableContents contents;
  contents.integers = type_attribute(*handle.node, "key_dtype") != tf::DT_STRING;
  const GraphValue keys = graph_.input(initializer, 1);
  if (contents.integers) {
    contents.numbers = integers(keys);
  } else {
    contents.words = strings(keys);
  }
  contents.ids = integers(graph_.input(initializer, 2));
  if (contents.ids.size() != contents.words.size() + contents.numbers.size()) {
    throw Error("the lookup table " + text_of(*handle.node) + " has keys and values of different numbers");
  }
  return contents;
}

std::string SavedState::asset_name(GraphValue value) const {
  if (value.node->op() == "ReadVariableOp") {
    const auto handle = graph_.input(value, 0);
    for (const auto& [name, node] : graph_.main().nodes) {
      if (node->op() != "AssignVariableOp") continue;
      const GraphValue assignment{&graph_.main(), node, 0};
      if (graph_.input(assignment, 0) == handle) value = graph_.input(assignment, 1);
    }
  }
  for (const auto& asset : meta_.asset_file_def()) {
    if (graph_.find(asset.tensor_info().name()).node == value.node) return asset.filename();
  }
  throw Error("the file that the node " + text_of(*value.node) + " names is not among the model's assets");
}

TableContents SavedState::from_text_file(const GraphValue& initializer, const tf::NodeDef& handle) const {
  constexpr std::int64_t kWholeLine = -2, kLineNumber = -1;
  const tf::NodeDef& node = *initializer.node;
  if (integer(node, "key_index", 0) != kWholeLine || integer(node, "value_index", 0) != kLineNumber) {
    throw Error("the node " + text_of(node) +
                " reads columns of a file; Podium reads vocabularies of one value per line");
  }
  const std::string name = asset_name(graph_.input(initializer, 1));
  if (name.empty() || name.find('/') != std::string::npos || name == "..") {
    throw Error("the asset \"" + name + "\" is no file of the folder assets");
  }
  TableContents contents;
  contents.words = lines_of(asset_(name));
  const std::int64_t most = integer(node, "vocab_size", -1);
  if (most >= 0 && static_cast<std::size_t>(most) < contents.words.size()) {
    contents.words.resize(static_cast<std::size_t>(most));
  }
  const std::int64_t offset = integer(node, "offset", 0);
  if (offset < 0 || offset > 1'000'000'000) throw Error("the node " + text_of(node) + " has an offset out of range");
  for (std::size_t i = 0; i < contents.words.size(); ++i) contents.ids.push_back(offset + static_cast<std::int64_t>(i));
  contents.integers = type_attribute(handle, "key_dtype") != tf::DT_STRING;
  if (!contents.integers) return contents;
  for (const std::string& line : contents.words) {
    std::int64_t number = 0;
    const auto read = std::from_chars(line.data(), line.data() + line.size(), number);
    if (read.ec != std::errc() || read.ptr != line.data() + line.size()) {
      throw Error("assets/" + name + ": \"" + line + "\" is no whole number");
    }
    contents.numbers.push_back(number);
  }
  contents.words.clear();
  return contents;
}
}  // namespace podium::interop
