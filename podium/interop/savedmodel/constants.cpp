#include <cstring>
#include <type_traits>

#include "podium/core/error.h"
#include "podium/interop/savedmodel/graph_view.h"

namespace podium::interop {
namespace {
// Of a constant that says one value for many: TensorFlow writes them so for initializers, which are small.
constexpr std::size_t kMostRepeated = std::size_t{1} << 24;

std::vector<std::size_t> shape_of(const tf::TensorProto& tensor, const std::string& what) {
  std::vector<std::size_t> shape;
  for (const auto& dim : tensor.tensor_shape().dim()) {
    if (dim.size() < 0) throw Error(what + ": a constant's size is below 0; the file is damaged");
    shape.push_back(static_cast<std::size_t>(dim.size()));
  }
  return shape;
}

/// A constant's elements: raw bytes, or a list whose last value stands for all that follow.
template <class Element, class Listed>
std::vector<Element> values_of(const tf::TensorProto& tensor, const Listed& listed, const std::string& what) {
  const std::size_t count = elements(shape_of(tensor, what), what);
  std::vector<Element> values;
  if constexpr (std::is_arithmetic_v<Element>) {
    const std::string& bytes = tensor.tensor_content();
    if (!bytes.empty()) {
      if (bytes.size() % sizeof(Element) != 0 || count != bytes.size() / sizeof(Element)) {
        throw Error(what + ": a constant's bytes do not fit its shape; the file is damaged");
      }
      values.resize(count);
      std::memcpy(values.data(), bytes.data(), bytes.size());
      return values;
    }
  }
  const auto given = static_cast<std::size_t>(listed.size());
  if (given > count || (count - given > kMostRepeated)) {
    throw Error(what + ": a constant's values do not fit its shape; the file is damaged");
  }
  for (const auto& value : listed) values.push_back(static_cast<Element>(value));
  values.resize(count, given == 0 ? Element{} : values.back());
  return values;
}
}  // namespace

Array floats_of(const tf::TensorProto& tensor, const std::string& what) {
  if (tensor.dtype() != tf::DT_FLOAT) {
    throw Error(what + ": holds no float32 numbers; Podium reads models in float32 (without mixed precision)");
  }
  return {"", shape_of(tensor, what), values_of<float>(tensor, tensor.float_val(), what)};
}

std::vector<std::int64_t> integers_of(const tf::TensorProto& tensor, const std::string& what) {
  if (tensor.dtype() == tf::DT_INT64) return values_of<std::int64_t>(tensor, tensor.int64_val(), what);
  if (tensor.dtype() == tf::DT_INT32) {
    const auto narrow = values_of<std::int32_t>(tensor, tensor.int_val(), what);
    return {narrow.begin(), narrow.end()};
  }
  throw Error(what + ": holds no whole numbers");
}

std::vector<std::string> strings_of(const tf::TensorProto& tensor, const std::string& what) {
  if (tensor.dtype() != tf::DT_STRING) throw Error(what + ": holds no text");
  return values_of<std::string>(tensor, tensor.string_val(), what);
}
}  // namespace podium::interop
