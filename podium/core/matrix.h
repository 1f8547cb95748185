#pragma once
#include <cassert>
#include <cstddef>
#include <span>

namespace podium {
/// A row-major matrix that somebody else owns: [rows, cols], `stride` floats from row to row.
struct ConstMatrixView {
  const float* data = nullptr;
  std::size_t rows = 0, cols = 0, stride = 0;

  ConstMatrixView() = default;
  ConstMatrixView(const float* values, std::size_t row_count, std::size_t col_count)
      : data(values), rows(row_count), cols(col_count), stride(col_count) {}
  ConstMatrixView(const float* values, std::size_t row_count, std::size_t col_count, std::size_t row_stride)
      : data(values), rows(row_count), cols(col_count), stride(row_stride) {}
  std::span<const float> row(std::size_t index) const {
    assert(index < rows);
    return {data + index * stride, cols};
  }
};

/// The same, writable.
struct MatrixView {
  float* data = nullptr;
  std::size_t rows = 0, cols = 0, stride = 0;

  MatrixView() = default;
  MatrixView(float* values, std::size_t row_count, std::size_t col_count)
      : data(values), rows(row_count), cols(col_count), stride(col_count) {}
  MatrixView(float* values, std::size_t row_count, std::size_t col_count, std::size_t row_stride)
      : data(values), rows(row_count), cols(col_count), stride(row_stride) {}
  operator ConstMatrixView() const { return {data, rows, cols, stride}; }  // NOLINT(google-explicit-constructor)
  std::span<float> row(std::size_t index) const {
    assert(index < rows);
    return {data + index * stride, cols};
  }
};
}  // namespace podium
