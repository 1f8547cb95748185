#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "podium/core/error.h"

namespace podium {
/// "PATH: WHAT: REASON; NEXT STEP" for a system call that failed with `number` (an errno).
Error file_error(const std::string& path, std::string_view what, int number);

/// An open file or directory; closes itself.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor();
  explicit operator bool() const { return number_ >= 0; }
  int get() const { return number_; }
  int release();

 private:
  int number_;
};

/// Everything that Podium does to a disk but reading. One seam, so that tests can cut the power, fill the disk or
/// refuse a permission at any single step. All methods throw Error with the path, the reason and the next step.
class Files {
 public:
  virtual ~Files() = default;

  /// A new, empty file. Throws if something is there already.
  Descriptor create(const std::string& path);
  /// Appends all of `bytes`.
  void write(const Descriptor& file, const std::string& path, std::span<const std::byte> bytes);
  /// Returns when what was written is on the disk. The path is only for the message.
  void sync(const Descriptor& file, const std::string& path);
  /// Lets the disk begin with what was written; sync waits for it. A hint, which can't fail.
  void start_sync(const Descriptor& file);
  /// The same for many files at once: a disk syncs ten files hardly slower than one, if it may.
  void sync_all(std::span<const Descriptor> files, std::span<const std::string> paths);
  /// Makes the names in a directory durable: what was created in, renamed into or removed from it.
  void sync_directory(const std::string& path);
  /// False if something of that name is there already; its parent must exist. `mode` is mkdir's.
  bool make_directory(const std::string& path, unsigned mode = 0777);
  /// With all parents that are missing, each durable in its own parent; what exists is left as it is.
  void make_directories(const std::string& path);
  /// Moves, and never replaces: false if something is at `to` (an empty directory may be replaced where the file system
  /// knows no better).
  bool rename(const std::string& from, const std::string& to);
  /// Moves a file, replacing the one at `to` in one step.
  void replace(const std::string& from, const std::string& to);
  /// Swaps two names in one step; false if the file system can't.
  bool exchange(const std::string& left, const std::string& right);
  /// A file, a link or an empty directory; nothing happens if it is not there.
  void remove(const std::string& path);
  /// With everything below it; links are removed, not followed.
  void remove_tree(const std::string& path);

 protected:
  // What the system calls of these names do: -1 and errno if they fail.
  virtual int do_create(const char* path);
  virtual long do_write(int file, const std::byte* bytes, std::size_t size);
  virtual int do_sync(int file);
  virtual int do_make_directory(const char* path, unsigned mode);
  virtual int do_rename(const char* from, const char* to, unsigned flags);
  virtual int do_remove(const char* path, bool is_directory);

 private:
  enum class Rename { replacing, not_replacing, exchanging };
  int rename_with(const std::string& from, const std::string& to, Rename how);
};

/// The disk as it is.
Files& real_files();

/// For sync_all. Throws Error if there is none.
Descriptor open_directory(const std::string& path);
/// The names in a directory, sorted, without "." and "..". Throws Error if it can't be read.
std::vector<std::string> list_directory(const std::string& path);
/// Whether anything has this name (also a link to nothing).
bool path_exists(const std::string& path);
bool is_directory(const std::string& path);
bool is_link(const std::string& path);
/// The path of what is written when `path` is: absolute, without ".", ".." and links, so that links stay links. The
/// last part, and folders that are missing before it, need not exist. Throws Error if a link leads to nothing.
std::string behind_links(const std::string& path);
/// A whole file as text. Throws Error if it can't be read or is longer than `limit` bytes.
std::string read_file(const std::string& path, std::size_t limit);
}  // namespace podium
