#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "podium/core/files.h"
#include "podium/core/safetensors.h"

namespace podium {
/// A file to be: `path` below a directory, `head` and then `pieces`, which somebody else owns until it is written.
struct NewFile {
  std::string path;
  std::string head;
  std::vector<ByteView> pieces;
};
NewFile safetensors_file(const std::string& path, std::span<const TensorView> tensors,
                         const std::map<std::string, std::string>& metadata = {});

/// Writes the files and their MANIFEST as the directory FOLDER/N, where N is one more than the highest there is, from
/// 1; makes FOLDER. Complete or absent at every moment: written in a hidden directory beside its place, synced,
/// published by one rename that never replaces. If another run takes N meanwhile, the next N is taken. Also cleans
/// FOLDER as clean_leftovers does. Returns FOLDER/N. Throws Error if it can't, and removes what it wrote.
std::string publish_version(Files& files, const std::string& folder, std::span<const NewFile> contents);

/// Makes the directory `path` hold these files and their MANIFEST and nothing else, in one step: whoever opens it sees
/// the old or the new. Its folder must exist. Throws Error if it can't, and leaves the old as it was.
void write_directory_atomically(Files& files, const std::string& path, std::span<const NewFile> contents);

/// Removes the hidden directories that runs left in `folder` when they were killed; those of living runs stay (they
/// hold a lock that goes with the process). What can't be removed stays too: the next run tries again.
void clean_leftovers(Files& files, const std::string& folder);

/// The published version numbers in `folder`, rising; none if there is no such folder.
std::vector<std::uint64_t> versions(const std::string& folder);
}  // namespace podium
