#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "podium/core/strings.h"

namespace podium {
/// A vocabulary as people write it: a text file in UTF-8 with one value per line, in the order of the indices (the
/// first line has index 1). Lines end in LF or CR LF, the last one's end may be missing; a byte order mark is skipped.
/// Throws Error with file and line for an empty line, a value that stands there twice, bytes that are not UTF-8 and
/// NUL bytes; and if the file can't be read or holds no line.
Strings read_vocabulary(const std::string& path);
/// The same of whole numbers. Throws Error also for a line that is none.
std::vector<std::int64_t> read_integer_vocabulary(const std::string& path);
/// read_vocabulary of text that is in memory; `name` is for messages.
Strings parse_vocabulary(std::string_view text, const std::string& name);
}  // namespace podium
