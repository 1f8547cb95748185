#include "podium/interop/inspect.h"

#include <filesystem>
#include <utility>

#include "podium/core/files.h"

namespace podium::interop {
namespace {
/// Files as they are, where no MANIFEST says what they should be.
std::vector<FileCheck> files_of(const std::string& directory) {
  std::vector<FileCheck> files;
  for (const std::string& name : list_directory(directory)) {
    if (!is_directory(directory + "/" + name)) {
      files.push_back({name, std::filesystem::file_size(directory + "/" + name), ""});
    }
  }
  return files;
}
}  // namespace

std::optional<ExportReport> inspect_export(const std::string& directory) {
  constexpr std::pair<const char*, const char*> kFormats[] = {{"saved_model.pb", "a SavedModel"},
                                                              {"model.onnx", "an ONNX model"},
                                                              {"weights.safetensors", "weights as safetensors"},
                                                              {"weights.npz", "weights as npz"}};
  if (!is_directory(directory) || path_exists(directory + "/model.json")) return std::nullopt;
  const bool is_ours = path_exists(directory + "/" + kManifestName);
  std::vector<FileCheck> files = is_ours ? check_directory(directory) : files_of(directory);
  // A file that is gone is named by the MANIFEST still.
  for (const auto& [name, format] : kFormats) {
    for (const FileCheck& file : files) {
      if (file.path == name) return ExportReport{directory, format, is_ours, std::move(files)};
    }
  }
  return std::nullopt;
}

std::string problem_of(const ExportReport& report) {
  for (const FileCheck& file : report.files) {
    if (!file.problem.empty()) return file.path + ": " + file.problem;
  }
  return "";
}

std::string to_text(const ExportReport& report) {
  std::string text = report.directory + ": " + report.format + "\n";
  for (const FileCheck& file : report.files) {
    text += "  file      " + file.path + "  " + std::to_string(file.bytes) + " bytes" +
            (file.problem.empty() ? "" : "  " + file.problem) + "\n";
  }
  if (!report.is_ours) return text + "  another program's: no MANIFEST says how it was written\n";
  return text + (problem_of(report).empty() ? "  sound: every checksum agrees\n" : "  not sound\n");
}
}  // namespace podium::interop
