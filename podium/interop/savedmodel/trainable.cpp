#include "podium/interop/savedmodel/trainable.h"

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

/// The objects of one of the model's lists, by their places.
std::map<std::string, int> list_of(const Saved& graph, std::string_view name) {
  std::map<std::string, int> objects;
  const int list = child(graph, 0, name);
  if (list < 0 || list >= graph.nodes_size()) return objects;
  for (const auto& reference : graph.nodes(list).children()) objects[reference.local_name()] = reference.node_id();
  return objects;
}

std::set<int> values_of(const std::map<std::string, int>& objects) {
  std::set<int> values;
  for (const auto& [place, object] : objects) values.insert(object);
  return values;
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
  const auto listed = list_of(saved, "variables");
  const std::set<int> all = values_of(listed), trained = values_of(list_of(saved, "trainable_variables"));
  // Keras 3 exports each variable twice, and its functions read the second ones.
  std::map<int, int> original_of;
  for (const auto& [place, copy] : list_of(saved, "_all_variables")) {
    if (const auto original = listed.find(place); original != listed.end()) original_of[copy] = original->second;
  }
  for (const auto& [here, there] : paired(saved, stored)) {
    if (!saved.nodes(here).has_variable()) continue;
    const auto original = original_of.find(here);
    const int variable = original == original_of.end() ? here : original->second;
    const bool is_left_out = all.contains(variable) && !trained.contains(variable);
    const std::string key = key_of(stored, there);
    if ((is_left_out || !saved.nodes(here).variable().trainable()) && !key.empty()) frozen.insert(key);
  }
  return frozen;
}
}  // namespace podium::interop
