#include "podium/interop/weights/npz.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>
#include <vector>

#include "podium/core/error.h"

namespace podium::interop {
namespace {
std::uint32_t crc_of(std::span<const std::byte> bytes, std::uint32_t crc) {
  return static_cast<std::uint32_t>(::crc32_z(crc, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
}

constexpr std::array<std::pair<std::string_view, Dtype>, 12> kTypes = {{{"|b1", Dtype::boolean},
                                                                        {"|u1", Dtype::u8},
                                                                        {"|i1", Dtype::i8},
                                                                        {"<i2", Dtype::i16},
                                                                        {"<u2", Dtype::u16},
                                                                        {"<f2", Dtype::f16},
                                                                        {"<i4", Dtype::i32},
                                                                        {"<u4", Dtype::u32},
                                                                        {"<f4", Dtype::f32},
                                                                        {"<i8", Dtype::i64},
                                                                        {"<u8", Dtype::u64},
                                                                        {"<f8", Dtype::f64}}};

std::string_view numpy_name(Dtype dtype) {
  const auto found = std::ranges::find(kTypes, dtype, &std::pair<std::string_view, Dtype>::second);
  if (found == kTypes.end()) {
    throw Error("npz: NumPy has no type " + std::string(name_of(dtype)) + "; use safetensors");
  }
  return found->first;
}

/// Little-endian numbers one after another.
class Record {
 public:
  Record& u16(std::size_t value) { return append(value, 2); }
  Record& u32(std::size_t value) { return append(value, 4); }
  Record& text(std::string_view value) {
    bytes_ += value;
    return *this;
  }
  std::string take() { return std::move(bytes_); }

 private:
  Record& append(std::size_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) bytes_.push_back(static_cast<char>(value >> (8 * i)));
    return *this;
  }
  std::string bytes_;
};

struct Entry {
  std::string name;
  std::uint32_t crc = 0;
  std::size_t size = 0, offset = 0;
};

/// What a local header and the central directory say alike, from "version needed" to "extra length". Source: APPNOTE
/// 6.3.10, sections 4.3.7 and 4.3.12.
void describe(Record& record, const Entry& entry) {
  constexpr std::size_t kVersion = 20, kUtf8Names = 0x800, kStored = 0, kMidnight = 0, kFirstDay1980 = 0x21;
  record.u16(kVersion).u16(kUtf8Names).u16(kStored).u16(kMidnight).u16(kFirstDay1980);
  record.u32(entry.crc).u32(entry.size).u32(entry.size).u16(entry.name.size()).u16(0);
}

std::string local_header(const Entry& entry) {
  Record record;
  describe(record.u32(0x04034b50), entry);
  return record.text(entry.name).take();
}

/// Sizes and offsets are 32 bits, the number of entries 16.
void check_size(std::span<const TensorView> tensors) {
  constexpr std::size_t kFrames = 1024;  // what stands around an array whose name is not of many lines
  std::size_t bytes = 0;
  for (const TensorView& tensor : tensors) bytes += tensor.bytes.size() + kFrames + 2 * tensor.name.size();
  if (bytes > std::numeric_limits<std::uint32_t>::max() || tensors.size() > std::numeric_limits<std::uint16_t>::max()) {
    throw Error("npz: the weights take 4 GB or more, which a ZIP archive can't hold; use safetensors");
  }
}

std::string central_directory(const std::vector<Entry>& entries, std::size_t offset) {
  Record record;
  for (const Entry& entry : entries) {
    describe(record.u32(0x02014b50).u16(20), entry);
    record.u16(0).u16(0).u16(0).u32(0).u32(entry.offset).text(entry.name);  // comment, disk and attributes: none
  }
  std::string directory = record.take();
  Record end;
  end.u32(0x06054b50).u16(0).u16(0).u16(entries.size()).u16(entries.size()).u32(directory.size()).u32(offset).u16(0);
  return directory + end.take();
}
}  // namespace

std::optional<Dtype> numpy_dtype(std::string_view name) {
  const auto found = std::ranges::find(kTypes, name, &std::pair<std::string_view, Dtype>::first);
  return found == kTypes.end() ? std::nullopt : std::optional(found->second);
}

std::string npy_head(const TensorView& tensor) {
  std::string text = "{'descr': '" + std::string(numpy_name(tensor.dtype)) + "', 'fortran_order': False, 'shape': (";
  for (const std::size_t size : tensor.shape) text += std::to_string(size) + ", ";
  if (tensor.shape.size() > 1) text.resize(text.size() - 2);  // a tuple of one keeps its comma
  text += "), }";
  constexpr std::size_t kFixed = 10;  // magic, version and the length of the text
  text.append(63 - (kFixed + text.size()) % 64, ' ');
  text += '\n';
  return Record().text("\x93NUMPY").text({"\x01\x00", 2}).u16(text.size()).text(text).take();
}

NpzFile::NpzFile(const std::string& path, std::span<const TensorView> tensors) {
  file_.path = path;
  check_size(tensors);
  std::vector<Entry> entries;
  for (const TensorView& tensor : tensors) {
    std::string head = npy_head(tensor);
    std::uint32_t crc = crc_of(std::as_bytes(std::span(head)), 0);
    read_in_pieces(tensor.view(), [&crc](std::span<const std::byte> piece) { crc = crc_of(piece, crc); });
    const Entry entry{
        .name = tensor.name + ".npy", .crc = crc, .size = head.size() + tensor.bytes.size(), .offset = size_};
    append(local_header(entry) + head);
    append(tensor.view());
    entries.push_back(entry);
  }
  append(central_directory(entries, size_));
}

void NpzFile::append(const ByteView& bytes) {
  file_.pieces.push_back(bytes);
  size_ += bytes.bytes.size();
}

void NpzFile::append(std::string bytes) {
  frames_.push_back(std::move(bytes));
  append(ByteView(std::as_bytes(std::span(frames_.back()))));
}
}  // namespace podium::interop
