#include "podium/features/vocabulary_file.h"

#include <charconv>
#include <string_view>
#include <unordered_map>

#include "podium/core/error.h"
#include "podium/core/files.h"
#include "podium/core/utf8.h"

namespace podium {
namespace {
constexpr std::size_t kMostBytes = std::size_t{1} << 32;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
}  // namespace

Strings read_vocabulary(const std::string& path) { return parse_vocabulary(read_file(path, kMostBytes), path); }

std::vector<std::int64_t> read_integer_vocabulary(const std::string& path) {
  const Strings lines = read_vocabulary(path);
  std::vector<std::int64_t> values;
  values.reserve(lines.size());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string_view line = lines[i];
    const auto [end, code] = std::from_chars(line.data(), line.data() + line.size(), values.emplace_back());
    if (code != std::errc() || end != line.data() + line.size()) {
      throw Error(path + ": \"" + std::string(line) + "\" is not a whole number");
    }
  }
  return values;
}

Strings parse_vocabulary(std::string_view text, const std::string& name) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  if (text.empty()) throw Error(name + ": no values; write one per line");
  Strings values;
  std::unordered_map<std::string_view, std::size_t> line_of;
  for (std::size_t line = 1; !text.empty(); ++line) {
    const auto where = [&] { return name + ":" + std::to_string(line) + ": "; };
    const auto end = text.find('\n');
    std::string_view value = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (value.ends_with('\r')) value.remove_suffix(1);
    if (value.empty()) throw Error(where() + "the line is empty; remove it");
    if (value.find('\0') != std::string_view::npos) throw Error(where() + "a NUL byte; write the file as plain text");
    if (const auto good = utf8_prefix(value); good < value.size()) {
      throw Error(where() + "byte " + std::to_string(good + 1) + " is not UTF-8; convert the file to UTF-8");
    }
    if (const auto [place, is_new] = line_of.try_emplace(value, line); !is_new) {
      throw Error(where() + "\"" + std::string(value) + "\" stands in line " + std::to_string(place->second) +
                  " already; remove one");
    }
    values.push_back(value);
  }
  return values;
}
}  // namespace podium
