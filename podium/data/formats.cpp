#include "podium/data/formats.h"

#include <array>
#include <string_view>

#include "podium/data/byte_source.h"

namespace podium::data {
namespace {
bool ends_with(std::string_view path, std::initializer_list<std::string_view> endings) {
  for (const auto ending : endings) {
    if (path.ends_with(ending)) return true;
  }
  return false;
}
bool is_parquet_name(std::string_view path) { return ends_with(path, {".parquet", ".pq"}); }
bool is_arrow_name(std::string_view path) { return ends_with(path, {".arrow", ".arrows", ".feather", ".ipc"}); }
}  // namespace

bool is_columnar_name(const std::string& path) { return is_parquet_name(path) || is_arrow_name(path); }

Format format_of(const std::string& path) {
  std::array<std::byte, 8> first{};
  const auto size = open_file(path, nullptr)->read(first);
  const std::string_view magic(reinterpret_cast<const char*>(first.data()), size);
  if (magic.starts_with("PAR1")) return Format::parquet;
  if (magic.starts_with("ARROW1")) return Format::arrow_file;
  if (magic.starts_with("\xFF\xFF\xFF\xFF")) return Format::arrow_stream;
  if (magic.starts_with("\x1F\x8B")) return Format::gzip_text;
  if (magic.starts_with("FEA1"))
    throw Error(path + ": is Feather version 1, which is not read; write it as version 2 or Parquet");
  if (magic.starts_with("PK\x03\x04"))
    throw Error(path + ": is a zip file (or a spreadsheet); unpack it, or save it as CSV");
  if (magic.starts_with("PARE"))
    throw Error(path + ": is an encrypted Parquet file, which is not read; write it unencrypted");
  const std::string found = size == 0 ? " (it has 0 bytes)" : " (its first bytes are another format's)";
  if (is_parquet_name(path))
    throw Error(path + ": is no Parquet file" + found + "; write it again, or give it its own extension");
  if (is_arrow_name(path))
    throw Error(path + ": is no Arrow file" + found + "; write it again, or give it its own extension");
  return Format::text;
}
}  // namespace podium::data
