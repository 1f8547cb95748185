#pragma once
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <limits>

#include "podium/core/files.h"

namespace podium::tests {
/// The real disk, until step `at` (from 0) of all that changes it: creations, writes, syncs, renames, removals.
class FaultyFiles : public Files {
 public:
  struct Fault {
    enum class Kind {
      none,
      die_before,   // the process is killed, nothing is flushed or destroyed
      die_after,    // the same, with the step done
      die_amid,     // the same, with half of a write done; else before
      fail_once,    // the step fails with `number`
      fail_forever  // and all later ones but removals: a full disk stays full
    } kind = Kind::none;
    std::size_t at = std::numeric_limits<std::size_t>::max();
    int number = 0;  // errno
  };
  FaultyFiles() = default;
  explicit FaultyFiles(Fault fault) : fault_(fault) {}
  /// Writes of at most this many bytes at once.
  void shorten_writes(std::size_t bytes) { longest_write_ = bytes; }
  std::size_t steps() const { return steps_; }

 private:
  using Kind = Fault::Kind;

  template <class Step>
  auto run(Step step, bool removes = false) -> decltype(step(1)) {
    const std::size_t now = steps_++;
    const bool hit = now == fault_.at || (fault_.kind == Kind::fail_forever && now > fault_.at && !removes);
    if (!hit || fault_.kind == Kind::none) return step(1);
    if (fault_.kind == Kind::fail_once || fault_.kind == Kind::fail_forever) {
      errno = fault_.number;
      return -1;
    }
    if (fault_.kind == Kind::die_after) step(1);
    if (fault_.kind == Kind::die_amid) step(2);
    ::kill(::getpid(), SIGKILL);
    while (true) ::pause();  // the signal may be delivered to another thread first
  }
  // A step is called with 1 to be done, with 2 to be half done.
  template <class Call>
  static auto whole(Call call) {
    return [call](int part) -> decltype(call()) { return part == 1 ? call() : 0; };
  }

  int do_create(const char* path) override {
    return run(whole([&] { return Files::do_create(path); }));
  }
  long do_write(int file, const std::byte* bytes, std::size_t size) override {
    size = std::min(size, longest_write_);
    return run([&](int part) { return Files::do_write(file, bytes, size / static_cast<std::size_t>(part)); });
  }
  int do_sync(int file) override {
    return run(whole([&] { return Files::do_sync(file); }));
  }
  int do_make_directory(const char* path, unsigned mode) override {
    return run(whole([&] { return Files::do_make_directory(path, mode); }));
  }
  int do_remove(const char* path, bool is_directory) override {
    return run(whole([&] { return Files::do_remove(path, is_directory); }), /*removes=*/true);
  }

 protected:
  int do_rename(const char* from, const char* to, unsigned flags) override {
    return run(whole([&] { return Files::do_rename(from, to, flags); }));
  }

 private:
  Fault fault_;
  std::size_t longest_write_ = std::numeric_limits<std::size_t>::max();
  std::atomic<std::size_t> steps_ = 0;  // files are synced by many threads
};
}  // namespace podium::tests
