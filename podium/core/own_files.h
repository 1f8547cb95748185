#pragma once
#include <span>
#include <string>
#include <vector>

#include "podium/core/files.h"

namespace podium {
/// What one writer of ours makes in a directory beside the MANIFEST: paths below it.
struct FileSet {
  std::vector<std::string> always, sometimes;
};

/// The directories that may be replaced or removed as a whole: those that hold exactly what one of these writers made.
struct DirectoryKind {
  std::string name;  // in messages: "export", "checkpoint"
  std::vector<FileSet> writers;
};

/// What is below a directory; links are not followed, and each is a file here, as are pipes and the like.
struct Tree {
  std::vector<std::string> files, folders;  // paths below it, each sorted
};
/// Throws Error if a part of it can't be listed.
Tree tree_of(const std::string& directory);

/// What a directory holds beside the files of its MANIFEST as they were written, in words as those below; "" if
/// nothing. Files of the MANIFEST may be gone. Throws Error if it can't be read.
std::string added_in(const std::string& directory);

/// Removes the files that a directory's MANIFEST names, their folders, the MANIFEST and the directory; without a
/// MANIFEST, the directory if it is empty. Killed at any moment, what is left still has its MANIFEST. The caller has
/// looked at added_in. Throws Error if something can't be removed; what was added since then is left.
void remove_own(Files& files, const std::string& directory);

/// Why replacing `directory` would lose something that isn't ours, as words that can follow "is there already and ":
/// `holds "src/app.py", which no export of Podium's wrote`. "" if nothing would be lost: it holds exactly the files of
/// one of the kind's writers, each with the checksum that its MANIFEST names, or nothing at all.
std::string foreign_in(const std::string& directory, const DirectoryKind& kind);
}  // namespace podium
