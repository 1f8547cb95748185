#pragma once
#include <string>

#include "podium/data/inspect.h"

namespace podium {
/// A commented recipe in TOML, ready to train, from what inspect_data finds in the file: which columns are user, item,
/// label and time, and the loss that fits the labels. `path` stands in it as given. Throws Error as inspect_data does.
std::string recipe_for(const std::string& path);
/// The same from a report. Where no column looks like a role, its key stands there with "?" and a comment.
std::string recipe_for(const std::string& path, const DataReport& report);
}  // namespace podium
