#include <arrow/io/file.h>
#include <arrow/ipc/options.h>
#include <arrow/ipc/reader.h>
#include <arrow/memory_pool.h>
#include <arrow/record_batch.h>

#include <new>

#include "podium/data/arrow_columns.h"
#include "podium/data/formats.h"

namespace podium::data {
namespace {
Error damaged(const std::string& path, std::string_view why) {
  return Error(path + ": can't be read as Arrow IPC (" + std::string(why.substr(0, why.find('\n'))) +
               "); write or fetch it again");
}

template <class Result>
auto checked(const std::string& path, Result result) {
  if (!result.ok()) throw damaged(path, result.status().message());
  return std::move(result).ValueOrDie();
}

arrow::ipc::IpcReadOptions ipc_options() {
  auto options = arrow::ipc::IpcReadOptions::Defaults();
  options.memory_pool = arrow::system_memory_pool();
  options.use_threads = false;
  return options;
}

/// The columns that are wanted of a schema, and where they go.
struct Selection {
  std::vector<ColumnBuilder*> matched;  // the schema's fields, then the keys
  std::vector<int> fields;
};
Selection select(const std::string& path, const arrow::Schema& schema, const Keys& keys, Collector& collector) {
  Selection selection{.matched = match_with_keys(collector, path, schema.field_names(), keys), .fields = {}};
  for (int field = 0; field < schema.num_fields(); ++field) {
    if (selection.matched[static_cast<std::size_t>(field)] == nullptr) continue;
    if (schema.field(field)->type()->num_fields() > 0) throw nested_column(path, schema.field(field)->name());
    selection.fields.push_back(field);
  }
  return selection;
}

/// A batch of the wanted fields alone, in their order.
std::uint64_t add_batch(const std::string& path, const arrow::RecordBatch& batch, const Selection& selection,
                        std::uint64_t rows_before, Collector& /*owner of the builders*/) {
  // Offsets and codes of a damaged file may point anywhere: nothing is read before they are checked.
  if (const auto status = batch.ValidateFull(); !status.ok()) throw damaged(path, status.message());
  for (std::size_t i = 0; i < selection.fields.size(); ++i) {
    const auto field = static_cast<std::size_t>(selection.fields[i]);
    add_array(*batch.column(static_cast<int>(i)), path, rows_before, *selection.matched[field]);
  }
  return static_cast<std::uint64_t>(batch.num_rows());
}
}  // namespace

std::uint64_t read_arrow_file(const std::string& path, const Keys& keys, Collector& collector) {
  try {
    auto file = checked(path, arrow::io::ReadableFile::Open(path, arrow::system_memory_pool()));
    auto reader = checked(path, arrow::ipc::RecordBatchFileReader::Open(file, ipc_options()));
    const auto width = static_cast<std::size_t>(reader->schema()->num_fields());
    const auto selection = select(path, *reader->schema(), keys, collector);
    auto options = ipc_options();
    options.included_fields = selection.fields;
    reader = checked(path, arrow::ipc::RecordBatchFileReader::Open(file, options));
    std::uint64_t rows = 0;
    for (int i = 0; i < reader->num_record_batches(); ++i) {
      rows += add_batch(path, *checked(path, reader->ReadRecordBatch(i)), selection, rows, collector);
    }
    add_keys(keys, selection.matched, width, rows, path);
    return rows;
  } catch (const std::bad_alloc&) {
    throw damaged(path, "a part asks for more memory than there is");
  }
}

std::uint64_t read_arrow_stream(const std::string& path, const Keys& keys, Collector& collector) {
  try {
    const auto open = [&](const arrow::ipc::IpcReadOptions& options) {
      auto file = checked(path, arrow::io::ReadableFile::Open(path, arrow::system_memory_pool()));
      return checked(path, arrow::ipc::RecordBatchStreamReader::Open(file, options));
    };
    const auto schema = open(ipc_options())->schema();
    const auto selection = select(path, *schema, keys, collector);
    auto options = ipc_options();
    options.included_fields = selection.fields;
    const auto reader = open(options);
    std::uint64_t rows = 0;
    while (const auto batch = checked(path, reader->Next()))
      rows += add_batch(path, *batch, selection, rows, collector);
    add_keys(keys, selection.matched, static_cast<std::size_t>(schema->num_fields()), rows, path);
    return rows;
  } catch (const std::bad_alloc&) {
    throw damaged(path, "a part asks for more memory than there is");
  }
}
}  // namespace podium::data
