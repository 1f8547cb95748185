#pragma once
#include <string>

#include "podium/core/files.h"
#include "podium/model/model.h"
#include "podium/model/record.h"

namespace podium {
/// Publishes the model as the next free version of `directory` ("models/ranking" gives "models/ranking/1", then
/// "models/ranking/2" ...), complete or not at all. Returns the directory written. What is in it:
/// docs/model-directory.md. Throws Error if it can't be written; then nothing is published.
std::string save(const Model& model, const std::string& directory);
/// The same with what is known beside the model. Equal models and records give equal bytes, but for run.json,
/// report.html and with them MANIFEST.
std::string save(const Model& model, const ModelRecord& record, const std::string& directory,
                 Files& files = real_files());
}  // namespace podium
