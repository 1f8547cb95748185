#include "podium/interop/weights/npz_reader.h"

#include <charconv>
#include <cstring>
#include <optional>
#include <utility>

#include "podium/core/error.h"
#include "podium/interop/array.h"
#include "podium/interop/weights/npz.h"

namespace podium::interop {
namespace {
constexpr std::string_view kMagic = "\x93NUMPY", kSuffix = ".npy";
constexpr std::size_t kMostDimensions = 64;  // NumPy's own

/// Reads the literal of a Python dict from left to right; every step says whether it was there.
class Literal {
 public:
  explicit Literal(std::string_view text) : rest_(text) {}

  bool take(std::string_view word) {
    skip_spaces();
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  std::optional<std::string_view> text() {
    skip_spaces();
    if (rest_.empty() || (rest_.front() != '\'' && rest_.front() != '"')) return std::nullopt;
    const auto end = rest_.find(rest_.front(), 1);
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view found = rest_.substr(1, end - 1);
    rest_.remove_prefix(end + 1);
    return found;
  }
  std::optional<bool> truth() {
    if (take("True")) return true;
    if (take("False")) return false;
    return std::nullopt;
  }
  /// A tuple of whole numbers.
  std::optional<std::vector<std::size_t>> sizes() {
    std::vector<std::size_t> found;
    if (!take("(")) return std::nullopt;
    while (!take(")")) {
      if (found.size() == kMostDimensions || (!found.empty() && !std::exchange(has_comma_, false))) return std::nullopt;
      skip_spaces();
      const auto [end, code] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), found.emplace_back());
      if (code != std::errc()) return std::nullopt;
      rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
      has_comma_ = take(",");
    }
    return found;
  }
  bool is_at_end() {
    skip_spaces();
    return rest_.empty();
  }

 private:
  void skip_spaces() {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\n')) rest_.remove_prefix(1);
  }
  std::string_view rest_;
  bool has_comma_ = false;  // after the last number of sizes()
};

/// [rows, columns] of which the rows run fastest, as row-major.
std::string row_major(std::string_view bytes, std::size_t rows, std::size_t columns, std::size_t size) {
  std::string turned(bytes.size(), '\0');
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t column = 0; column < columns; ++column) {
      std::memcpy(turned.data() + (row * columns + column) * size, bytes.data() + (column * rows + row) * size, size);
    }
  }
  return turned;
}
}  // namespace

NpyHead parse_npy_head(std::string_view bytes, const std::string& what) {
  const auto byte = [&](std::size_t at) { return std::size_t{static_cast<unsigned char>(bytes[at])}; };
  if (bytes.size() < 12 || !bytes.starts_with(kMagic)) throw Error(what + ": is no array of NumPy's");
  const std::size_t version = byte(6);
  if (version < 1 || version > 3)
    throw Error(what + ": is of version " + std::to_string(version) + " of NumPy's format");
  const std::size_t start = version == 1 ? 10 : 12;
  std::size_t length = byte(8) + (byte(9) << 8);
  if (version > 1) length += (byte(10) << 16) + (byte(11) << 24);
  if (length > bytes.size() - start) throw Error(what + ": is cut within its head");

  NpyHead head{.shape = {}, .size = start + length};
  Literal literal(bytes.substr(start, length));
  bool is_good = literal.take("{");
  std::size_t found = 0;
  while (is_good && !literal.take("}")) {
    const auto key = literal.text();
    is_good = key.has_value() && literal.take(":") && ++found <= 3;
    if (!is_good) break;
    if (*key == "descr") {
      const auto type = literal.text();
      if (!type) throw Error(what + ": holds records; Podium reads plain numbers");
      const auto dtype = numpy_dtype(*type);
      if (!dtype) {
        throw Error(what + ": holds \"" + std::string(*type) +
                    "\"; Podium reads numbers, little-endian, as in \"<f4\"");
      }
      head.dtype = *dtype;
    } else if (*key == "fortran_order") {
      const auto truth = literal.truth();
      is_good = truth.has_value();
      head.is_fortran = truth.value_or(false);
    } else {
      auto shape = literal.sizes();
      is_good = *key == "shape" && shape.has_value();
      if (is_good) head.shape = *std::move(shape);
    }
    (void)literal.take(",");
  }
  if (!is_good || found != 3 || !literal.is_at_end()) throw Error(what + ": its head is not as NumPy writes it");
  return head;
}

NpzReader::NpzReader(std::span<const std::byte> bytes, std::string what)
    : what_(std::move(what)), archive_(bytes, what_) {
  for (std::string& name : archive_.names()) {
    if (name.ends_with("data.pkl")) {
      throw Error(what_ +
                  ": is a pickle of torch.save, which would have to be run; write it by "
                  "safetensors.torch.save_file(model.state_dict(), \"weights.safetensors\")");
    }
    if (!name.ends_with(kSuffix))
      throw Error(what_ + ": holds \"" + name + "\", which is no array; is it an .npz file?");
    name.resize(name.size() - kSuffix.size());
    names_.push_back(std::move(name));
  }
}

NpyArray NpzReader::read(const std::string& name) const {
  const std::string where = what_ + ": tensor \"" + name + "\"";
  std::string bytes = archive_.read(name + std::string(kSuffix));
  const NpyHead head = parse_npy_head(bytes, where);
  const std::size_t count = elements(head.shape, where), size = size_of(head.dtype);
  if (bytes.size() - head.size != count * size) {
    throw Error(where + " has " + std::to_string(bytes.size() - head.size) + " bytes, which its shape " +
                text_of(head.shape) + " does not need; the file is damaged");
  }
  bytes.erase(0, head.size);
  if (head.is_fortran && head.shape.size() == 2) {
    bytes = row_major(bytes, head.shape[0], head.shape[1], size);
  } else if (head.is_fortran && head.shape.size() > 2) {
    throw Error(where + " of the shape " + text_of(head.shape) +
                " is in Fortran's order; write it by ascontiguousarray");
  }
  return {head.dtype, head.shape, std::move(bytes)};
}
}  // namespace podium::interop
