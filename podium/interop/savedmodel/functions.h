#pragma once
#include <vector>

#include "podium/interop/proto/tensorflow.pb.h"
#include "podium/interop/savedmodel/plan.h"

namespace podium::interop::savedmodel {
/// What a hash table needs to live in TensorFlow: made, filled, and let go.
struct TableFunctions {
  tf::FunctionDef create;      // () -> the table
  tf::FunctionDef initialize;  // (table, keys, values) -> 1
  tf::FunctionDef destroy;     // () -> 1: a hash table goes with its last user
};
TableFunctions table_functions(const ExportTable& table, std::int64_t size, std::size_t number);

/// The signature's function: the inputs by name and the captures of `compute`, which it calls; results by key, rising.
tf::FunctionDef signature_function(const ExportPlan& plan, const tf::FunctionDef& compute);

/// (file prefix, variables, object graph) -> file prefix: writes a checkpoint of the variables under these keys.
tf::FunctionDef save_function(const ExportPlan& plan, const std::vector<std::string>& keys);
/// (file prefix, variables) -> file prefix: reads one.
tf::FunctionDef restore_function(const ExportPlan& plan, const std::vector<std::string>& keys);

/// The places of the plan's inputs in the order of their names, as TensorFlow sorts a function's keywords.
std::vector<std::size_t> inputs_by_name(const ExportPlan& plan);
/// The places of the plan's outputs in the order of their keys: as text, so that "output_10" stands before "output_2".
std::vector<std::size_t> outputs_by_key(const ExportPlan& plan);
}  // namespace podium::interop::savedmodel
