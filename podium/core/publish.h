#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "podium/core/files.h"
#include "podium/core/hidden_directory.h"
#include "podium/core/own_files.h"
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
/// the old or the new. Its folder must exist; a link stays, and what it leads to is written. Replaces an empty
/// directory, or one that holds what one of the kind's writers made and nothing else (foreign_in); the same is looked
/// at again when the old one is out of the way, so that what was added meanwhile is not lost. Throws Error if it can't
/// or may not, and leaves the old as it was.
void write_directory_atomically(Files& files, const std::string& path, std::span<const NewFile> contents,
                                const DirectoryKind& kind);

/// Removes the directory `path` in one step, if it may be replaced; else false, and nothing happens.
bool remove_directory_atomically(Files& files, const std::string& path, const DirectoryKind& kind);

/// Writes a file as a shell's `>` would, but whole or not at all: behind a link, with the permissions of the one that
/// it replaces. What is no regular file (a pipe, /dev/null) is written into. Throws Error if it can't be written.
void write_file_atomically(Files& files, const std::string& path, std::string_view text);

/// The published version numbers in `folder`, rising; none if there is no such folder.
std::vector<std::uint64_t> versions(const std::string& folder);
}  // namespace podium
