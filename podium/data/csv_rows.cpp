// From rows of text to columns.
#include <string>

#include "podium/data/collector.h"
#include "podium/data/csv.h"

namespace podium::data {
namespace {
struct Wanted {
  std::size_t cell;
  ColumnBuilder* builder;
};

Error wrong_cells(const Place& place, std::size_t cells, std::size_t columns, bool has_header) {
  return place.error(std::to_string(cells) + (cells == 1 ? " cell" : " cells") + " where " +
                     (has_header ? "the header has " : "the given names are ") + std::to_string(columns) +
                     "; put text that holds the delimiter in quotes, or state the delimiter");
}
}  // namespace

std::uint64_t read_rows(ByteSource& source, const std::string& name, const ReadOptions& options, const Keys& keys,
                        Collector& collector) {
  CsvReader reader(source, name, options.delimiter, options.quote);
  std::vector<std::string> columns = options.names;
  const bool has_header = columns.empty();
  if (has_header && reader.next()) {
    for (const auto& cell : reader.cells()) columns.emplace_back(cell.text);
  }
  if (columns.empty()) {
    throw Error(name + (reader.saw_bytes() ? ": holds empty lines alone" : ": is empty (0 bytes)") +
                "; give a file with rows");
  }
  const std::size_t width = columns.size();
  const auto matched = match_with_keys(collector, has_header ? reader.place().text() : name, columns, keys);
  std::vector<Wanted> wanted;
  for (std::size_t i = 0; i < width; ++i) {
    if (matched[i] != nullptr) wanted.push_back({i, matched[i]});
  }
  std::uint64_t rows = 0;
  while (reader.next()) {
    const auto cells = reader.cells();
    const Place place = reader.place();
    if (cells.size() != width) throw wrong_cells(place, cells.size(), width, has_header);
    for (const auto& [cell, builder] : wanted) builder->add_cell(cells[cell].text, cells[cell].quoted, place);
    ++rows;
  }
  add_keys(keys, matched, width, rows, name);
  return rows;
}
}  // namespace podium::data

namespace podium {
Table read_csv(std::span<const std::byte> bytes, const std::string& name, const std::vector<ColumnRequest>& columns,
               const ReadOptions& options) {
  data::MemorySource source(bytes);
  data::Collector collector(columns, options);
  if (data::read_rows(source, name, options, {}, collector) == 0) throw data::no_rows(name);
  return collector.finish();
}
}  // namespace podium
