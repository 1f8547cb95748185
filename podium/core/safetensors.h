#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "podium/core/aligned.h"
#include "podium/core/mapped_file.h"
#include "podium/core/strings.h"

namespace podium {
/// What a safetensors file may hold; named as there.
enum class Dtype : std::uint8_t { boolean, u8, i8, i16, u16, f16, bf16, i32, u32, f32, i64, u64, f64 };
/// Bytes of one element.
std::size_t size_of(Dtype dtype);
/// "F32", "U8" ...
std::string_view name_of(Dtype dtype);

/// A named array that somebody else owns: row-major, little-endian.
struct TensorView {
  std::string name;
  Dtype dtype = Dtype::f32;
  std::vector<std::size_t> shape;
  std::span<const std::byte> bytes;  // product of shape * size_of(dtype)
  bool is_mapped = false;            // the bytes are a mapped file's

  ByteView view() const { return {bytes, is_mapped}; }
};

TensorView view_of(std::string name, std::vector<std::size_t> shape, std::span<const float> values);
TensorView view_of(std::string name, std::span<const float> values);
TensorView view_of(std::string name, std::span<const std::uint32_t> values);
TensorView view_of(std::string name, std::span<const std::uint64_t> values);
TensorView view_of(std::string name, std::span<const std::int64_t> values);
/// Strings as two tensors, NAME/bytes (U8) and NAME/offsets (U64), looking into `strings`.
std::vector<TensorView> views_of(const std::string& name, const Strings& strings);

/// A tensor whose dtype Podium does not read: its name and dtype alone.
struct UnreadTensor {
  std::string name;
  std::string dtype;  // the file's word, whatever it is
};
enum class OtherDtypes : std::uint8_t { refused, passed_over };

/// Named tensors of one file in the safetensors format: 8 bytes of header length, a JSON header, the tensors' bytes.
/// Everything is checked before the constructor returns: the header's length and JSON, dtypes, shapes in 64 bits
/// against byte ranges, ranges that leave no gap and do not overlap. Never takes more memory than a multiple of the
/// header. Source: https://huggingface.co/docs/safetensors
class Safetensors {
 public:
  /// Maps a file. Throws Error with the path if it is not sound.
  /// A tensor of a dtype that Podium does not read is an Error, or, with OtherDtypes::passed_over, listed in unread().
  /// Its byte range is checked as any other's, and its size where the format defines the dtype.
  explicit Safetensors(const std::string& path, OtherDtypes others = OtherDtypes::refused);
  /// Looks into a mapping it takes over; `what` begins the messages.
  Safetensors(MappedFile file, std::string what, OtherDtypes others = OtherDtypes::refused);
  /// Looks into bytes that somebody else owns.
  Safetensors(std::span<const std::byte> bytes, std::string what, OtherDtypes others = OtherDtypes::refused);

  /// In the order of their bytes.
  const std::vector<TensorView>& tensors() const { return tensors_; }
  /// By name.
  const std::vector<UnreadTensor>& unread() const { return unread_; }
  const std::map<std::string, std::string>& metadata() const { return metadata_; }
  bool has(std::string_view name) const { return find(name) != nullptr; }
  /// Throws Error naming the file and the tensor if there is none.
  const TensorView& tensor(std::string_view name) const;

  // Each throws Error if the tensor is missing, of another dtype, or not aligned for it in this file.
  std::span<const float> floats(std::string_view name) const;
  std::span<const std::uint32_t> u32s(std::string_view name) const;
  std::span<const std::uint64_t> u64s(std::string_view name) const;
  std::span<const std::int64_t> i64s(std::string_view name) const;
  std::span<const std::byte> u8s(std::string_view name) const;
  /// A copy of what views_of wrote. Throws Error also if the offsets are not sound.
  Strings strings(const std::string& name) const;

  /// A copy of a tensor that gives the file's memory back as it goes: a large one is never there twice.
  AlignedFloats take_floats(std::string_view name) const;

 private:
  void parse(std::span<const std::byte> bytes, OtherDtypes others);
  const TensorView* find(std::string_view name) const;
  template <class T>
  std::span<const T> typed(std::string_view name, Dtype dtype) const;

  MappedFile file_;
  std::string what_;
  std::vector<TensorView> tensors_;
  std::vector<UnreadTensor> unread_;
  std::map<std::string, std::size_t, std::less<>> index_;
  std::map<std::string, std::string> metadata_;
};

/// A file's first part: header length and header, padded with spaces to a multiple of 8. The tensors' bytes follow in
/// the order given. Equal inputs give equal bytes; wide dtypes are aligned if they stand before narrower ones. Throws
/// Error if a name stands there twice or a tensor's bytes do not fit its shape.
std::string safetensors_header(std::span<const TensorView> tensors,
                               const std::map<std::string, std::string>& metadata = {});
/// The whole file in memory.
std::string safetensors_bytes(std::span<const TensorView> tensors,
                              const std::map<std::string, std::string>& metadata = {});
}  // namespace podium
