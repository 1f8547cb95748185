#pragma once
#include <optional>
#include <string>
#include <vector>

#include "podium/core/manifest.h"

namespace podium::interop {
/// What a directory of another program's format is, and what is wrong with it.
struct ExportReport {
  std::string directory;
  std::string format;            // "a SavedModel", "an ONNX model" ...
  bool is_ours = false;          // a MANIFEST names its files
  std::vector<FileCheck> files;  // with the MANIFEST's verdict, where there is one
};

/// Looks at a directory that holds saved_model.pb, model.onnx, weights.npz or weights.safetensors; nothing if it is
/// none. Throws Error if its MANIFEST can't be read.
std::optional<ExportReport> inspect_export(const std::string& directory);
/// For people: several lines, the last one says whether it is as it was written.
std::string to_text(const ExportReport& report);
/// The first thing that is wrong, or "".
std::string problem_of(const ExportReport& report);
}  // namespace podium::interop
