#include "podium/interop/savedmodel/trainable.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "podium/core/error.h"
#include "podium/interop/parse.h"

namespace podium::interop {
namespace {
constexpr const char* kObjects = "_CHECKPOINTABLE_OBJECT_GRAPH";

using Saved = tf::SavedObjectGraph;
using Stored = tf::TrackableObjectGraph;

/// The number of a child, or below 0.
template <class Graph>
int child(const Graph& graph, int node, std::string_view name) {
  if (node < 0 || node >= graph.nodes_size()) return -1;
  for (const auto& reference : graph.nodes(node).children()) {
    if (reference.local_name() == name) return reference.node_id();
  }
  return -1;
}

/// The objects of one of an object's lists.
std::set<int> list_of(const Saved& graph, int node, std::string_view name) {
  std::set<int> objects;
  const int list = child(graph, node, name);
  if (list < 0 || list >= graph.nodes_size()) return objects;
  for (const auto& reference : graph.nodes(list).children()) objects.insert(reference.node_id());
  return objects;
}

/// A variable's name and shape.
std::string name_of(const tf::SavedObject& object) {
  return object.variable().name() + " " + object.variable().shape().SerializeAsString();
}

std::string key_of(const Stored& graph, int node) {
  for (const auto& attribute : graph.nodes(node).attributes()) {
    if (attribute.name() == "VARIABLE_VALUE") return attribute.checkpoint_key();
  }
  return "";
}

/// Each object of the model beside the same one of its checkpoint, found by the names of both on the way from the root.
std::map<int, int> paired(const Saved& saved, const Stored& stored) {
  std::map<int, int> pairs;
  if (saved.nodes_size() == 0 || stored.nodes_size() == 0) return pairs;
  std::vector<std::pair<int, int>> waiting = {{0, 0}};
  while (!waiting.empty()) {
    const auto [here, there] = waiting.back();
    waiting.pop_back();
    if (!pairs.emplace(here, there).second) continue;
    std::map<std::string_view, int> names;
    for (const auto& reference : stored.nodes(there).children()) names[reference.local_name()] = reference.node_id();
    for (const auto& reference : saved.nodes(here).children()) {
      const auto found = names.find(reference.local_name());
      if (found == names.end()) continue;
      const bool is_sound = reference.node_id() >= 0 && reference.node_id() < saved.nodes_size() &&
                            found->second >= 0 && found->second < stored.nodes_size();
      if (!is_sound) throw Error(std::string(kObjects) + ": is damaged");
      waiting.emplace_back(reference.node_id(), found->second);
    }
  }
  return pairs;
}
}  // namespace

std::set<std::string> frozen_variables(const tf::MetaGraphDef& meta, const Bundle& checkpoint) {
  std::set<std::string> frozen;
  if (!checkpoint.has(kObjects) || !meta.has_object_graph_def()) return frozen;
  Stored stored;
  const auto text = checkpoint.strings(kObjects);
  if (text.size() != 1 || !parse(stored, text[0])) throw Error(std::string(kObjects) + ": is damaged");
  const Saved& saved = meta.object_graph_def();
  // A layer within the model has lists too.
  std::set<int> left_out, listed;
  for (int node = 0; node < saved.nodes_size(); ++node) {
    const std::set<int> all = list_of(saved, node, "variables"), trained = list_of(saved, node, "trainable_variables");
    if (child(saved, node, "trainable_variables") < 0) continue;
    listed.insert(all.begin(), all.end());
    std::ranges::set_difference(all, trained, std::inserter(left_out, left_out.end()));
  }
  // Keras 3 exports each variable twice, and its functions read those that stand in no list: a copy is not trained if
  // a variable of its name and shape is not.
  std::set<std::string> names;
  for (const int variable : left_out) {
    if (variable >= 0 && variable < saved.nodes_size()) names.insert(name_of(saved.nodes(variable)));
  }
  for (const auto& [here, there] : paired(saved, stored)) {
    if (!saved.nodes(here).has_variable()) continue;
    const bool is_frozen = !saved.nodes(here).variable().trainable() || left_out.contains(here) ||
                           (!listed.contains(here) && names.contains(name_of(saved.nodes(here))));
    const std::string key = key_of(stored, there);
    if (is_frozen && !key.empty()) frozen.insert(key);
  }
  return frozen;
}
}  // namespace podium::interop
