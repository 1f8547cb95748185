#pragma once
#include <span>
#include <string>

#include "podium/core/publish.h"

namespace podium::interop {
/// Writes an export: the files and a MANIFEST of their checksums as the directory `path`, complete or not at all.
/// Replaces an earlier export of ours; throws Error if anything else has that name, or if it can't be written.
void write_export(const std::string& path, std::span<const NewFile> contents);
}  // namespace podium::interop
