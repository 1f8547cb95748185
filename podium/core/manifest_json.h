#pragma once
// Included by sources only, for the JSON library's sake.
#include <nlohmann/json.hpp>
#include <vector>

#include "podium/core/manifest.h"

namespace podium {
/// A list of {"path", "bytes"}, with "problem" where a file has one.
inline nlohmann::ordered_json files_json(const std::vector<FileCheck>& files) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const FileCheck& file : files) {
    list.push_back({{"path", file.path}, {"bytes", file.bytes}});
    if (!file.problem.empty()) list.back()["problem"] = file.problem;
  }
  return list;
}
}  // namespace podium
