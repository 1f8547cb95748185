#include "podium/interop/export.h"

#include <algorithm>
#include <cassert>
#include <filesystem>

#include "podium/core/error.h"
#include "podium/core/files.h"
#include "podium/core/manifest.h"

namespace podium::interop {
namespace {
/// Every writer's files must be in the table below, or the next export would not know them for ours.
[[maybe_unused]] bool is_in_table(std::span<const NewFile> contents) {
  return std::ranges::any_of(export_formats(), [&](const ExportFormat& format) {
    return std::ranges::all_of(contents, [&](const NewFile& file) {
      return std::ranges::count(format.files.always, file.path) + std::ranges::count(format.files.sometimes, file.path);
    });
  });
}

DirectoryKind export_kind() {
  DirectoryKind kind{"export", {}};
  for (const ExportFormat& format : export_formats()) kind.writers.push_back(format.files);
  return kind;
}
}  // namespace

const std::vector<ExportFormat>& export_formats() {
  static const std::vector<ExportFormat> formats = {
      {"savedmodel", {{"saved_model.pb", "variables/variables.index", "variables/variables.data-00000-of-00001"}, {}}},
      {"onnx", {{"model.onnx"}, {"model.onnx.data"}}},
      {"safetensors", {{"weights.safetensors"}, {}}},
      {"npz", {{"weights.npz"}, {}}}};
  return formats;
}

void write_export(const std::string& path, std::span<const NewFile> contents) {
  assert(is_in_table(contents));
  const std::string target = behind_links(path);
  // A model's versions are published once; who exports into one has mistaken the place.
  if (path_exists(target + "/model.json") && path_exists(target + "/" + kManifestName)) {
    throw Error(path + ": is a model of Podium's, which an export must not replace; choose another place");
  }
  real_files().make_directories(std::filesystem::path(target).parent_path().string());
  write_directory_atomically(real_files(), path, contents, export_kind());
}
}  // namespace podium::interop
