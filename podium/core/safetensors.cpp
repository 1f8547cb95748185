#include "podium/core/safetensors.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <set>
#include <utility>

#include "podium/core/error.h"
#include "podium/core/json.h"

static_assert(std::endian::native == std::endian::little, "safetensors are little-endian; swap bytes here");

namespace podium {
namespace {
struct DtypeEntry {
  std::string_view name;
  std::size_t size;
};
// In the order of the enumeration.
constexpr std::array<DtypeEntry, 13> kDtypes = {{{"BOOL", 1},
                                                 {"U8", 1},
                                                 {"I8", 1},
                                                 {"I16", 2},
                                                 {"U16", 2},
                                                 {"F16", 2},
                                                 {"BF16", 2},
                                                 {"I32", 4},
                                                 {"U32", 4},
                                                 {"F32", 4},
                                                 {"I64", 8},
                                                 {"U64", 8},
                                                 {"F64", 8}}};
/// What else the format has, in bits: of such a tensor Podium reads nothing but where it is.
/// Source: huggingface/safetensors:safetensors/src/tensor.rs, Dtype::bitsize.
struct OtherDtype {
  std::string_view name;
  std::size_t bits;
};
constexpr std::array<OtherDtype, 9> kOtherDtypes = {{{"F4", 4},
                                                     {"F6_E2M3", 6},
                                                     {"F6_E3M2", 6},
                                                     {"F8_E5M2", 8},
                                                     {"F8_E4M3", 8},
                                                     {"F8_E8M0", 8},
                                                     {"F8_E4M3FNUZ", 8},
                                                     {"F8_E5M2FNUZ", 8},
                                                     {"C64", 64}}};
constexpr std::size_t kHeaderLimit = 100'000'000;  // the format's own
constexpr std::size_t kPrefix = 8;

std::optional<Dtype> dtype_named(std::string_view name) {
  for (std::size_t i = 0; i < kDtypes.size(); ++i) {
    if (kDtypes[i].name == name) return static_cast<Dtype>(i);
  }
  return std::nullopt;
}

/// The product of a shape and `unit`, or nothing if 64 bits don't hold it.
std::optional<std::size_t> product(const std::vector<std::size_t>& shape, std::size_t unit) {
  std::size_t count = unit;
  for (const std::size_t size : shape) {
    if (__builtin_mul_overflow(count, size, &count)) return std::nullopt;
  }
  return count;
}
/// Bytes of a tensor, or nothing if 64 bits don't hold the number.
std::optional<std::size_t> byte_count(const std::vector<std::size_t>& shape, Dtype dtype) {
  return product(shape, size_of(dtype));
}
/// Whether a tensor of this dtype, which Podium does not read, may have so many bytes; true for an unknown dtype.
bool may_have(std::size_t bytes, const std::vector<std::size_t>& shape, std::string_view dtype) {
  const auto* known = std::ranges::find(kOtherDtypes, dtype, &OtherDtype::name);
  if (known == kOtherDtypes.end()) return true;
  const auto bits = product(shape, known->bits);
  return bits && *bits % 8 == 0 && *bits / 8 == bytes;
}

/// Where a tensor's bytes are.
struct Place {
  std::size_t begin, end;
  std::string_view name;  // makes the order of two that are empty and in one place total
  auto operator<=>(const Place&) const = default;
};
/// Throws Error unless the places, one after another, are all of `size` bytes.
void check_places(std::vector<Place> places, std::size_t size, const std::string& what) {
  std::ranges::sort(places);
  std::size_t next = 0;
  for (const Place& place : places) {
    if (place.begin != next) {
      throw Error(what + ": tensor \"" + std::string(place.name) +
                  "\" overlaps another or leaves a gap; the file is damaged");
    }
    next = place.end;
  }
  if (next != size) throw Error(what + ": bytes after the last tensor; the file is damaged");
}

std::size_t whole_number(const nlohmann::json& value, const std::string& what) {
  if (!value.is_number_unsigned()) throw Error(what + " is not a whole number; the file is damaged");
  return value.get<std::size_t>();
}

template <class T>
TensorView view(std::string name, Dtype dtype, std::span<const T> values) {
  return {std::move(name), dtype, {values.size()}, std::as_bytes(values)};
}
}  // namespace

std::size_t size_of(Dtype dtype) { return kDtypes[static_cast<std::size_t>(dtype)].size; }
std::string_view name_of(Dtype dtype) { return kDtypes[static_cast<std::size_t>(dtype)].name; }

TensorView view_of(std::string name, std::vector<std::size_t> shape, std::span<const float> values) {
  return {std::move(name), Dtype::f32, std::move(shape), std::as_bytes(values)};
}
TensorView view_of(std::string name, std::span<const float> values) {
  return view(std::move(name), Dtype::f32, values);
}
TensorView view_of(std::string name, std::span<const std::uint32_t> values) {
  return view(std::move(name), Dtype::u32, values);
}
TensorView view_of(std::string name, std::span<const std::uint64_t> values) {
  return view(std::move(name), Dtype::u64, values);
}
TensorView view_of(std::string name, std::span<const std::int64_t> values) {
  return view(std::move(name), Dtype::i64, values);
}

std::vector<TensorView> views_of(const std::string& name, const Strings& strings) {
  return {view_of(name + "/offsets", strings.offsets()),
          view<char>(name + "/bytes", Dtype::u8, std::span(strings.bytes().data(), strings.bytes().size()))};
}

Safetensors::Safetensors(const std::string& path, OtherDtypes others) : Safetensors(MappedFile(path), path, others) {}

Safetensors::Safetensors(MappedFile file, std::string what, OtherDtypes others)
    : file_(std::move(file)), what_(std::move(what)) {
  parse(file_.bytes(), others);
}

Safetensors::Safetensors(std::span<const std::byte> bytes, std::string what, OtherDtypes others)
    : what_(std::move(what)) {
  parse(bytes, others);
}

void Safetensors::parse(std::span<const std::byte> bytes, OtherDtypes others) {
  std::uint64_t header_size = 0;
  if (bytes.size() < kPrefix)
    throw Error(what_ + ": too short for a safetensors file; it is damaged or something else");
  std::memcpy(&header_size, bytes.data(), kPrefix);
  if (header_size > bytes.size() - kPrefix || header_size > kHeaderLimit) {
    throw Error(what_ + ": a header of " + std::to_string(header_size) + " bytes in a file of " +
                std::to_string(bytes.size()) + "; it is damaged or not a safetensors file");
  }
  const std::string_view header(reinterpret_cast<const char*>(bytes.data()) + kPrefix, header_size);
  if (header.empty() || header.front() != '{')
    throw Error(what_ + ": the header is no JSON object; not a safetensors file");
  const auto data = bytes.subspan(kPrefix + header_size);
  const auto json = parse_json<nlohmann::json>(header, what_, {.depth = 4, .keys = kHeaderLimit});

  std::vector<Place> places;
  for (const auto& [name, entry] : json.items()) {
    const std::string where = what_ + ": tensor \"" + name + "\"";
    if (!entry.is_object()) throw Error(where + " is not described by an object; the file is damaged");
    if (name == "__metadata__") {
      for (const auto& [key, value] : entry.items()) {
        if (!value.is_string()) throw Error(what_ + ": metadata \"" + key + "\" is not text; the file is damaged");
        metadata_[key] = value.get<std::string>();
      }
      continue;
    }
    const auto dtype_at = entry.find("dtype"), shape_at = entry.find("shape"), offsets_at = entry.find("data_offsets");
    if (entry.size() != 3 || dtype_at == entry.end() || shape_at == entry.end() || offsets_at == entry.end()) {
      throw Error(where + " must have dtype, shape and data_offsets and nothing else; the file is damaged");
    }
    const std::string word = dtype_at->is_string() ? dtype_at->get<std::string>() : "";
    const auto dtype = dtype_named(word);
    const bool is_read = dtype.has_value();
    if (!is_read && (others == OtherDtypes::refused || !dtype_at->is_string())) {
      throw Error(where + " has the unknown dtype " + dtype_at->dump(-1, ' ', true) + "; Podium reads BOOL to F64");
    }
    if (!shape_at->is_array() || !offsets_at->is_array() || offsets_at->size() != 2) {
      throw Error(where + " has no proper shape or data_offsets; the file is damaged");
    }
    std::vector<std::size_t> shape;
    for (const auto& size : *shape_at) shape.push_back(whole_number(size, where + ": a size"));
    const std::size_t begin = whole_number((*offsets_at)[0], where + ": an offset");
    const std::size_t end = whole_number((*offsets_at)[1], where + ": an offset");
    if (begin > end || end > data.size()) {
      throw Error(where + " is said to be at bytes " + std::to_string(begin) + " to " + std::to_string(end) + " of " +
                  std::to_string(data.size()) + "; the file is cut or damaged");
    }
    if (!(is_read ? byte_count(shape, *dtype) == end - begin : may_have(end - begin, shape, word))) {
      throw Error(where + " has " + std::to_string(end - begin) +
                  " bytes, which its shape does not need; the file is damaged");
    }
    places.push_back({begin, end, name});  // the name lives as long as the JSON
    if (!is_read) {
      unread_.push_back({name, word});
      continue;
    }
    tensors_.push_back({name, *dtype, std::move(shape), data.subspan(begin, end - begin),
                        /*is_mapped=*/!file_.bytes().empty()});  // else they are somebody else's
  }
  check_places(std::move(places), data.size(), what_);

  // Empty tensors share their place with the next one, so the end decides there; names make the order total.
  std::ranges::sort(tensors_, [](const TensorView& left, const TensorView& right) {
    const auto key = [](const TensorView& t) {
      return std::tuple(t.bytes.data(), t.bytes.data() + t.bytes.size(), std::string_view(t.name));
    };
    return key(left) < key(right);
  });
  for (std::size_t i = 0; i < tensors_.size(); ++i) index_.emplace(tensors_[i].name, i);
}

const TensorView* Safetensors::find(std::string_view name) const {
  const auto at = index_.find(name);
  return at == index_.end() ? nullptr : &tensors_[at->second];
}

const TensorView& Safetensors::tensor(std::string_view name) const {
  const TensorView* tensor = find(name);
  if (tensor == nullptr) throw Error(what_ + ": there is no tensor \"" + std::string(name) + "\"");
  return *tensor;
}

template <class T>
std::span<const T> Safetensors::typed(std::string_view name, Dtype dtype) const {
  const TensorView& found = tensor(name);
  const std::string where = what_ + ": tensor \"" + found.name + "\"";
  if (found.dtype != dtype) {
    throw Error(where + " holds " + std::string(name_of(found.dtype)) + ", not " + std::string(name_of(dtype)));
  }
  if (reinterpret_cast<std::uintptr_t>(found.bytes.data()) % alignof(T) != 0) {
    throw Error(where + " is not aligned to " + std::to_string(alignof(T)) +
                " bytes; write the file again with the wide tensors first");
  }
  return {reinterpret_cast<const T*>(found.bytes.data()), found.bytes.size() / sizeof(T)};
}

std::span<const float> Safetensors::floats(std::string_view name) const { return typed<float>(name, Dtype::f32); }
std::span<const std::uint32_t> Safetensors::u32s(std::string_view name) const {
  return typed<std::uint32_t>(name, Dtype::u32);
}
std::span<const std::uint64_t> Safetensors::u64s(std::string_view name) const {
  return typed<std::uint64_t>(name, Dtype::u64);
}
std::span<const std::int64_t> Safetensors::i64s(std::string_view name) const {
  return typed<std::int64_t>(name, Dtype::i64);
}
std::span<const std::byte> Safetensors::u8s(std::string_view name) const { return typed<std::byte>(name, Dtype::u8); }

AlignedFloats Safetensors::take_floats(std::string_view name) const {
  const auto values = floats(name);
  AlignedFloats copy;
  copy.reserve(values.size());
  read_in_pieces(tensor(name).view(), [&copy](std::span<const std::byte> piece) {
    const auto* first = reinterpret_cast<const float*>(piece.data());
    copy.insert(copy.end(), first, first + piece.size() / sizeof(float));
  });
  return copy;
}

Strings Safetensors::strings(const std::string& name) const {
  const auto bytes = u8s(name + "/bytes");
  const auto offsets = u64s(name + "/offsets");
  try {
    return Strings(std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()),
                   {offsets.begin(), offsets.end()});
  } catch (const Error& error) {
    throw Error(what_ + ": strings \"" + name + "\": " + error.what());
  }
}

std::string safetensors_header(std::span<const TensorView> tensors,
                               const std::map<std::string, std::string>& metadata) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  std::set<std::string_view> names = {"__metadata__"};
  std::size_t offset = 0;
  for (const TensorView& tensor : tensors) {
    if (!names.insert(tensor.name).second) throw Error("safetensors: two tensors are named \"" + tensor.name + "\"");
    if (byte_count(tensor.shape, tensor.dtype) != tensor.bytes.size()) {
      throw Error("safetensors: tensor \"" + tensor.name + "\" has " + std::to_string(tensor.bytes.size()) +
                  " bytes, which its shape does not need");
    }
    const std::size_t end = offset + tensor.bytes.size();
    header.push_back(
        {tensor.name, nlohmann::ordered_json{
                          {"dtype", name_of(tensor.dtype)}, {"shape", tensor.shape}, {"data_offsets", {offset, end}}}});
    offset = end;
  }
  std::string text;
  try {
    text = header.dump();
  } catch (const nlohmann::json::exception&) {
    throw Error("safetensors: a tensor's name is not UTF-8");
  }
  text.append((kPrefix - text.size() % kPrefix) % kPrefix, ' ');
  const std::uint64_t size = text.size();
  std::string prefix(kPrefix, '\0');
  std::memcpy(prefix.data(), &size, kPrefix);
  return prefix + text;
}

std::string safetensors_bytes(std::span<const TensorView> tensors, const std::map<std::string, std::string>& metadata) {
  std::string file = safetensors_header(tensors, metadata);
  for (const TensorView& tensor : tensors) {
    file.append(reinterpret_cast<const char*>(tensor.bytes.data()), tensor.bytes.size());
  }
  return file;
}
}  // namespace podium
