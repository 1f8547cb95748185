#include "podium/data/arrow_columns.h"

#include <arrow/array.h>
#include <arrow/type.h>

#include <limits>
#include <type_traits>

#include "podium/data/utf8.h"

namespace podium::data {
namespace {
/// Adds what the array holds, by its type.
class Adder {
 public:
  Adder(const std::string& path, std::uint64_t first_row, ColumnBuilder& builder)
      : path_(path), first_row_(first_row), builder_(builder) {}

  void add(const arrow::Array& array) {
    switch (array.type_id()) {
      case arrow::Type::NA:
        return each(array, [](std::int64_t, const Place&) {});
      case arrow::Type::BOOL:
        return integers<arrow::BooleanArray>(array);
      case arrow::Type::INT8:
        return integers<arrow::Int8Array>(array);
      case arrow::Type::INT16:
        return integers<arrow::Int16Array>(array);
      case arrow::Type::INT32:
        return integers<arrow::Int32Array>(array);
      case arrow::Type::INT64:
        return integers<arrow::Int64Array>(array);
      case arrow::Type::UINT8:
        return integers<arrow::UInt8Array>(array);
      case arrow::Type::UINT16:
        return integers<arrow::UInt16Array>(array);
      case arrow::Type::UINT32:
        return integers<arrow::UInt32Array>(array);
      case arrow::Type::UINT64:
        return integers<arrow::UInt64Array>(array);
      case arrow::Type::DATE32:
        return integers<arrow::Date32Array>(array);
      case arrow::Type::DATE64:
        return integers<arrow::Date64Array>(array);
      case arrow::Type::TIMESTAMP:
        return integers<arrow::TimestampArray>(array);
      case arrow::Type::TIME32:
        return integers<arrow::Time32Array>(array);
      case arrow::Type::TIME64:
        return integers<arrow::Time64Array>(array);
      case arrow::Type::DURATION:
        return integers<arrow::DurationArray>(array);
      case arrow::Type::FLOAT:
        return numbers<arrow::FloatArray>(array);
      case arrow::Type::DOUBLE:
        return numbers<arrow::DoubleArray>(array);
      case arrow::Type::STRING:
        return texts<arrow::StringArray>(array);
      case arrow::Type::LARGE_STRING:
        return texts<arrow::LargeStringArray>(array);
      case arrow::Type::STRING_VIEW:
        return texts<arrow::StringViewArray>(array);
      case arrow::Type::BINARY:
        return texts<arrow::BinaryArray>(array);
      case arrow::Type::LARGE_BINARY:
        return texts<arrow::LargeBinaryArray>(array);
      case arrow::Type::DICTIONARY:
        return dictionary(static_cast<const arrow::DictionaryArray&>(array));
      default:
        throw Error(path_ + ": column \"" + builder_.name() + "\" is of type " + array.type()->ToString() +
                    ", which is not read; write it as whole numbers, floats or strings");
    }
  }

 private:
  /// Calls work(index, place) for every value that is not null.
  template <class Work>
  void each(const arrow::Array& array, const Work& work) {
    for (std::int64_t i = 0; i < array.length(); ++i) {
      const Place place{.file = path_, .number = first_row_ + static_cast<std::uint64_t>(i) + 1, .is_line = false};
      if (array.type_id() == arrow::Type::NA || array.IsNull(i)) {
        builder_.add_missing(place);
      } else {
        work(i, place);
      }
    }
  }

  template <class Typed>
  void integers(const arrow::Array& array) {
    const auto& typed = static_cast<const Typed&>(array);
    each(array, [&](std::int64_t i, const Place& place) {
      const auto value = typed.Value(i);
      if constexpr (std::is_same_v<decltype(value), const std::uint64_t>) {
        if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
          throw place.error(builder_.name() + " " + std::to_string(value) +
                            " is beyond 64 bits with a sign; write it as text");
        }
      }
      builder_.add_integer(static_cast<std::int64_t>(value), place);
    });
  }

  template <class Typed>
  void numbers(const arrow::Array& array) {
    const auto& typed = static_cast<const Typed&>(array);
    each(array,
         [&](std::int64_t i, const Place& place) { builder_.add_number(static_cast<double>(typed.Value(i)), place); });
  }

  template <class Typed>
  void texts(const arrow::Array& array) {
    const auto& typed = static_cast<const Typed&>(array);
    each(array, [&](std::int64_t i, const Place& place) { text(typed.GetView(i), place); });
  }

  void text(std::string_view value, const Place& place) {
    if (const auto bad = find_not_utf8(value); bad != std::string_view::npos) {
      throw place.error(builder_.name() + " holds " + describe_not_utf8(value, bad));
    }
    builder_.add_text(value, place);
  }

  void dictionary(const arrow::DictionaryArray& array) {
    const auto& values = *array.dictionary();
    const auto add_from = [&](const auto& words) {
      each(array, [&](std::int64_t i, const Place& place) {
        const auto code = array.GetValueIndex(i);
        if (words.IsNull(code)) return builder_.add_missing(place);
        text(words.GetView(code), place);
      });
    };
    if (values.type_id() == arrow::Type::STRING) return add_from(static_cast<const arrow::StringArray&>(values));
    if (values.type_id() == arrow::Type::LARGE_STRING)
      return add_from(static_cast<const arrow::LargeStringArray&>(values));
    throw Error(path_ + ": column \"" + builder_.name() + "\" is a dictionary of " + values.type()->ToString() +
                ", which is not read; write it as plain values");
  }

  const std::string& path_;
  std::uint64_t first_row_;
  ColumnBuilder& builder_;
};
}  // namespace

void add_array(const arrow::Array& array, const std::string& path, std::uint64_t first_row, ColumnBuilder& builder) {
  Adder(path, first_row, builder).add(array);
}

Error nested_column(const std::string& path, const std::string& column) {
  return Error(path + ": column \"" + column +
               "\" holds lists or structs, which are not read; write a column per value");
}
}  // namespace podium::data
