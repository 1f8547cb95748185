#pragma once
// Files that Arrow's own writers made, to hold the readers against.
#include <arrow/api.h>
#include <arrow/io/file.h>
#include <arrow/ipc/writer.h>
#include <parquet/arrow/writer.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace podium::tests {
inline void check(const arrow::Status& status) {
  if (!status.ok()) throw std::runtime_error(status.ToString());
}

/// An array of optional values by one of Arrow's builders.
template <class Builder, class Value>
std::shared_ptr<arrow::Array> array(const std::vector<std::optional<Value>>& values, Builder builder = Builder()) {
  for (const auto& value : values) check(value ? builder.Append(*value) : builder.AppendNull());
  return builder.Finish().ValueOrDie();
}

using Fields = std::vector<std::pair<std::string, std::shared_ptr<arrow::Array>>>;
inline std::shared_ptr<arrow::Table> arrow_table(const Fields& fields) {
  arrow::FieldVector schema;
  arrow::ArrayVector arrays;
  for (const auto& [name, values] : fields) {
    schema.push_back(arrow::field(name, values->type()));
    arrays.push_back(values);
  }
  return arrow::Table::Make(arrow::schema(schema), arrays);
}

inline void write_parquet(const std::string& path, const std::shared_ptr<arrow::Table>& table,
                          std::int64_t group_rows = 1 << 20) {
  const auto file = arrow::io::FileOutputStream::Open(path).ValueOrDie();
  check(parquet::arrow::WriteTable(*table, arrow::system_memory_pool(), file, group_rows));
  check(file->Close());
}

inline void write_ipc(const std::string& path, const std::shared_ptr<arrow::Table>& table, bool is_stream,
                      std::int64_t batch_rows = 1 << 20) {
  const auto file = arrow::io::FileOutputStream::Open(path).ValueOrDie();
  const auto writer = (is_stream ? arrow::ipc::MakeStreamWriter(file, table->schema())
                                 : arrow::ipc::MakeFileWriter(file, table->schema()))
                          .ValueOrDie();
  check(writer->WriteTable(*table, batch_rows));
  check(writer->Close());
  check(file->Close());
}
}  // namespace podium::tests
