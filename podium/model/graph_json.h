#pragma once
// Included by sources only, for the JSON library's sake.
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "podium/graph/graph.h"

namespace podium::model {
/// Keys stay in the order of the structs.
using Json = nlohmann::ordered_json;

Json graph_to_json(const graph::Graph& graph);
/// "relu", "mean": the names that the file has.
std::string_view name_of(graph::Activation activation);
std::string_view name_of(graph::Combiner combiner);
/// `where` begins every message. Throws Error for what is not a graph; does not check what graph::widths checks.
graph::Graph graph_from_json(const Json& json, const std::string& where);
}  // namespace podium::model
