#pragma once
#include <cstddef>
#include <string>
#include <vector>

namespace podium::interop {
/// A tensor of floats that was read out of another program's file, row-major.
struct Array {
  std::string source;  // what it is called there; "" for a number that stands in the graph itself
  std::vector<std::size_t> shape;
  std::vector<float> values;  // [product of shape]
  std::string origin = {};    // where source is "": the tensor that the numbers stand in, in another order
};

/// [rows, columns] as [columns, rows]. It has no source: what belongs to the source, as an optimizer's state does,
/// would have to be turned too.
Array transposed(const Array& array);

/// [1, 1, 32] as [32].
Array without_leading_ones(Array array);

/// "[3, 32]", for messages.
std::string text_of(const std::vector<std::size_t>& shape);
/// The product of the sizes, which fits into memory.
std::size_t product_of(const std::vector<std::size_t>& sizes);
/// The number of elements. Throws Error that begins with `what` if it does not fit into memory.
std::size_t elements(const std::vector<std::size_t>& shape, const std::string& what);
}  // namespace podium::interop
