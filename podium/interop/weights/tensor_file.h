#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "podium/core/mapped_file.h"
#include "podium/core/safetensors.h"
#include "podium/interop/array.h"
#include "podium/interop/weights/npz_reader.h"
#include "podium/interop/weights/shards.h"

namespace podium::interop {
/// A tensor's numbers, and what they were in the file.
struct Floats {
  Array array;
  Dtype dtype = Dtype::f32;
};

/// Named tensors in a file, safetensors or npz, or in the safetensors files that an index names: which of them it is is
/// told by its first bytes, not by its name.
class TensorFile {
 public:
  /// Maps a file. Throws Error with the path if it is none of them, or not sound.
  explicit TensorFile(const std::string& path);
  /// Looks into bytes that somebody else owns; `path` begins the messages. An index is an Error: it has no folder.
  TensorFile(std::span<const std::byte> bytes, const std::string& path);

  const std::string& path() const { return path_; }
  /// Sorted.
  const std::vector<std::string>& names() const { return names_; }
  bool has(const std::string& name) const;
  /// float32, also of a tensor that holds float16, bfloat16 or float64 (rounded). Throws Error if there is none of that
  /// name, if it holds anything else, or if it is damaged. Tensors that hold anything else may stand beside it.
  Floats floats(const std::string& name) const;

 private:
  MappedFile file_;
  std::string path_;
  std::variant<Safetensors, NpzReader, Shards> parts_;
  std::vector<std::string> names_;
};
}  // namespace podium::interop
