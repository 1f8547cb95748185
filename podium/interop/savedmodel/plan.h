#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "podium/core/safetensors.h"
#include "podium/interop/proto/tensorflow.pb.h"
#include "podium/interop/savedmodel/node_list.h"
#include "podium/model/view.h"

namespace podium::interop::savedmodel {
/// A column that the exported model reads: [rows] values.
struct ExportInput {
  std::string column;
  std::string name;  // in the signature, and of its nodes: the column if it is a plain name, else as near as can be
  tf::DataType type;
};

/// A vocabulary as a hash table from value to index.
struct ExportTable {
  const Encoder* values;
  std::int64_t first_index;  // of its first value: as many are the unknown's
  tf::DataType key_type;
  std::string name, keys, indices;  // of its node, and of the constants that fill it
  std::string shared_name;          // within a process: tables of one shared name are one table

  /// What a lookup of an unknown value finds: its index if there is but one.
  std::int64_t none() const { return first_index == 1 ? 0 : -1; }
};

struct ExportVariable {
  std::string name;   // of its node: the parameter's, as far as TensorFlow allows it
  TensorView values;  // named as its parameter
  TensorShape shape() const { return {values.shape.begin(), values.shape.end()}; }
};

struct ExportOutput {
  std::string key;  // "output_1" is the first
  graph::ValueId value;
  std::size_t width;
  TensorShape shape() const { return {-1, static_cast<std::int64_t>(width)}; }
};

/// A model as TensorFlow will see it. Looks into the model, which must outlive it.
struct ExportPlan {
  const graph::Graph* graph;
  std::vector<std::size_t> widths;    // of every node's output
  std::vector<ExportInput> inputs;    // by column, rising: the order in which TensorFlow flattens a dict
  std::vector<std::size_t> input_of;  // [features]: index into inputs
  std::vector<ExportTable> tables;
  std::vector<std::optional<std::size_t>> table_of;  // [features]: index into tables, if it has a vocabulary
  std::vector<ExportVariable> variables;             // in the order of graph::parameters
  std::vector<ExportOutput> outputs;                 // in the graph's order
};

/// `column` if it is made of ASCII letters, digits and _, begins with a letter and is no keyword of Python's, so that
/// tf.saved_model.load, for which it becomes the name of a parameter, leaves it as it is; else made such.
std::string parameter_name(std::string_view column);

/// Throws Error if two features read one column as values of different types.
ExportPlan plan_export(const ModelView& model);
}  // namespace podium::interop::savedmodel
