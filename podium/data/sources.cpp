#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <set>

#include "podium/core/files.h"
#include "podium/data/formats.h"
#include "podium/data/read.h"

namespace podium {
namespace {
Error not_there(const std::string& path) {
  const std::filesystem::path parts(path);
  const std::string folder = parts.has_parent_path() ? parts.parent_path().string() : ".";
  if (!is_directory(folder)) return Error(path + ": not found, nor is its folder " + folder + "; correct the path");
  std::vector<std::string> names;
  try {
    names = list_directory(folder);
  } catch (const Error&) {  // a folder that can't be listed has no name to offer
  }
  const auto near = nearest_name(parts.filename().string(), {names.begin(), names.end()});
  if (near.empty()) return Error(path + ": not found; correct the path");
  return Error(path + ": not found; did you mean \"" +
               (std::filesystem::path(folder) / near).lexically_normal().string() + "\"?");
}

/// "%20" and the like, as Hive writes what a folder's name may not hold.
std::string decode_percent(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto hex = [&](std::size_t at) {
      return at < text.size() ? std::string_view("0123456789ABCDEFabcdef").find(text[at]) : std::string_view::npos;
    };
    const auto high = hex(i + 1), low = hex(i + 2);
    if (text[i] != '%' || high == std::string_view::npos || low == std::string_view::npos) {
      decoded.push_back(text[i]);
      continue;
    }
    const auto digit = [](std::size_t at) { return at < 16 ? at : at - 6; };  // 'a' stands behind 'F'
    decoded.push_back(static_cast<char>(digit(high) * 16 + digit(low)));
    i += 2;
  }
  return decoded;
}

void add_file(const std::string& path, const data::Keys& keys, std::vector<SourceFile>& files) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0)
    throw errno == ENOENT ? not_there(path) : file_error(path, "can't be read", errno);
  if (!S_ISREG(status.st_mode)) throw Error(path + ": is no regular file; give one");
  if (::access(path.c_str(), R_OK) != 0) throw file_error(path, "can't be read", errno);
  files.push_back(
      {.path = path, .size = static_cast<std::uint64_t>(status.st_size), .rows = 0, .checksum = {}, .keys = keys});
}

/// Parquet and Arrow files below `folder`, in the order of their paths; names with a leading . or _ are others' notes.
void add_folder(const std::string& folder, const data::Keys& keys, std::vector<SourceFile>& files) {
  for (const auto& name : list_directory(folder)) {
    if (name.starts_with('.') || name.starts_with('_')) continue;
    const std::string path = (std::filesystem::path(folder) / name).string();
    if (!is_directory(path)) {
      if (data::is_columnar_name(name)) add_file(path, keys, files);
      continue;
    }
    auto deeper = keys;
    if (const auto equals = name.find('='); equals != std::string::npos && equals != 0) {
      deeper.emplace_back(decode_percent(name.substr(0, equals)), decode_percent(name.substr(equals + 1)));
    }
    add_folder(path, deeper, files);
  }
}

void add_glob(const std::string& pattern, std::vector<SourceFile>& files) {
  struct Matches {
    glob_t found{};
    ~Matches() { ::globfree(&found); }
  } matches;
  const int failed = ::glob(pattern.c_str(), 0, nullptr, &matches.found);  // sorted
  if (failed != 0 && failed != GLOB_NOMATCH)
    throw Error(pattern + ": this pattern can't be searched for; are its folders readable?");
  std::size_t added = 0;
  for (std::size_t i = 0; i < matches.found.gl_pathc; ++i) {
    const std::string path = matches.found.gl_pathv[i];
    if (is_directory(path)) continue;
    add_file(path, {}, files);
    ++added;
  }
  if (added == 0) throw Error(pattern + ": no file matches this pattern; correct it");
}

Error no_columnar_files(const std::string& folder) {
  std::string message = folder + ": is a folder without Parquet or Arrow files";
  for (const auto& name : list_directory(folder)) {
    const auto extension = std::filesystem::path(name).extension().string();
    if (extension == ".csv" || extension == ".tsv" || extension == ".txt" || extension == ".gz") {
      return Error(message + "; for its text files give a pattern: \"" +
                   (std::filesystem::path(folder) / ("*" + extension)).string() + "\"");
    }
  }
  return Error(message + "; give a file or another folder");
}
}  // namespace

std::vector<SourceFile> resolve_sources(const Sources& sources) {
  if (sources.paths.empty()) throw Error("no files to read; give at least one");
  std::vector<SourceFile> files;
  for (const auto& path : sources.paths) {
    if (is_directory(path)) {
      const std::size_t before = files.size();
      add_folder(path, {}, files);
      if (files.size() == before) throw no_columnar_files(path);
    } else if (!path_exists(path) && path.find_first_of("*?[") != std::string::npos) {
      add_glob(path, files);
    } else {
      add_file(path, {}, files);
    }
  }
  std::set<std::string> seen;
  for (const auto& file : files) {
    if (!seen.insert(file.path).second)
      throw Error(file.path + ": is named twice; name it once, or its rows would count twice");
  }
  return files;
}
}  // namespace podium
