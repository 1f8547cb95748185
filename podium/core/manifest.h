#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "podium/core/mapped_file.h"

namespace podium {
/// The file that names all others of a directory with their checksums; written last.
inline constexpr const char* kManifestName = "MANIFEST";

/// Path below the directory ("resume/optimizer.safetensors") to XXH3-128 digits.
using Manifest = std::map<std::string, std::string>;

/// Lines "DIGITS  PATH", sorted by path: `xxh128sum --check MANIFEST` reads it.
std::string manifest_text(const Manifest& manifest);
/// Strict: anything but what manifest_text writes is an Error that begins with `what`; so is a path that leaves the
/// directory.
Manifest parse_manifest(std::string_view text, const std::string& what);

/// The text of a directory's MANIFEST. Throws Error if it can't be read or is longer than any of ours.
std::string read_manifest(const std::string& directory);

/// One file of a directory beside what its MANIFEST says.
struct FileCheck {
  std::string path;
  std::uint64_t bytes = 0;
  std::string problem;    // "" if the file is as it was written
  bool is_listed = true;  // in the MANIFEST; if not, that is its problem
};
/// All that the MANIFEST names and all that is there, sorted by path. Throws Error if there is no sound MANIFEST.
std::vector<FileCheck> check_directory(const std::string& directory);

/// Every file that the MANIFEST names, mapped after its checksum was verified.
/// Throws Error naming the first file that is missing, changed or not in the MANIFEST.
std::map<std::string, MappedFile> open_verified(const std::string& directory);
}  // namespace podium
