#pragma once
#include <sys/stat.h>

#include <filesystem>
#include <map>
#include <string>

#include "tests/support/temporary_directory.h"

namespace podium::tests {
/// Everything below a directory: path to kind, permissions, and the bytes or where a link leads. Equal before and after
/// means that nobody touched it.
inline std::map<std::string, std::string> snapshot_of(const std::string& directory) {
  namespace fs = std::filesystem;
  std::map<std::string, std::string> snapshot;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    struct stat status {};
    ::lstat(entry.path().c_str(), &status);
    std::string& text = snapshot[entry.path().lexically_relative(directory).string()];
    text = std::to_string(status.st_mode) + " ";
    if (S_ISREG(status.st_mode)) text += read_text(entry.path().string());
    if (S_ISLNK(status.st_mode)) text += fs::read_symlink(entry.path()).string();
  }
  return snapshot;
}
}  // namespace podium::tests
