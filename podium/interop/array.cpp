#include "podium/interop/array.h"

#include <functional>
#include <numeric>

#include "podium/core/error.h"

namespace podium::interop {
namespace {
constexpr std::size_t kMostElements = std::size_t{1} << 40;
}

Array transposed(const Array& array) {
  const std::size_t rows = array.shape[0], columns = array.shape[1];
  Array turned{
      "", {columns, rows}, std::vector<float>(array.values.size()), array.source.empty() ? array.origin : array.source};
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t column = 0; column < columns; ++column) {
      turned.values[column * rows + row] = array.values[row * columns + column];
    }
  }
  return turned;
}

Array without_leading_ones(Array array) {
  while (array.shape.size() > 1 && array.shape.front() == 1) array.shape.erase(array.shape.begin());
  return array;
}

std::size_t product_of(const std::vector<std::size_t>& sizes) {
  return std::accumulate(sizes.begin(), sizes.end(), std::size_t{1}, std::multiplies<>());
}

std::string text_of(const std::vector<std::size_t>& shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) text += (i == 0 ? "" : ", ") + std::to_string(shape[i]);
  return text + "]";
}

std::size_t elements(const std::vector<std::size_t>& shape, const std::string& what) {
  std::size_t count = 1;
  for (const std::size_t extent : shape) {
    if (extent != 0 && count > kMostElements / extent)
      throw Error(what + ": its shape " + text_of(shape) + " is too large");
    count *= extent;
  }
  return count;
}
}  // namespace podium::interop
