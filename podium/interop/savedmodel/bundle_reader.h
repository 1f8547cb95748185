#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "podium/core/mapped_file.h"
#include "podium/interop/array.h"

namespace podium::interop {
/// The tensors of a TensorFlow checkpoint (a "tensor bundle"): PREFIX.index, PREFIX.data-00000-of-00001 and so on. The
/// index is verified when it is opened, a tensor by its checksum when it is read.
/// Source: tensorflow/core/util/tensor_bundle and tensorflow/core/protobuf/tensor_bundle.proto.
class Bundle {
 public:
  /// Maps the files. Throws Error naming the file that is missing or not sound.
  explicit Bundle(const std::string& prefix);
  /// Looks into bytes that somebody else owns.
  Bundle(std::span<const std::byte> index, std::vector<std::span<const std::byte>> shards, std::string what);

  std::vector<std::string> names() const;
  bool has(std::string_view name) const { return entries_.find(name) != entries_.end(); }
  // Each throws Error naming the tensor if it is missing, of another type, sliced, damaged, or beyond its file.
  Array floats(std::string_view name) const;
  std::vector<std::int64_t> integers(std::string_view name) const;  // int32 or int64
  std::vector<std::string> strings(std::string_view name) const;

 private:
  struct Entry {
    int type = 0;  // TensorFlow's DataType
    std::vector<std::size_t> shape;
    std::string_view bytes;
    std::uint32_t checksum = 0;
    bool sliced = false;
  };
  void read_index(std::span<const std::byte> index);
  /// The entry of a tensor that can be read; its checksum is not yet verified.
  const Entry& entry(std::string_view name) const;
  std::string_view verified(std::string_view name, const Entry& entry) const;
  std::string where(std::string_view name) const;

  std::string what_;
  std::vector<MappedFile> files_;
  std::vector<std::span<const std::byte>> shards_;
  std::map<std::string, Entry, std::less<>> entries_;
};
}  // namespace podium::interop
