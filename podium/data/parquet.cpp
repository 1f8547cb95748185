#include <arrow/array.h>
#include <arrow/io/file.h>
#include <arrow/memory_pool.h>
#include <arrow/table.h>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/schema.h>
#include <parquet/exception.h>
#include <parquet/file_reader.h>

#include "podium/data/arrow_columns.h"
#include "podium/data/formats.h"

namespace podium::data {
namespace {
Error damaged(const std::string& path, std::string_view why) {
  return Error(path + ": can't be read as Parquet (" + std::string(why.substr(0, why.find('\n'))) +
               "); write or fetch it again");
}

template <class Result>
auto checked(const std::string& path, Result result) {
  if (!result.ok()) throw damaged(path, result.status().message());
  return std::move(result).ValueOrDie();
}

std::uint64_t read_groups(const std::string& path, const Keys& keys, Collector& collector) {
  arrow::MemoryPool* const pool = arrow::system_memory_pool();  // gives back what it frees; the default one keeps it
  auto file = checked(path, arrow::io::ReadableFile::Open(path, pool));
  parquet::arrow::FileReaderBuilder builder;
  if (const auto opened = builder.Open(file, parquet::ReaderProperties(pool)); !opened.ok())
    throw damaged(path, opened.message());
  parquet::ArrowReaderProperties properties(/*use_threads=*/false);
  properties.set_pre_buffer(false);
  auto reader = checked(path, builder.memory_pool(pool)->properties(properties)->Build());
  std::shared_ptr<arrow::Schema> schema;
  if (const auto status = reader->GetSchema(&schema); !status.ok()) throw damaged(path, status.message());

  const auto matched = match_with_keys(collector, path, schema->field_names(), keys);
  const auto width = static_cast<std::size_t>(schema->num_fields());
  std::vector<int> leaves;  // by number among the file's leaf columns
  std::vector<ColumnBuilder*> wanted;
  const auto& manifest = reader->manifest();
  for (std::size_t i = 0; i < width; ++i) {
    if (matched[i] == nullptr) continue;
    const auto& field = manifest.schema_fields.at(i);
    if (!field.is_leaf()) throw nested_column(path, schema->field(static_cast<int>(i))->name());
    leaves.push_back(field.column_index);
    wanted.push_back(matched[i]);
  }
  std::uint64_t rows = 0;
  for (int group = 0; group < reader->num_row_groups(); ++group) {
    const auto table = checked(path, reader->ReadRowGroup(group, leaves));
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      const auto column = table->column(static_cast<int>(i));
      for (std::uint64_t first = rows; const auto& chunk : column->chunks()) {
        add_array(*chunk, path, first, *wanted[i]);
        first += static_cast<std::uint64_t>(chunk->length());
      }
    }
    rows += wanted.empty()
                ? static_cast<std::uint64_t>(reader->parquet_reader()->metadata()->RowGroup(group)->num_rows())
                : static_cast<std::uint64_t>(table->num_rows());
  }
  add_keys(keys, matched, width, rows, path);
  return rows;
}
}  // namespace

std::uint64_t read_parquet(const std::string& path, const Keys& keys, Collector& collector) {
  try {
    return read_groups(path, keys, collector);
  } catch (const parquet::ParquetException& error) {
    throw damaged(path, error.what());
  } catch (const std::bad_alloc&) {  // a damaged size that asks for more than there is
    throw damaged(path, "a part asks for more memory than there is");
  }
}
}  // namespace podium::data
