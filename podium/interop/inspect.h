#pragma once
#include <optional>
#include <string>
#include <vector>

#include "podium/core/manifest.h"
#include "podium/interop/onnx/read.h"
#include "podium/interop/savedmodel/contents.h"

namespace podium::interop {
/// What an export of Podium's or another program's model is, and what is wrong with it.
struct ExportReport {
  std::string path;              // of the directory or the .onnx file
  std::string format;            // "savedmodel", "onnx", "safetensors" or "npz", as `podium export --format` has them
  bool is_ours = false;          // a MANIFEST names its files
  std::vector<FileCheck> files;  // with the MANIFEST's verdict, where there is one
  std::vector<FileCheck> extra;  // that others added to an export of ours; nothing is wrong with them
  std::optional<OnnxContents> onnx;
  std::optional<SavedModelContents> saved_model;
  std::string unreadable;  // why the model's file is none; then it has no contents
};

/// Looks at a directory that holds saved_model.pb, model.onnx, weights.npz or weights.safetensors, or at one file
/// NAME.onnx and the data that it has beside itself; nothing if it is none. Throws Error if a MANIFEST can't be read.
std::optional<ExportReport> inspect_export(const std::string& path);
/// For people: several lines, the last one says whether it is as it was written.
std::string to_text(const ExportReport& report);
/// For programs: one JSON object, whatever bytes the texts of the file are. What the format or this file has not is
/// absent, and so are the contents of one that is unreadable.
std::string to_json(const ExportReport& report);
/// All that is wrong, as a terminal may show it; empty if the export is sound.
std::vector<std::string> problems_of(const ExportReport& report);
/// The first thing that is wrong, or "".
std::string problem_of(const ExportReport& report);
}  // namespace podium::interop
