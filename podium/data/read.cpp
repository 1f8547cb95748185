#include "podium/data/read.h"

#include "podium/core/checksum.h"
#include "podium/data/byte_source.h"
#include "podium/data/collector.h"
#include "podium/data/csv.h"
#include "podium/data/formats.h"

namespace podium {
namespace {
std::uint64_t read_text(SourceFile& file, bool is_gzip, const ReadOptions& options, data::Collector& collector) {
  Checksum checksum;
  auto source = data::open_file(file.path, options.checksums ? &checksum : nullptr);
  if (is_gzip) source = data::open_gzip(std::move(source), file.path);
  ReadOptions its_options = options;
  const bool is_tab = file.path.ends_with(".tsv") || file.path.ends_with(".tsv.gz");
  if (options.delimiter.empty() && is_tab) its_options.delimiter = "\t";
  const auto rows = data::read_rows(*source, file.path, its_options, file.keys, collector);
  if (options.checksums) file.checksum = is_gzip ? file_checksum(file.path) : checksum.digits();
  return rows;
}

std::uint64_t read_file(SourceFile& file, const ReadOptions& options, data::Collector& collector) {
  const auto format = data::format_of(file.path);
  const bool is_columnar = format != data::Format::text && format != data::Format::gzip_text;
  if (is_columnar && options.checksums) file.checksum = file_checksum(file.path);
  switch (format) {
    case data::Format::text:
      return read_text(file, false, options, collector);
    case data::Format::gzip_text:
      return read_text(file, true, options, collector);
    case data::Format::parquet:
      return data::read_parquet(file.path, file.keys, collector);
    case data::Format::arrow_file:
      return data::read_arrow_file(file.path, file.keys, collector);
    case data::Format::arrow_stream:
      return data::read_arrow_stream(file.path, file.keys, collector);
  }
  return 0;
}
}  // namespace

ReadResult read_files(const Sources& sources, const std::vector<ColumnRequest>& columns, const ReadOptions& options) {
  ReadResult result;
  result.files = resolve_sources(sources);
  data::Collector collector(columns, options);
  std::uint64_t rows = 0;
  for (auto& file : result.files) rows += file.rows = read_file(file, options, collector);
  if (rows == 0) throw data::no_rows(result.files.front().path);
  result.table = collector.finish();
  return result;
}

Table read_table(const Sources& sources, const std::vector<ColumnRequest>& columns, const ReadOptions& options) {
  return read_files(sources, columns, options).table;
}
}  // namespace podium
