#pragma once
#include <span>
#include <string>
#include <utility>

namespace podium::interop::savedmodel {
/// A whole file in the format of LevelDB's tables, as TensorFlow's checkpoint index is: keys that rise by bytes, each
/// with its value; blocks are not compressed.
/// Source: google/leveldb:doc/table_format.md.
std::string sorted_table(std::span<const std::pair<std::string, std::string>> entries);
}  // namespace podium::interop::savedmodel
