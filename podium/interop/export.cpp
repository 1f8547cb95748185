#include "podium/interop/export.h"

#include <filesystem>

#include "podium/core/error.h"
#include "podium/core/files.h"
#include "podium/core/manifest.h"

namespace podium::interop {
void write_export(const std::string& path, std::span<const NewFile> contents) {
  std::string target = std::filesystem::absolute(path).lexically_normal().string();
  if (target.size() > 1 && target.ends_with('/')) target.pop_back();
  if (path_exists(target)) {
    const bool is_ours = is_directory(target) && path_exists(target + "/" + kManifestName);
    if (!is_ours && !(is_directory(target) && list_directory(target).empty())) {
      throw Error(path + ": is there already and is no export of Podium's; choose another place, or remove it");
    }
    // A model's versions are published once; who exports into one has mistaken the place.
    if (path_exists(target + "/model.json")) {
      throw Error(path + ": is a model of Podium's, which an export must not replace; choose another place");
    }
  }
  const std::string folder = std::filesystem::path(target).parent_path().string();
  real_files().make_directories(folder);
  write_directory_atomically(real_files(), target, contents);
}
}  // namespace podium::interop
