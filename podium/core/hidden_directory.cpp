#include "podium/core/hidden_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <set>
#include <string_view>

#include "podium/core/error.h"
#include "podium/core/manifest.h"
#include "podium/core/own_files.h"

namespace podium {
namespace {
constexpr std::string_view kHidden = ".tmp-";
// The text beside the contents; its name says what they are.
constexpr const char *kUnfinished = "UNFINISHED", *kReplacing = "REPLACING", *kContents = "new";
constexpr std::string_view kHead =
    "Podium writes into the folder beside this file and moves it to its place when it is whole. If no podium runs\n"
    "any more, the next one that writes in the folder above removes all this. The files:\n";
constexpr std::size_t kLongestText = std::size_t{1} << 20;
// mkdir makes the name and the sticky bit in one step, so that a folder is known as ours before anything is in it.
constexpr unsigned kMode = S_ISVTX | 0700;

/// The lock of a directory, held until the descriptor closes or the process ends; nothing of it is written. Empty if it
/// can't be had. `wait` is for a folder that others write in too, which may be behind a link.
Descriptor lock_directory(const std::string& path, bool wait) {
  const int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | (wait ? 0 : O_NOFOLLOW);
  Descriptor directory(::open(path.c_str(), flags));
  if (!directory) return Descriptor();
  while (::flock(directory.get(), wait ? LOCK_EX : LOCK_EX | LOCK_NB) != 0) {
    if (errno != EINTR) return Descriptor();
  }
  return directory;
}

/// ".tmp-PID-N"
bool is_hidden_name(std::string_view name) {
  if (!name.starts_with(kHidden)) return false;
  name.remove_prefix(kHidden.size());
  const std::size_t dash = name.find('-');
  if (dash == std::string_view::npos) return false;
  const auto is_number = [](std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  };
  return is_number(name.substr(0, dash)) && is_number(name.substr(dash + 1));
}

bool has_mode(const std::string& directory) {
  struct stat status {};
  return ::lstat(directory.c_str(), &status) == 0 && (status.st_mode & S_ISVTX) != 0;
}

/// The files that a text names, and the MANIFEST.
std::set<std::string, std::less<>> files_of(std::string_view text) {
  std::set<std::string, std::less<>> files = {kManifestName};
  text.remove_prefix(kHead.size());
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    files.emplace(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return files;
}

/// Removes what a writer left unfinished, unless there is more than it would have written.
bool remove_unfinished(Files& files, const std::string& directory, std::string_view text) {
  const auto planned = files_of(text);
  const Tree tree = tree_of(directory);
  for (const std::string& file : tree.files) {
    if (!planned.contains(file)) return false;
  }
  for (const std::string& folder : tree.folders) {
    const auto first = planned.lower_bound(folder + "/");
    if (first == planned.end() || !first->starts_with(folder + "/")) return false;
  }
  for (const std::string& file : tree.files) files.remove(directory + "/" + file);
  // Sorted, so those below come first.
  std::for_each(tree.folders.rbegin(), tree.folders.rend(),
                [&](const std::string& folder) { files.remove(directory + "/" + folder); });
  files.remove(directory);
  return true;
}

/// The caller holds the lock of the hidden directory.
void remove_hidden(Files& files, const std::string& path) {
  const auto names = list_directory(path);
  if (names.empty()) {
    if (has_mode(path)) files.remove(path);
    return;
  }
  const std::string& mark = names.front();
  const bool has_contents = names.size() == 2 && names.back() == kContents;
  if ((mark != kUnfinished && mark != kReplacing) || (names.size() > 1 && !has_contents)) return;
  if (is_link(path + "/" + mark)) return;
  const std::string text = read_file(path + "/" + mark, kLongestText);
  if (has_contents) {
    const std::string contents = path + "/" + kContents;
    if (!text.starts_with(kHead) || is_link(contents) || !is_directory(contents)) return;
    if (mark == kUnfinished) {
      if (!remove_unfinished(files, contents, text)) return;
    } else {
      if (!added_in(contents).empty()) return;
      remove_own(files, contents);
    }
  } else if (!text.starts_with(kHead) && !(kHead.starts_with(text) && has_mode(path))) {
    return;  // whole or cut, it would be one of these
  }
  files.remove(path + "/" + mark);
  files.remove(path);
}

void remove_quietly(Files& files, const std::string& path) {
  try {
    remove_hidden(files, path);
  } catch (const Error&) {  // NOLINT(bugprone-empty-catch): its failure is nobody's, the next run tries again
  }
}

/// The caller holds the lock of `folder`: between the birth of a hidden directory and its lock nobody may clean.
void clean_locked(Files& files, const std::string& folder) {
  for (const std::string& name : list_directory(folder)) {
    if (!is_hidden_name(name)) continue;
    const std::string path = folder + "/" + name;
    if (const Descriptor dead = lock_directory(path, /*wait=*/false)) remove_quietly(files, path);
  }
}
}  // namespace

HiddenDirectory::HiddenDirectory(Files& files, const std::string& folder, std::span<const std::string> paths)
    : files_(files) {
  {
    const Descriptor lock = lock_directory(folder, /*wait=*/true);
    // Without locks (some network file systems) nobody can tell the dead from the living, so nothing is cleaned.
    if (lock) clean_locked(files, folder);
    std::size_t number = 0;
    do {
      path_ = folder + "/" + std::string(kHidden) + std::to_string(::getpid()) + "-" + std::to_string(number++);
    } while (!files.make_directory(path_, kMode));
    lock_ = lock_directory(path_, /*wait=*/false);
  }
  try {
    prepare(paths);
  } catch (...) {
    remove_quietly(files_, path_);
    throw;
  }
}

HiddenDirectory::~HiddenDirectory() { remove_quietly(files_, path_); }

void HiddenDirectory::prepare(std::span<const std::string> paths) {
  std::string text(kHead);
  for (const std::string& path : paths) text.append(path).append("\n");
  const std::string mark = path_ + "/" + kUnfinished;
  const Descriptor file = files_.create(mark);
  files_.write(file, mark, std::as_bytes(std::span(text)));
  files_.make_directory(contents());
}

void HiddenDirectory::expect_old() { files_.rename(path_ + "/" + kUnfinished, path_ + "/" + kReplacing); }

void clean_leftovers(Files& files, const std::string& folder) {
  if (!is_directory(folder)) return;
  if (const Descriptor lock = lock_directory(folder, /*wait=*/true)) clean_locked(files, folder);
}
}  // namespace podium
