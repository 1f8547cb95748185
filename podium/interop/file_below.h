#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace podium::interop {
/// Why a path that another program's file names is none of a file below its own directory, as in "is an absolute
/// path"; "" if it is one by its name.
std::string problem_of_path(std::string_view path);

/// Bytes of the file `path` below a directory; nothing if it is not there. Only looks, never opens. Throws Error with
/// a reason that can follow the path if problem_of_path has one, if a link leads out of the directory, or if it is no
/// regular file.
std::optional<std::uint64_t> size_below(const std::string& directory, const std::string& path);
}  // namespace podium::interop
