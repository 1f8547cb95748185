#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "podium/interop/weights/layout.h"
#include "podium/recipe/fields.h"

namespace podium::recipe {
/// Reads the TOML file that says what a file of weights means, for `podium import`; its relative paths start at its
/// folder. Throws Error with file and line: unknown keys and kinds (with the nearest), wrong types, what is missing.
/// Whether the layers fit the weights is said by import_weights.
interop::Layout read_layout(const std::string& path);
/// The same from text; `name` stands for the file in errors, `folder` is where relative paths start. Opens no file.
interop::Layout parse_layout(std::string_view text, const std::string& name, const std::string& folder = "");
/// Every key of a layout: those of a column, then those of each kind of layer.
std::vector<KeyHelp> describe_layout();
}  // namespace podium::recipe
