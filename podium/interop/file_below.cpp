#include "podium/interop/file_below.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "podium/core/error.h"

namespace podium::interop {
namespace {
/// Both names without links.
bool is_below(const std::filesystem::path& path, const std::filesystem::path& directory) {
  return std::ranges::mismatch(directory, path).in1 == directory.end();
}
}  // namespace

std::string problem_of_path(std::string_view path) {
  if (path.empty()) return "is no name of a file";
  if (path.find('\0') != std::string_view::npos) return "has a NUL in it";
  // A reader on Windows takes \ for / and C: for a root.
  constexpr std::string_view kSlashes = "/\\";
  if (kSlashes.find(path.front()) != std::string_view::npos || path.substr(1, 1) == ":") return "is an absolute path";
  while (true) {
    const std::size_t slash = path.find_first_of(kSlashes);
    if (path.substr(0, slash) == "..") return "leaves the directory by \"..\"";
    if (slash == std::string_view::npos) return "";
    path.remove_prefix(slash + 1);
  }
}

std::optional<std::uint64_t> size_below(const std::string& directory, const std::string& path) {
  namespace fs = std::filesystem;
  if (const std::string problem = problem_of_path(path); !problem.empty()) throw Error(problem);
  std::error_code failure;
  const fs::path root = fs::canonical(directory.empty() ? "." : directory, failure);
  if (failure) return std::nullopt;
  const fs::path file = fs::canonical(root / path, failure);
  if (failure) return std::nullopt;
  if (!is_below(file, root)) throw Error("leaves the directory by a link");
  if (!fs::is_regular_file(file, failure)) throw Error("is no regular file");
  const std::uintmax_t bytes = fs::file_size(file, failure);
  if (failure) return std::nullopt;
  return bytes;
}
}  // namespace podium::interop
