#pragma once
#include <set>
#include <string>

#include "podium/interop/proto/tensorflow.pb.h"
#include "podium/interop/savedmodel/bundle_reader.h"

namespace podium::interop {
/// The variables, by the names that the checkpoint has for them, that the model does not train: those that say so, and
/// those that stand in the model's list of variables and not in that of the trainable ones. Throws Error if the
/// checkpoint's object graph is damaged.
std::set<std::string> frozen_variables(const tf::MetaGraphDef& meta, const Bundle& checkpoint);
}  // namespace podium::interop
