#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "podium/core/publish.h"
#include "podium/core/safetensors.h"

namespace podium::interop {
/// "<f4" is F32; nothing for what is no tensor's type: text, records, big-endian numbers.
std::optional<Dtype> numpy_dtype(std::string_view name);

/// An array's head in NumPy's format, version 1.0, padded to a multiple of 64 bytes; the array's bytes follow. Throws
/// Error for a dtype that NumPy lacks (bfloat16).
/// Source: numpy/numpy:numpy/lib/_format_impl.py.
std::string npy_head(const TensorView& tensor);

/// A file for numpy.load: a ZIP archive of NAME.npy, stored as they are. Looks into the tensors' bytes, which are never
/// copied, and into this object, which stays where it is.
class NpzFile {
 public:
  /// Equal tensors give equal bytes. Throws Error if the archive would be 4 GB or more.
  NpzFile(const std::string& path, std::span<const TensorView> tensors);
  NpzFile(const NpzFile&) = delete;
  NpzFile& operator=(const NpzFile&) = delete;

  const NewFile& file() const { return file_; }

 private:
  void append(const ByteView& bytes);
  void append(std::string bytes);

  std::deque<std::string> frames_;  // what stands between the tensors; a deque leaves them where they are
  std::uint64_t size_ = 0;
  NewFile file_;
};
}  // namespace podium::interop
