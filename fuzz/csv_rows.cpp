// Any bytes are an Error or a table whose columns have one length. The first byte chooses how they are read.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "podium/core/error.h"
#include "podium/data/csv.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const unsigned way = data[0];
  podium::ReadOptions options;
  constexpr std::array<const char*, 4> kDelimiters = {"", "\t", "::", ","};
  options.delimiter = kDelimiters[way & 3U];
  if ((way & 4U) != 0) options.names = {"a", "b", "c"};
  if ((way & 8U) != 0) options.quote = '\0';
  if ((way & 16U) != 0) options.missing = podium::Missing::keep;
  const auto type = static_cast<podium::ColumnType>((way >> 5U) & 3U);
  try {
    const podium::Table table =
        podium::read_csv(std::as_bytes(std::span(data + 1, size - 1)), "rows.csv", {{"a", type}, {"b", type}}, options);
    for (const podium::Column& column : table.columns()) {
      if (column.rows() != table.rows()) std::abort();
    }
  } catch (const podium::Error&) {
  }
  return 0;
}
