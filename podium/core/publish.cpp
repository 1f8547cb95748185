#include "podium/core/publish.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <set>
#include <utility>

#include "podium/core/checksum.h"
#include "podium/core/manifest.h"

namespace podium {
namespace {
std::string folder_of(const std::string& path) {
  const std::string parent = std::filesystem::path(path).parent_path().string();
  return parent.empty() ? "." : parent;
}

std::vector<std::string> paths_of(std::span<const NewFile> contents) {
  std::vector<std::string> paths;
  for (const NewFile& file : contents) paths.push_back(file.path);
  return paths;
}

constexpr std::size_t kMostWaiting = std::size_t{64} << 20;

/// Writes all, then syncs all at once.
void write_contents(Files& files, const std::string& directory, std::span<const NewFile> contents) {
  std::vector<Descriptor> written;
  std::vector<std::string> paths;
  std::set<std::string> folders;
  Manifest manifest;
  const auto write = [&](const NewFile& content) {
    const std::string path = directory + "/" + content.path;
    Descriptor file = files.create(path);
    Checksum sum;
    // A piece is written while the checksum has left it in the cache, and the disk begins before the last one is there.
    std::size_t waiting = 0;
    const auto append = [&](std::span<const std::byte> bytes) {
      sum.update(bytes);
      files.write(file, path, bytes);
      waiting += bytes.size();
      if (waiting >= kMostWaiting) {
        files.start_sync(file);
        waiting = 0;
      }
    };
    read_in_pieces(std::as_bytes(std::span(content.head)), append);
    for (const ByteView& piece : content.pieces) read_in_pieces(piece, append);
    written.push_back(std::move(file));
    paths.push_back(path);
    return sum.digits();
  };
  for (const NewFile& content : contents) {
    for (std::size_t at = content.path.find('/'); at != std::string::npos; at = content.path.find('/', at + 1)) {
      const std::string folder = directory + "/" + content.path.substr(0, at);
      if (folders.insert(folder).second) files.make_directory(folder);
    }
    manifest[content.path] = write(content);
  }
  write({kManifestName, manifest_text(manifest), {}});
  folders.insert(directory);
  for (const std::string& folder : folders) {
    written.push_back(open_directory(folder));
    paths.push_back(folder);
  }
  files.sync_all(written, paths);
}

/// Of what has a name now; another after each exchange.
std::pair<dev_t, ino_t> identity_of(const std::string& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) return {};
  return {status.st_dev, status.st_ino};
}

void refuse_foreign(const std::string& directory, const std::string& path, const DirectoryKind& kind) {
  while (true) {
    const auto looked_at = identity_of(directory);
    const std::string foreign = foreign_in(directory, kind);
    if (foreign.empty()) return;
    // Half of what was looked at was another run's, which replaced the directory meanwhile: looked at again.
    if (identity_of(directory) != looked_at) continue;
    throw Error(path + ": is there already and " + foreign + "; choose another place, or move it away");
  }
}

/// Where the file system can't swap: the directory is absent for a moment.
void swap_in_steps(Files& files, const std::string& path, const HiddenDirectory& hidden) {
  if (!files.rename(path, hidden.aside())) throw Error(path + ": somebody else writes it; use another name");
  if (!files.rename(hidden.contents(), path)) {
    files.rename(hidden.aside(), path);
    throw Error(path + ": somebody else writes it; use another name");
  }
  files.rename(hidden.aside(), hidden.contents());
}

/// Puts back what turned out not to be ours alone.
void put_back(Files& files, const std::string& path, const HiddenDirectory& hidden) {
  try {
    if (files.exchange(hidden.contents(), path)) return;
    files.rename(path, hidden.aside());
    files.rename(hidden.contents(), path);
    files.rename(hidden.aside(), hidden.contents());
  } catch (const Error&) {
    throw Error(path + ": somebody added to it while it was replaced, and it can't be put back; it is in " +
                hidden.contents());
  }
}

bool is_own(const std::string& directory) {
  try {
    return added_in(directory).empty();
  } catch (const Error&) {
    return false;
  }
}

/// Removes the old one; what somebody adds even now is kept where it can be seen.
void remove_replaced(Files& files, const std::string& path, const HiddenDirectory& hidden) {
  try {
    remove_own(files, hidden.contents());
  } catch (const Error&) {
    if (is_own(hidden.contents())) return;  // the next run tries again
    std::string kept = path + ".replaced";
    for (int i = 2; !files.rename(hidden.contents(), kept); ++i) kept = path + ".replaced-" + std::to_string(i);
    throw Error(path + ": was replaced, but somebody added to the old one meanwhile; look into " + kept);
  }
}

/// Whether a path stands for something that is open already, so that replacing what is behind it would miss it.
bool is_stream(const std::string& path) {
  return path == "/dev/stdout" || path == "/dev/stderr" || path.starts_with("/dev/fd/") || path.starts_with("/proc/");
}

void write_into(Files& files, const std::string& path, std::string_view text) {
  const Descriptor output(::open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
  if (!output) throw file_error(path, "can't be written", errno);
  files.write(output, path, std::as_bytes(std::span(text)));
}
}  // namespace

NewFile safetensors_file(const std::string& path, std::span<const TensorView> tensors,
                         const std::map<std::string, std::string>& metadata) {
  NewFile file{path, safetensors_header(tensors, metadata), {}};
  for (const TensorView& tensor : tensors) file.pieces.push_back(tensor.view());
  return file;
}

std::string publish_version(Files& files, const std::string& folder, std::span<const NewFile> contents) {
  files.make_directories(folder);
  const HiddenDirectory hidden(files, folder, paths_of(contents));
  write_contents(files, hidden.contents(), contents);
  std::uint64_t version = 0;
  std::string published;
  do {
    const auto taken = versions(folder);
    version = std::max(version, taken.empty() ? 0 : taken.back()) + 1;
    published = folder + "/" + std::to_string(version);
  } while (!files.rename(hidden.contents(), published));
  files.sync_directory(folder);
  return published;
}

void write_directory_atomically(Files& files, const std::string& path, std::span<const NewFile> contents,
                                const DirectoryKind& kind) {
  const std::string target = behind_links(path), folder = folder_of(target);
  const bool replaces = path_exists(target);
  if (replaces) refuse_foreign(target, path, kind);
  HiddenDirectory hidden(files, folder, paths_of(contents));
  write_contents(files, hidden.contents(), contents);
  if (files.rename(hidden.contents(), target)) return files.sync_directory(folder);
  if (!replaces) refuse_foreign(target, path, kind);
  hidden.expect_old();
  if (!files.exchange(hidden.contents(), target)) swap_in_steps(files, target, hidden);
  files.sync_directory(folder);
  try {
    refuse_foreign(hidden.contents(), path, kind);
  } catch (const Error&) {
    put_back(files, target, hidden);
    throw;
  }
  remove_replaced(files, target, hidden);
}

bool remove_directory_atomically(Files& files, const std::string& path, const DirectoryKind& kind) {
  if (!foreign_in(path, kind).empty()) return false;
  HiddenDirectory hidden(files, folder_of(path), {});
  hidden.expect_old();
  files.remove(hidden.contents());
  if (!files.rename(path, hidden.contents())) return false;
  if (!foreign_in(hidden.contents(), kind).empty()) {
    files.rename(hidden.contents(), path);
    return false;
  }
  remove_replaced(files, path, hidden);
  return true;
}

void write_file_atomically(Files& files, const std::string& path, std::string_view text) {
  struct stat old {};
  const bool replaces = ::stat(path.c_str(), &old) == 0;
  if (is_stream(path) || (replaces && !S_ISREG(old.st_mode))) return write_into(files, path, text);
  // Where a shell could not write, a rename still could.
  if (replaces && ::access(path.c_str(), W_OK) != 0) throw file_error(path, "can't be written", errno);
  const std::string target = behind_links(path), folder = folder_of(target);
  const std::string name = std::filesystem::path(target).filename().string();
  const HiddenDirectory hidden(files, folder, {&name, 1});
  const std::string unfinished = hidden.contents() + "/" + name;
  const Descriptor file = files.create(unfinished);
  if (replaces) ::fchmod(file.get(), old.st_mode & 07777);
  files.write(file, unfinished, std::as_bytes(std::span(text)));
  files.sync(file, unfinished);
  files.replace(unfinished, target);
}

std::vector<std::uint64_t> versions(const std::string& folder) {
  std::vector<std::uint64_t> found;
  if (!is_directory(folder)) return found;
  for (const std::string& name : list_directory(folder)) {
    const bool digits = name.size() <= 18 && std::ranges::all_of(name, [](char c) { return c >= '0' && c <= '9'; });
    if (digits && (name == "0" || name.front() != '0')) found.push_back(std::stoull(name));
  }
  std::ranges::sort(found);
  return found;
}
}  // namespace podium
