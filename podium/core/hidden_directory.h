#pragma once
#include <span>
#include <string>
#include <vector>

#include "podium/core/files.h"

namespace podium {
/// Where a directory of ours is written until it is whole: FOLDER/.tmp-PID-N/new, which one rename moves to its place.
/// Beside `new` lies a text that names what is written there, so that whoever finds a killed run's directory can tell
/// our files from others: what can't be proven ours is left. docs/model-directory.md describes it.
class HiddenDirectory {
 public:
  /// Makes it in `folder`, which must exist, after clean_leftovers there. `paths`: the files that will be written below
  /// contents(). Throws Error if it can't.
  HiddenDirectory(Files& files, const std::string& folder, std::span<const std::string> paths);
  HiddenDirectory(const HiddenDirectory&) = delete;
  HiddenDirectory& operator=(const HiddenDirectory&) = delete;
  /// Removes it with all in it that is ours; what it can't remove is left to the next run.
  ~HiddenDirectory();

  /// Made and empty, until somebody moves it away.
  std::string contents() const { return path_ + "/new"; }
  /// Another place in it, where nothing is.
  std::string aside() const { return path_ + "/old"; }
  /// From now on contents() may be what stood in our place before: only files that have the checksum of its MANIFEST
  /// are ours.
  void expect_old();

 private:
  void prepare(std::span<const std::string> paths);

  Files& files_;
  std::string path_;
  Descriptor lock_;  // held while we live
};

/// Removes the hidden directories that runs left in `folder` when they were killed; those of living runs stay (they
/// hold a lock that goes with the process), and so does whatever no run of ours can be proven to have made. What can't
/// be removed stays too: the next run tries again.
void clean_leftovers(Files& files, const std::string& folder);
}  // namespace podium
