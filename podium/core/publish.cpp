#include "podium/core/publish.h"

#include <fcntl.h>
#include <sys/file.h>
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
constexpr std::string_view kHidden = ".tmp-";

/// The lock of a directory, held until the descriptor closes or the process ends; a lock is the directory's own, so it
/// stays where a rename moves it, and nothing of it is written. Empty if it can't be had.
Descriptor lock_directory(const std::string& path, bool wait) {
  Descriptor directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!directory) return Descriptor();
  while (::flock(directory.get(), wait ? LOCK_EX : LOCK_EX | LOCK_NB) != 0) {
    if (errno != EINTR) return Descriptor();
  }
  return directory;
}

/// Removes what a failure or a killed run left. Its own failure is nobody's: the next run tries again.
void remove_quietly(Files& files, const std::string& path) {
  try {
    files.remove_tree(path);
  } catch (const Error&) {  // NOLINT(bugprone-empty-catch)
  }
}

/// The caller holds the lock of `folder`: between the birth of a hidden directory and its lock nobody may clean.
void clean_locked(Files& files, const std::string& folder) {
  for (const std::string& name : list_directory(folder)) {
    if (!name.starts_with(kHidden)) continue;
    const std::string path = folder + "/" + name;
    if (const Descriptor dead = lock_directory(path, /*wait=*/false)) remove_quietly(files, path);
  }
}

struct HiddenDirectory {
  std::string path;
  Descriptor lock;
};

HiddenDirectory make_hidden(Files& files, const std::string& folder) {
  const Descriptor lock = lock_directory(folder, /*wait=*/true);
  // Without locks (some network file systems) nobody can tell the dead from the living, so nothing is cleaned.
  if (lock) clean_locked(files, folder);
  for (std::size_t i = 0;; ++i) {
    const std::string path = folder + "/" + std::string(kHidden) + std::to_string(::getpid()) + "-" + std::to_string(i);
    if (files.make_directory(path)) return {path, lock_directory(path, /*wait=*/false)};
  }
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

/// Writes a hidden directory and hands it to `publish`; removes it if anything fails.
template <class Publish>
void write_hidden(Files& files, const std::string& folder, std::span<const NewFile> contents, Publish publish) {
  const HiddenDirectory hidden = make_hidden(files, folder);
  try {
    write_contents(files, hidden.path, contents);
    publish(hidden.path);
  } catch (...) {
    remove_quietly(files, hidden.path);
    throw;
  }
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
  std::string published;
  write_hidden(files, folder, contents, [&](const std::string& hidden) {
    std::uint64_t version = 0;
    do {
      const auto taken = versions(folder);
      version = std::max(version, taken.empty() ? 0 : taken.back()) + 1;
      published = folder + "/" + std::to_string(version);
    } while (!files.rename(hidden, published));
    files.sync_directory(folder);
  });
  return published;
}

void write_directory_atomically(Files& files, const std::string& path, std::span<const NewFile> contents) {
  const std::string parent = std::filesystem::path(path).parent_path().string();
  const std::string folder = parent.empty() ? "." : parent;
  write_hidden(files, folder, contents, [&](const std::string& hidden) {
    if (files.rename(hidden, path)) {
      files.sync_directory(folder);
      return;
    }
    if (!files.exchange(hidden, path)) {  // a file system that can't swap: the directory is absent for a moment
      files.remove_tree(path);
      if (!files.rename(hidden, path)) throw Error(path + ": somebody else writes it; use another name");
    }
    files.sync_directory(folder);
    remove_quietly(files, hidden);  // the old one, if they were swapped
  });
}

void clean_leftovers(Files& files, const std::string& folder) {
  if (!is_directory(folder)) return;
  if (const Descriptor lock = lock_directory(folder, /*wait=*/true)) clean_locked(files, folder);
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
