#include "podium/core/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <filesystem>
#include <memory>
#include <system_error>
#include <thread>
#include <utility>

namespace podium {
namespace {
// The values of <linux/fs.h>; older C libraries do not name them without _GNU_SOURCE.
constexpr unsigned kNoReplace = 1, kExchange = 2;

std::string_view next_step(int number) {
  switch (number) {
    case ENOSPC:
    case EDQUOT:
      return "; free some space or write to another disk";
    case EACCES:
    case EPERM:
      return "; check the permissions of the file and its folder";
    case EROFS:
      return "; the disk is read-only, write elsewhere";
    case ENOENT:
      return "; check the path";
    case ENOTDIR:
      return "; a part of the path is a file";
    case EISDIR:
      return "; give a file";
    case EEXIST:
      return "; remove it or choose another name";
    case EIO:
      return "; check the disk";
    case EMFILE:
    case ENFILE:
      return "; raise the limit of open files (ulimit -n)";
    case EFBIG:
      return "; the file system or a limit (ulimit -f) allows no file of this size";
    default:
      return "";
  }
}

// A write longer than this may be cut by the kernel anyway.
constexpr std::size_t kLongestWrite = std::size_t{1} << 30;
}  // namespace

Error file_error(const std::string& path, std::string_view what, int number) {
  std::string message = path + ": " + std::string(what) + ": " + std::generic_category().message(number);
  return Error(message.append(next_step(number)));
}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(number_, other.number_);
  return *this;
}

Descriptor::~Descriptor() {
  if (number_ >= 0) ::close(number_);
}

int Descriptor::release() { return std::exchange(number_, -1); }

Descriptor Files::create(const std::string& path) {
  const int file = do_create(path.c_str());
  if (file < 0) throw file_error(path, "can't be created", errno);
  return Descriptor(file);
}

void Files::write(const Descriptor& file, const std::string& path, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const long written = do_write(file.get(), bytes.data(), std::min(bytes.size(), kLongestWrite));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) throw file_error(path, "can't be written", written == 0 ? ENOSPC : errno);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

void Files::sync(const Descriptor& file, const std::string& path) {
  while (do_sync(file.get()) != 0) {
    if (errno == EINVAL) return;  // a file system that can't sync such a thing, as some can't sync directories
    if (errno != EINTR) throw file_error(path, "can't be written to the disk", errno);
  }
}

void Files::start_sync(const Descriptor& file) { ::sync_file_range(file.get(), 0, 0, SYNC_FILE_RANGE_WRITE); }

void Files::sync_all(std::span<const Descriptor> files, std::span<const std::string> paths) {
  constexpr std::size_t kMost = 16;  // waiting at once
  std::vector<std::exception_ptr> failures(files.size());
  const std::size_t threads = std::min(kMost, files.size());
  const auto sync_every = [&](std::size_t first) {
    for (std::size_t i = first; i < files.size(); i += threads) {
      try {
        sync(files[i], paths[i]);
      } catch (...) {
        failures[i] = std::current_exception();
      }
    }
  };
  {
    std::vector<std::jthread> waiting;
    for (std::size_t first = 1; first < threads; ++first) waiting.emplace_back(sync_every, first);
    sync_every(0);
  }
  for (const auto& failure : failures) {
    if (failure) std::rethrow_exception(failure);
  }
}

void Files::sync_directory(const std::string& path) { sync(open_directory(path), path); }

bool Files::make_directory(const std::string& path, unsigned mode) {
  if (do_make_directory(path.c_str(), mode) == 0) return true;
  if (errno == EEXIST) return false;
  throw file_error(path, "can't make the folder", errno);
}

void Files::make_directories(const std::string& path) {
  const std::filesystem::path whole(path);
  std::filesystem::path prefix;
  for (const auto& part : whole) {
    const std::string parent = prefix.empty() ? "." : prefix.string();
    prefix /= part;
    if (part.empty() || is_directory(prefix.string())) continue;
    if (make_directory(prefix.string())) {
      sync_directory(parent);
    } else if (!is_directory(prefix.string())) {
      throw file_error(prefix.string(), "can't make the folder", EEXIST);
    }
  }
}

int Files::rename_with(const std::string& from, const std::string& to, Rename how) {
  const unsigned flags = how == Rename::not_replacing ? kNoReplace : how == Rename::exchanging ? kExchange : 0;
  return do_rename(from.c_str(), to.c_str(), flags) == 0 ? 0 : errno;
}

bool Files::rename(const std::string& from, const std::string& to) {
  int failure = rename_with(from, to, Rename::not_replacing);
  // Some network file systems don't know the flag. A plain rename of a directory refuses one that is not empty.
  if (failure == EINVAL || failure == ENOSYS) {
    if (path_exists(to)) return false;
    failure = rename_with(from, to, Rename::replacing);
  }
  if (failure == 0) return true;
  if (failure == EEXIST || failure == ENOTEMPTY) return false;
  throw file_error(to, "can't be published", failure);
}

void Files::replace(const std::string& from, const std::string& to) {
  if (const int failure = rename_with(from, to, Rename::replacing)) throw file_error(to, "can't be replaced", failure);
}

bool Files::exchange(const std::string& left, const std::string& right) {
  const int failure = rename_with(left, right, Rename::exchanging);
  if (failure == 0) return true;
  if (failure == EINVAL || failure == ENOSYS) return false;
  throw file_error(right, "can't be replaced", failure);
}

void Files::remove(const std::string& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) return;
    throw file_error(path, "can't be removed", errno);
  }
  if (do_remove(path.c_str(), S_ISDIR(status.st_mode)) != 0 && errno != ENOENT) {
    throw file_error(path, "can't be removed", errno);
  }
}

void Files::remove_tree(const std::string& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0 && errno == ENOENT) return;
  if (S_ISDIR(status.st_mode)) {
    for (const std::string& name : list_directory(path)) remove_tree(path + "/" + name);
  }
  remove(path);
}

int Files::do_create(const char* path) { return ::open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666); }
long Files::do_write(int file, const std::byte* bytes, std::size_t size) { return ::write(file, bytes, size); }
int Files::do_sync(int file) { return ::fsync(file); }
int Files::do_make_directory(const char* path, unsigned mode) { return ::mkdir(path, mode); }
int Files::do_rename(const char* from, const char* to, unsigned flags) {
  if (flags == 0) return ::rename(from, to);
  return static_cast<int>(::syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, flags));
}
int Files::do_remove(const char* path, bool is_directory) { return is_directory ? ::rmdir(path) : ::unlink(path); }

Files& real_files() {
  static Files files;  // holds nothing
  return files;
}

Descriptor open_directory(const std::string& path) {
  Descriptor directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory) throw file_error(path, "can't be opened", errno);
  return directory;
}

std::vector<std::string> list_directory(const std::string& path) {
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(path.c_str()), &::closedir);
  if (!directory) throw file_error(path, "can't be listed", errno);
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = ::readdir(directory.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
    errno = 0;
  }
  if (errno != 0) throw file_error(path, "can't be listed", errno);
  std::sort(names.begin(), names.end());
  return names;
}

bool path_exists(const std::string& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0;
}

bool is_directory(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

bool is_link(const std::string& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0 && S_ISLNK(status.st_mode);
}

std::string behind_links(const std::string& path) {
  namespace fs = std::filesystem;
  std::string plain = path;  // "link/" names what is behind the link too
  while (plain.size() > 1 && plain.ends_with('/')) plain.pop_back();
  std::error_code failure;
  if (is_link(plain) && !fs::exists(plain, failure)) {
    throw Error(path + ": is a link to nothing; make what it leads to, or choose another place");
  }
  fs::path whole = fs::absolute(plain, failure);
  if (!failure) whole = fs::weakly_canonical(whole, failure);
  if (failure) throw file_error(path, "can't be found", failure.value());
  return whole.string();
}

std::string read_file(const std::string& path, std::size_t limit) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) throw file_error(path, "can't be opened", errno);
  std::string text;
  char buffer[1 << 16];
  while (true) {
    const ssize_t count = ::read(file.get(), buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw file_error(path, "can't be read", errno);
    if (count == 0) return text;
    text.append(buffer, static_cast<std::size_t>(count));
    if (text.size() > limit)
      throw Error(path + ": longer than " + std::to_string(limit) + " bytes; is it the right file?");
  }
}
}  // namespace podium
