#include "podium/core/own_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <functional>
#include <set>
#include <string_view>

#include "podium/core/checksum.h"
#include "podium/core/error.h"
#include "podium/core/files.h"
#include "podium/core/manifest.h"

namespace podium {
namespace {
bool contains(const std::vector<std::string>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

std::string quoted(const std::string& path) { return "\"" + path + "\""; }

void add_tree(const std::string& directory, const std::string& below, Tree& tree) {
  for (const std::string& name : list_directory(directory)) {
    const std::string path = directory + "/" + name, shown = below + name;
    if (is_directory(path) && !is_link(path)) {
      tree.folders.push_back(shown);
      add_tree(path, shown + "/", tree);
    } else {
      tree.files.push_back(shown);
    }
  }
}

/// Of a regular file, else "". Read as a stream: a mapped file that somebody cuts meanwhile would end the process.
std::string checksum_of(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  struct stat status {};
  if (!file || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) return "";
  Checksum sum;
  std::vector<std::byte> piece(std::size_t{1} << 17);
  while (true) {
    const ssize_t count = ::read(file.get(), piece.data(), piece.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return "";
    if (count == 0) return sum.digits();
    sum.update(std::span(piece).first(static_cast<std::size_t>(count)));
  }
}

Manifest manifest_of(const std::string& directory) {
  const std::string path = directory + "/" + kManifestName;
  if (is_link(path)) throw Error(path + ": is a link");
  return parse_manifest(read_manifest(directory), path);
}

/// Whether a file or folder of this path can come from any of the writers.
bool is_known(const DirectoryKind& kind, const std::string& path, bool is_folder) {
  return std::ranges::any_of(kind.writers, [&](const FileSet& writer) {
    const auto fits = [&](const std::string& file) { return is_folder ? file.starts_with(path + "/") : file == path; };
    return std::ranges::any_of(writer.always, fits) || std::ranges::any_of(writer.sometimes, fits);
  });
}

/// Whether these are the files of one writer.
bool is_of(const FileSet& writer, const Manifest& manifest) {
  return std::ranges::all_of(writer.always, [&](const std::string& file) { return manifest.contains(file); }) &&
         std::ranges::all_of(manifest, [&](const auto& entry) {
           return contains(writer.always, entry.first) || contains(writer.sometimes, entry.first);
         });
}

/// Whether a folder is one that the files of the MANIFEST need.
bool is_needed(const Manifest& manifest, const std::string& folder) {
  const auto first = manifest.lower_bound(folder + "/");
  return first != manifest.end() && first->first.starts_with(folder + "/");
}

std::string added_in(const std::string& directory, const Tree& tree, const Manifest& manifest) {
  for (const std::string& folder : tree.folders) {
    if (!is_needed(manifest, folder)) return "holds the folder " + quoted(folder) + ", which was added to it";
  }
  for (const std::string& file : tree.files) {
    if (file == kManifestName) continue;
    const auto listed = manifest.find(file);
    if (listed == manifest.end()) return "holds " + quoted(file) + ", which was added to it";
    if (checksum_of(directory + "/" + file) != listed->second) {
      return "holds " + quoted(file) + ", which was changed since it was written";
    }
  }
  return "";
}
}  // namespace

Tree tree_of(const std::string& directory) {
  Tree tree;
  add_tree(directory, "", tree);
  std::ranges::sort(tree.files);
  std::ranges::sort(tree.folders);
  return tree;
}

std::string added_in(const std::string& directory) {
  const Tree tree = tree_of(directory);
  if (tree.files.empty() && tree.folders.empty()) return "";
  return added_in(directory, tree, manifest_of(directory));
}

void remove_own(Files& files, const std::string& directory) {
  if (path_exists(directory + "/" + kManifestName)) {
    std::set<std::string, std::greater<>> folders;  // those below come first
    for (const auto& [file, digits] : manifest_of(directory)) {
      for (std::size_t at = file.find('/'); at != std::string::npos; at = file.find('/', at + 1)) {
        folders.insert(file.substr(0, at));
      }
      files.remove(directory + "/" + file);
    }
    for (const std::string& folder : folders) files.remove(directory + "/" + folder);
    files.remove(directory + "/" + kManifestName);
  }
  files.remove(directory);
}

std::string foreign_in(const std::string& directory, const DirectoryKind& kind) {
  if (is_link(directory)) return "is a link";
  if (!is_directory(directory)) return "is no folder";
  const Tree tree = tree_of(directory);
  if (tree.files.empty() && tree.folders.empty()) return "";
  const std::string foreign = ", which no " + kind.name + " of Podium's wrote";
  for (const std::string& file : tree.files) {
    if (file != kManifestName && !is_known(kind, file, /*is_folder=*/false)) return "holds " + quoted(file) + foreign;
  }
  for (const std::string& folder : tree.folders) {
    if (!is_known(kind, folder, /*is_folder=*/true)) return "holds the folder " + quoted(folder) + foreign;
  }
  if (!contains(tree.files, kManifestName)) {
    return "has no " + std::string(kManifestName) + ", so no " + kind.name + " of Podium's is whole there";
  }
  Manifest manifest;
  try {
    manifest = manifest_of(directory);
  } catch (const Error&) {  // NOLINT(bugprone-empty-catch): it is nobody's of ours then, as below
  }
  const auto is_writer = [&](const FileSet& writer) { return is_of(writer, manifest); };
  if (std::ranges::none_of(kind.writers, is_writer)) return "holds " + quoted(kManifestName) + foreign;
  for (const auto& [file, digits] : manifest) {
    if (!contains(tree.files, file)) return "lacks " + quoted(file) + ", which its " + kManifestName + " names";
  }
  return added_in(directory, tree, manifest);
}
}  // namespace podium
