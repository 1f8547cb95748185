#pragma once
#include <string>

#include "podium/core/table.h"

namespace podium {
/// The table as CSV that read_table reads back as it is: a header, commas, lines that end with LF, quotes where they
/// are needed. Numbers are the shortest that read back the same, with a point ("4.0"); a missing cell is empty, an
/// empty text is "" in quotes.
std::string to_csv(const TableView& rows);
/// The same to a file, which is replaced. Throws Error if it can't be written.
void write_csv(const TableView& rows, const std::string& path);
}  // namespace podium
