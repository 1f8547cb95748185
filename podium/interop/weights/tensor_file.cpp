#include "podium/interop/weights/tensor_file.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <utility>

#include "podium/core/error.h"

namespace podium::interop {
namespace {
std::variant<Safetensors, NpzReader> open(std::span<const std::byte> bytes, const std::string& what) {
  constexpr std::string_view kZip = "PK\3\4";  // to a reader of safetensors, a header of far more than it may have
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (text.starts_with(kZip)) {
    return std::variant<Safetensors, NpzReader>(std::in_place_type<NpzReader>, bytes, what);
  }
  try {
    return std::variant<Safetensors, NpzReader>(std::in_place_type<Safetensors>, bytes, what);
  } catch (const Error& error) {
    throw Error(std::string(error.what()) + " (weights are read from .safetensors and .npz files)");
  }
}

std::vector<std::string> names_of(const std::variant<Safetensors, NpzReader>& parts) {
  std::vector<std::string> names;
  if (const auto* file = std::get_if<Safetensors>(&parts)) {
    for (const TensorView& tensor : file->tensors()) names.push_back(tensor.name);
  } else {
    names = std::get<NpzReader>(parts).names();
  }
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
  throw Error(where + " holds " + std::string(name_of(dtype)) + "; weights are F32, F16, BF16 or F64");
}
}  // namespace

TensorFile::TensorFile(const std::string& path) : file_(path), path_(path), parts_(open(file_.bytes(), path)) {
  names_ = names_of(parts_);
}

TensorFile::TensorFile(std::span<const std::byte> bytes, const std::string& path)
    : path_(path), parts_(open(bytes, path)) {
  names_ = names_of(parts_);
}

bool TensorFile::has(const std::string& name) const { return std::ranges::binary_search(names_, name); }

Floats TensorFile::floats(const std::string& name) const {
  const std::string where = path_ + ": tensor \"" + name + "\"";
  if (const auto* file = std::get_if<Safetensors>(&parts_)) {
    const TensorView& view = file->tensor(name);
    const std::string_view bytes(reinterpret_cast<const char*>(view.bytes.data()), view.bytes.size());
    return {{name, view.shape, floats_of(bytes, view.dtype, where)}, view.dtype};
  }
  const NpyArray array = std::get<NpzReader>(parts_).read(name);
  return {{name, array.shape, floats_of(array.bytes, array.dtype, where)}, array.dtype};
}
}  // namespace podium::interop
