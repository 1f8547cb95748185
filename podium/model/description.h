#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "podium/graph/graph.h"
#include "podium/model/model.h"
#include "podium/model/record.h"

namespace podium::model {
/// The version of the model directory that this Podium writes; it reads this one and those before.
inline constexpr std::uint64_t kFormatVersion = 1;

/// What model.json says.
struct Description {
  graph::Graph graph;
  ModelOptions options;
  std::vector<Source> sources;
  std::string split, recipe, metrics;  // JSON or ""
  std::map<std::string, std::string> gives_up = {};
};

/// Equal descriptions give equal bytes. Throws Error if a text that should be JSON is not, or a number is not finite.
std::string write_description(const Description& description);

/// Strict: what this version does not know is an Error, so that no model is half understood; a field that is missing
/// has its default, so that older models load. The graph is sound (graph::widths). `what` begins every message. Throws
/// Error, by name for a newer format.
Description read_description(std::string_view json, const std::string& what);
}  // namespace podium::model
