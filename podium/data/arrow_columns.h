#pragma once
#include <cstdint>
#include <string>

#include "podium/data/column_builder.h"

namespace arrow {
class Array;
}

namespace podium::data {
/// Every value of an array into the builder: integers, bools, dates and times as integers, floats as numbers, strings
/// (also dictionaries of them, and bytes that are UTF-8) as text. The array is valid in Arrow's sense. first_row: the
/// rows of the file before it, for messages. Throws Error for other types, text that is not UTF-8 or holds a NUL byte.
void add_array(const arrow::Array& array, const std::string& path, std::uint64_t first_row, ColumnBuilder& builder);
Error nested_column(const std::string& path, const std::string& column);
}  // namespace podium::data
