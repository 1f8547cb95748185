#include "podium/core/manifest.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "podium/core/checksum.h"
#include "podium/core/files.h"

namespace podium {
namespace {
constexpr std::size_t kDigits = 32;
constexpr std::size_t kManifestLimit = std::size_t{1} << 24;

bool is_digits(std::string_view text) {
  return text.size() == kDigits &&
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

/// Parts that are neither empty, "." nor "..", of characters that xxh128sum does not escape.
bool is_path_below(std::string_view path) {
  if (std::ranges::any_of(path,
                          [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\\' || c == '\x7F'; })) {
    return false;
  }
  while (true) {
    const std::size_t slash = path.find('/');
    const std::string_view part = path.substr(0, slash);
    if (part.empty() || part == "." || part == "..") return false;
    if (slash == std::string_view::npos) return true;
    path.remove_prefix(slash + 1);
  }
}

struct OpenFile {
  FileCheck check;
  MappedFile file;
};

std::vector<OpenFile> open_all(const std::string& directory) {
  const std::string manifest_path = directory + "/" + kManifestName;
  const Manifest manifest = parse_manifest(read_manifest(directory), manifest_path);
  std::vector<OpenFile> files;
  for (const auto& [path, digits] : manifest) {
    OpenFile opened{{path, 0, "", true}, {}};
    const std::string full = directory + "/" + path;
    if (!path_exists(full)) {
      opened.check.problem = "is in the MANIFEST but not there";
    } else {
      try {
        opened.file = MappedFile(full);
        opened.check.bytes = opened.file.bytes().size();
        Checksum sum;
        read_in_pieces({opened.file.bytes(), true}, [&sum](std::span<const std::byte> piece) { sum.update(piece); });
        if (sum.digits() != digits) opened.check.problem = "is not what was written: its checksum differs";
      } catch (const Error& error) {
        opened.check.problem = error.what();
      }
    }
    files.push_back(std::move(opened));
  }
  std::error_code failure;
  const auto options = std::filesystem::directory_options::none;  // links are not followed
  for (std::filesystem::recursive_directory_iterator at(directory, options, failure), end; at != end;
       at.increment(failure)) {
    if (failure) break;
    std::error_code ignored;
    if (at->is_directory(ignored) && !at->is_symlink(ignored)) continue;
    const std::string path = at->path().lexically_relative(directory).string();
    if (path == kManifestName || manifest.contains(path)) continue;
    const std::uint64_t bytes = at->is_regular_file(ignored) ? at->file_size(ignored) : 0;
    files.push_back({{path, bytes, "is not in the MANIFEST", false}, {}});
  }
  if (failure) throw Error(directory + ": can't be listed: " + failure.message());
  std::ranges::sort(files, {}, [](const OpenFile& file) -> const std::string& { return file.check.path; });
  return files;
}
}  // namespace

std::string manifest_text(const Manifest& manifest) {
  std::string text;
  for (const auto& [path, digits] : manifest) text.append(digits).append("  ").append(path).append("\n");
  return text;
}

Manifest parse_manifest(std::string_view text, const std::string& what) {
  Manifest manifest;
  std::size_t line = 0;
  while (!text.empty()) {
    const std::string where = what + ":" + std::to_string(++line);
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) throw Error(where + ": the line is cut off; the file is damaged");
    const std::string_view row = text.substr(0, end);
    text.remove_prefix(end + 1);
    if (row.size() < kDigits + 3 || !is_digits(row.substr(0, kDigits)) || row.substr(kDigits, 2) != "  ") {
      throw Error(where + ": is not \"32 DIGITS  PATH\"; the file is damaged");
    }
    const std::string path(row.substr(kDigits + 2));
    if (!is_path_below(path) || path == kManifestName) throw Error(where + ": no path of a file in this directory");
    if (!manifest.empty() && path <= manifest.rbegin()->first)
      throw Error(where + ": paths are not sorted; the file is damaged");
    manifest.emplace(path, row.substr(0, kDigits));
  }
  if (manifest.empty()) throw Error(what + ": is empty; the file is damaged");
  return manifest;
}

std::string read_manifest(const std::string& directory) {
  return read_file(directory + "/" + kManifestName, kManifestLimit);
}

std::vector<FileCheck> check_directory(const std::string& directory) {
  std::vector<FileCheck> checks;
  for (OpenFile& file : open_all(directory)) checks.push_back(std::move(file.check));
  return checks;
}

std::map<std::string, MappedFile> open_verified(const std::string& directory) {
  std::map<std::string, MappedFile> files;
  for (OpenFile& file : open_all(directory)) {
    if (!file.check.problem.empty()) {
      const std::string path = directory + "/" + file.check.path;
      throw Error(path + ": " + file.check.problem + "; copy the directory again or train anew");
    }
    files.emplace(file.check.path, std::move(file.file));
  }
  return files;
}
}  // namespace podium
