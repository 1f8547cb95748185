#include "podium/interop/weights/tensor_file.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <utility>

#include "podium/core/error.h"
#include "podium/interop/foreign_text.h"

namespace podium::interop {
namespace {
using Parts = std::variant<Safetensors, NpzReader, Shards>;
constexpr const char* kRead = "; weights are F32, F16, BF16 or F64";

Parts open(std::span<const std::byte> bytes, const std::string& what) {
  constexpr std::string_view kZip = "PK\3\4";  // to a reader of safetensors, a header of far more than it may have
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (text.starts_with(kZip)) {
    return Parts(std::in_place_type<NpzReader>, bytes, what);
  }
  if (is_shard_index(text)) throw Error(what + ": is JSON; the index of several files is read by its path alone");
  try {
    return Parts(std::in_place_type<Safetensors>, bytes, what, OtherDtypes::passed_over);
  } catch (const Error& error) {
    throw Error(std::string(error.what()) + " (weights are read from .safetensors and .npz files)");
  }
}

Parts open(const MappedFile& file, const std::string& path) {
  return is_shard_index(file.text()) ? Parts(std::in_place_type<Shards>, path, file.text()) : open(file.bytes(), path);
}

struct NamesOf {
  std::vector<std::string> operator()(const Safetensors& file) const {
    std::vector<std::string> names;
    for (const TensorView& tensor : file.tensors()) names.push_back(tensor.name);
    for (const UnreadTensor& tensor : file.unread()) names.push_back(tensor.name);
    return names;
  }
  std::vector<std::string> operator()(const NpzReader& file) const { return file.names(); }
  std::vector<std::string> operator()(const Shards& files) const { return files.names(); }
};

std::vector<std::string> names_of(const Parts& parts) {
  std::vector<std::string> names = std::visit(NamesOf{}, parts);
  std::ranges::sort(names);
  return names;
}

/// IEEE 754's half precision: 1 bit of sign, 5 of exponent, 10 of fraction.
float half_to_float(std::uint16_t half) {
  const int exponent = (half >> 10) & 31, fraction = half & 1023;
  float size = 0.0F;
  if (exponent == 31) {
    size = fraction == 0 ? INFINITY : NAN;
  } else if (exponent == 0) {
    size = std::ldexp(static_cast<float>(fraction), -24);
  } else {
    size = std::ldexp(static_cast<float>(1024 + fraction), exponent - 25);
  }
  return (half >> 15) != 0 ? -size : size;
}

/// Numbers that stand one after another in `bytes`, wherever those begin.
template <class T, class Convert>
std::vector<float> convert(std::string_view bytes, Convert convert_one) {
  std::vector<float> values(bytes.size() / sizeof(T));
  for (std::size_t i = 0; i < values.size(); ++i) {
    T number;
    std::memcpy(&number, bytes.data() + i * sizeof(T), sizeof(T));
    values[i] = convert_one(number);
  }
  return values;
}

std::vector<float> floats_of(std::string_view bytes, Dtype dtype, const std::string& where) {
  if (dtype == Dtype::f32) return convert<float>(bytes, [](float number) { return number; });
  if (dtype == Dtype::f64) return convert<double>(bytes, [](double number) { return static_cast<float>(number); });
  if (dtype == Dtype::f16) return convert<std::uint16_t>(bytes, half_to_float);
  if (dtype == Dtype::bf16) {  // the upper half of a float
    return convert<std::uint16_t>(bytes, [](std::uint16_t n) { return std::bit_cast<float>(std::uint32_t{n} << 16); });
  }
  throw Error(where + " holds " + std::string(name_of(dtype)) + kRead);
}

struct FloatsOf {
  Floats operator()(const Safetensors& file) const {
    const auto unread = std::ranges::find(file.unread(), name, &UnreadTensor::name);
    if (unread != file.unread().end()) throw Error(where + " holds " + in_quotes(unread->dtype) + kRead);
    const TensorView& view = file.tensor(name);
    const std::string_view bytes(reinterpret_cast<const char*>(view.bytes.data()), view.bytes.size());
    return {{name, view.shape, floats_of(bytes, view.dtype, where)}, view.dtype};
  }
  Floats operator()(const NpzReader& file) const {
    const NpyArray array = file.read(name);
    return {{name, array.shape, floats_of(array.bytes, array.dtype, where)}, array.dtype};
  }
  Floats operator()(const Shards& files) const { return (*this)(files.of(name)); }

  const std::string& name;
  const std::string& where;  // the file and the tensor, for messages
};
}  // namespace

TensorFile::TensorFile(const std::string& path) : file_(path), path_(path), parts_(open(file_, path)) {
  names_ = names_of(parts_);
}

TensorFile::TensorFile(std::span<const std::byte> bytes, const std::string& path)
    : path_(path), parts_(open(bytes, path)) {
  names_ = names_of(parts_);
}

bool TensorFile::has(const std::string& name) const { return std::ranges::binary_search(names_, name); }

Floats TensorFile::floats(const std::string& name) const {
  const std::string where = path_ + ": tensor " + in_quotes(name);
  return std::visit(FloatsOf{name, where}, parts_);
}
}  // namespace podium::interop
