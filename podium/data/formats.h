#pragma once
#include <cstdint>
#include <string>

#include "podium/data/collector.h"

namespace podium::data {
enum class Format { text, gzip_text, parquet, arrow_file, arrow_stream };

/// By the first bytes and the extension. Throws Error if the two don't fit ("x.parquet" that is none), or for a kind
/// that is not read (zip, Feather version 1).
Format format_of(const std::string& path);
/// Whether a file in a folder of files is one of Parquet or Arrow, by its extension.
bool is_columnar_name(const std::string& path);

/// The rows of one file into the collector; return how many. Throw Error with the path for a damaged file.
std::uint64_t read_parquet(const std::string& path, const Keys& keys, Collector& collector);
std::uint64_t read_arrow_file(const std::string& path, const Keys& keys, Collector& collector);
std::uint64_t read_arrow_stream(const std::string& path, const Keys& keys, Collector& collector);
}  // namespace podium::data
