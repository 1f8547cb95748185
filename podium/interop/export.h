#pragma once
#include <span>
#include <string>
#include <vector>

#include "podium/core/publish.h"

namespace podium::interop {
/// What `podium export --format NAME` makes in a directory, beside the MANIFEST; the first file says what it is.
struct ExportFormat {
  std::string name;
  FileSet files;
};
/// Every format; a directory that holds the first files of several is of the first of them.
const std::vector<ExportFormat>& export_formats();

/// Writes an export: the files and a MANIFEST of their checksums as the directory `path`, complete or not at all; a
/// link stays, and what it leads to is written. Replaces an earlier export of ours if it is one format's, without a
/// file that was changed or added since, and an empty directory; throws Error if anything else has that name, or if it
/// can't be written.
void write_export(const std::string& path, std::span<const NewFile> contents);
}  // namespace podium::interop
