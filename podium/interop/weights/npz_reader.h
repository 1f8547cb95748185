#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "podium/core/safetensors.h"
#include "podium/interop/archive.h"

namespace podium::interop {
/// What stands before an array's bytes in NumPy's format, versions 1.0 to 3.0.
struct NpyHead {
  Dtype dtype = Dtype::f32;
  bool is_fortran = false;  // the first index runs fastest
  std::vector<std::size_t> shape;
  std::size_t size = 0;  // of the head, in bytes
};
/// Throws Error that begins with `what` if it is no head of NumPy's, or of a type that no tensor has: text, records,
/// big-endian numbers. Source: numpy/numpy:numpy/lib/_format_impl.py.
NpyHead parse_npy_head(std::string_view bytes, const std::string& what);

/// An array of an .npz file, row-major.
struct NpyArray {
  Dtype dtype = Dtype::f32;
  std::vector<std::size_t> shape;
  std::string bytes;  // product of shape * size_of(dtype)
};

/// The arrays of a file that numpy.savez or numpy.savez_compressed wrote; checksums are verified as they are read.
class NpzReader {
 public:
  /// Looks into bytes that somebody else owns; `what` begins the messages. Throws Error if it is no ZIP archive, or one
  /// that torch.save wrote: those hold a pickle, which would have to be run.
  NpzReader(std::span<const std::byte> bytes, std::string what);

  const std::vector<std::string>& names() const { return names_; }
  /// Throws Error if there is none of that name, or if it is damaged.
  NpyArray read(const std::string& name) const;

 private:
  std::string what_;
  Archive archive_;
  std::vector<std::string> names_;
};
}  // namespace podium::interop
