#pragma once
#include "podium/interop/proto/tensorflow.pb.h"
#include "podium/interop/savedmodel/plan.h"

namespace podium::interop::savedmodel {
/// The model's computation as a function of TensorFlow's.
///   arguments  the plan's inputs, then what it captures: the plan's tables, then its variables
///   results    the plan's outputs, each [rows, width]
tf::FunctionDef compute_function(const ExportPlan& plan);
}  // namespace podium::interop::savedmodel
