#include "podium/interop/keras/hdf5.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "podium/core/error.h"

namespace podium::interop {
namespace {
constexpr std::uint64_t kNowhere = ~std::uint64_t{0};
constexpr std::size_t kDeepest = 32, kMostObjects = 100'000;
enum Message : std::uint16_t {
  kDataspace = 1,
  kLinkInfo = 2,
  kDatatype = 3,
  kLink = 6,
  kLayout = 8,
  kFilters = 11,
  kAttribute = 12,
  kContinuation = 16,
  kSymbolTable = 17
};

/// Little-endian numbers at addresses, each within the file.
class View {
 public:
  View(std::string_view bytes, const std::string& what) : bytes_(bytes), what_(what) {}

  std::string_view at(std::uint64_t address, std::uint64_t size) const {
    if (address > bytes_.size() || size > bytes_.size() - address) fail("leaves the file");
    return bytes_.substr(address, size);
  }
  template <class T>
  T number(std::uint64_t address) const {
    T value{};
    std::memcpy(&value, at(address, sizeof value).data(), sizeof value);
    return value;
  }
  std::uint8_t u8(std::uint64_t address) const { return number<std::uint8_t>(address); }
  std::uint16_t u16(std::uint64_t address) const { return number<std::uint16_t>(address); }
  std::uint32_t u32(std::uint64_t address) const { return number<std::uint32_t>(address); }
  std::uint64_t u64(std::uint64_t address) const { return number<std::uint64_t>(address); }
  void expect(std::uint64_t address, std::string_view signature) const {
    if (at(address, signature.size()) != signature) fail("has no " + std::string(signature) + " where it says so");
  }
  [[noreturn]] void fail(const std::string& why) const {
    throw Error(what_ + ": is no HDF5 file as Keras writes it (" + why +
                "); the file is damaged, or of another program");
  }

 private:
  std::string_view bytes_;
  const std::string& what_;
};

/// Calls use(type, address, size) for the messages of an object header of version 1.
template <class Use>
void each_message(const View& view, std::uint64_t header, const Use& use) {
  if (view.u8(header) != 1) view.fail("an object of a newer version");
  std::size_t left = view.u16(header + 2);
  std::vector<std::pair<std::uint64_t, std::uint64_t>> blocks = {{header + 16, view.u32(header + 8)}};
  for (std::size_t block = 0; block < blocks.size(); ++block) {
    auto [address, size] = blocks[block];
    view.at(address, size);
    while (left > 0 && size >= 8) {
      const std::uint16_t type = view.u16(address);
      const std::uint64_t length = view.u16(address + 2);
      if (length > size - 8) view.fail("a message leaves its block");
      if (type == kContinuation) blocks.emplace_back(view.u64(address + 8), view.u64(address + 16));
      if (blocks.size() > 1000) view.fail("an object in too many pieces");
      use(type, address + 8, length);
      address += 8 + length;
      size -= 8 + length;
      --left;
    }
  }
}

/// Finds the arrays below a group.
class Walk {
 public:
  Walk(const View& view, std::map<std::string, std::uint64_t, std::less<>>& found) : view_(view), found_(found) {}

  void object(std::uint64_t header, const std::string& path, std::size_t depth) {
    if (depth > kDeepest || ++objects_ > kMostObjects) view_.fail("groups within each other without end");
    std::uint64_t tree = kNowhere, heap = kNowhere;
    bool is_array = false, is_newer = false;
    each_message(view_, header, [&](std::uint16_t type, std::uint64_t at, std::uint64_t) {
      if (type == kSymbolTable) {
        tree = view_.u64(at);
        heap = view_.u64(at + 8);
      }
      is_array = is_array || type == kLayout;
      is_newer = is_newer || type == kLinkInfo || type == kLink;
    });
    if (is_newer) view_.fail("groups of a newer version");
    if (is_array) found_.emplace(path, header);
    if (tree != kNowhere) children(tree, heap, path, depth, 0);
  }

 private:
  void children(std::uint64_t tree, std::uint64_t heap, const std::string& path, std::size_t depth, std::size_t level) {
    if (level > kDeepest || ++objects_ > kMostObjects) view_.fail("a group's tree is too deep");
    view_.expect(tree, "TREE");
    const std::size_t used = view_.u16(tree + 6);
    const bool is_leaf = view_.u8(tree + 5) == 0;
    for (std::size_t i = 0; i < used; ++i) {  // key, child, key, child ... key
      const std::uint64_t child = view_.u64(tree + 24 + 16 * i + 8);
      if (is_leaf) {
        symbols(child, heap, path, depth);
      } else {
        children(child, heap, path, depth, level + 1);
      }
    }
  }

  void symbols(std::uint64_t node, std::uint64_t heap, const std::string& path, std::size_t depth) {
    view_.expect(node, "SNOD");
    view_.expect(heap, "HEAP");
    const std::uint64_t names = view_.u64(heap + 24), size = view_.u64(heap + 8);
    const std::string_view segment = view_.at(names, size);
    const std::size_t count = view_.u16(node + 6);
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint64_t entry = node + 8 + 40 * i, at = view_.u64(entry);
      if (at >= segment.size()) view_.fail("a name leaves its heap");
      const auto end = segment.find('\0', at);
      if (end == std::string_view::npos) view_.fail("a name without an end");
      const std::string name(segment.substr(at, end - at));
      object(view_.u64(entry + 8), path.empty() ? name : path + "/" + name, depth + 1);
    }
  }

  const View& view_;
  std::map<std::string, std::uint64_t, std::less<>>& found_;
  std::size_t objects_ = 0;
};

/// What the messages of an array say.
struct Stored {
  std::vector<std::size_t> shape;
  bool is_float = false, is_integer = false;
  std::size_t width = 0;  // of an element
  std::string_view bytes;
};

std::vector<std::size_t> shape_at(const View& view, std::uint64_t at) {
  const std::uint8_t version = view.u8(at), rank = view.u8(at + 1);
  if (version != 1 && version != 2) view.fail("a shape of a newer version");
  std::vector<std::size_t> shape;
  for (std::size_t i = 0; i < rank; ++i) shape.push_back(view.u64(at + (version == 1 ? 8 : 4) + 8 * i));
  return shape;
}

void type_at(const View& view, std::uint64_t at, Stored& stored) {
  constexpr std::uint8_t kFixed = 0, kFloat = 1;
  const std::uint8_t kind = view.u8(at) & 0x0FU;
  const bool is_little = (view.u8(at + 1) & 1U) == 0;
  stored.width = view.u32(at + 4);
  stored.is_integer = kind == kFixed && is_little && (stored.width == 4 || stored.width == 8);
  // IEEE's single: precision 32, exponent of 8 bits at 23, mantissa of 23 at 0, bias 127.
  stored.is_float = kind == kFloat && is_little && stored.width == 4 && view.u16(at + 8) == 0 &&
                    view.u16(at + 10) == 32 && view.u32(at + 12) == 0x17000817U && view.u32(at + 16) == 127;
}

void layout_at(const View& view, std::uint64_t at, Stored& stored) {
  constexpr std::uint8_t kCompact = 0, kContiguous = 1;
  const std::uint8_t version = view.u8(at), kind = view.u8(at + 1);
  if (version != 3 && version != 4) view.fail("data stored by another version");
  if (kind == kCompact) {
    stored.bytes = view.at(at + 4, view.u16(at + 2));
  } else if (kind == kContiguous) {
    const std::uint64_t address = view.u64(at + 2), size = view.u64(at + 10);
    if (address != kNowhere) stored.bytes = view.at(address, size);
  } else {
    view.fail("data in chunks");
  }
}

Stored read_array(const View& view, std::uint64_t header) {
  Stored stored;
  each_message(view, header, [&](std::uint16_t type, std::uint64_t at, std::uint64_t) {
    if (type == kDataspace) stored.shape = shape_at(view, at);
    if (type == kDatatype) type_at(view, at, stored);
    if (type == kLayout) layout_at(view, at, stored);
    if (type == kFilters) view.fail("compressed data");
  });
  return stored;
}

/// Object `index` of a global heap, where texts of any length are.
std::string_view heap_text(const View& view, std::uint64_t heap, std::uint32_t index, std::uint32_t length) {
  view.expect(heap, "GCOL");
  const std::uint64_t size = view.u64(heap + 8);
  view.at(heap, size);
  for (std::uint64_t at = 16; at + 16 <= size;) {  // its number, references, length; then its bytes, padded to 8
    const std::uint64_t bytes = view.u64(heap + at + 8);
    if (bytes > size - at - 16) view.fail("a text leaves its heap");
    if (view.u16(heap + at) == index) return view.at(heap + at + 16, std::min<std::uint64_t>(bytes, length));
    at += 16 + (bytes + 7) / 8 * 8;
  }
  view.fail("a text that its heap lacks");
}

/// An attribute's name, and its value if it is one text.
std::pair<std::string, std::string> attribute_at(const View& view, std::uint64_t at) {
  constexpr std::uint8_t kText = 3, kOfAnyLength = 9;
  const std::uint8_t version = view.u8(at);
  if (version < 1 || version > 3) view.fail("an attribute of a newer version");
  const std::array<std::uint64_t, 3> sizes = {view.u16(at + 2), view.u16(at + 4), view.u16(at + 6)};
  const auto padded = [&](std::uint64_t size) { return version == 1 ? (size + 7) / 8 * 8 : size; };
  const std::uint64_t name_at = at + (version == 3 ? 9 : 8), type = name_at + padded(sizes[0]),
                      shape = type + padded(sizes[1]), value = shape + padded(sizes[2]);
  const std::string_view name = view.at(name_at, sizes[0]);
  std::pair<std::string, std::string> found = {std::string(name.substr(0, name.find('\0'))), ""};
  if (!shape_at(view, shape).empty()) return found;
  const std::uint8_t kind = view.u8(type) & 0x0FU;
  if (kind == kText) found.second = view.at(value, view.u32(type + 4));
  if (kind == kOfAnyLength) {
    found.second = heap_text(view, view.u64(value + 4), view.u32(value + 12), view.u32(value));
  }
  return found;
}

/// Where the object header of a file's root is.
std::uint64_t root_of(const View& view) {
  view.expect(0, "\x89HDF\r\n\x1a\n");
  const std::uint8_t version = view.u8(8);
  if (version > 1) view.fail("a file of a newer version");
  if (view.u8(13) != 8 || view.u8(14) != 8) view.fail("addresses that are not of 64 bits");
  const std::uint64_t start = version == 0 ? 24 : 28;
  if (view.u64(start) != 0) view.fail("a file within a file");
  return view.u64(start + 32 + 8);
}
}  // namespace

Hdf5::Hdf5(std::string_view bytes, std::string what) : what_(std::move(what)), bytes_(bytes) {
  const View view(bytes_, what_);
  Walk(view, headers_).object(root_of(view), "", 0);
}

std::map<std::string, std::string> hdf5_attributes(std::string_view bytes, const std::string& what) {
  const View view(bytes, what);
  std::map<std::string, std::string> found;
  each_message(view, root_of(view), [&](std::uint16_t type, std::uint64_t at, std::uint64_t) {
    if (type == kAttribute) found.insert(attribute_at(view, at));
  });
  return found;
}

std::vector<std::string> Hdf5::paths() const {
  std::vector<std::string> paths;
  for (const auto& [path, header] : headers_) paths.push_back(path);
  return paths;
}

Array Hdf5::floats(std::string_view path) const {
  const auto found = headers_.find(path);
  if (found == headers_.end()) throw Error(what_ + ": has no weights \"" + std::string(path) + "\"");
  const std::string where = what_ + ": \"" + std::string(path) + "\"";
  const Stored stored = read_array(View(bytes_, where), found->second);
  if (!stored.is_float) throw Error(where + " holds no float32 numbers; Podium reads models in float32");
  const std::size_t count = elements(stored.shape, where);
  if (count != stored.bytes.size() / sizeof(float) || stored.bytes.size() % sizeof(float) != 0) {
    throw Error(where + " has " + std::to_string(stored.bytes.size()) + " bytes for the shape " +
                text_of(stored.shape) + "; the file is damaged");
  }
  Array array{std::string(path), stored.shape, std::vector<float>(count)};
  if (count != 0) std::memcpy(array.values.data(), stored.bytes.data(), stored.bytes.size());
  return array;
}

std::int64_t Hdf5::integer(std::string_view path) const {
  const auto found = headers_.find(path);
  if (found == headers_.end()) throw Error(what_ + ": has no \"" + std::string(path) + "\"");
  const std::string where = what_ + ": \"" + std::string(path) + "\"";
  const Stored stored = read_array(View(bytes_, where), found->second);
  if (!stored.is_integer || stored.bytes.size() != stored.width) throw Error(where + " is no single whole number");
  std::int64_t value = 0;
  if (stored.width == 8) {
    std::memcpy(&value, stored.bytes.data(), 8);
  } else {
    std::int32_t narrow = 0;
    std::memcpy(&narrow, stored.bytes.data(), 4);
    value = narrow;
  }
  return value;
}
}  // namespace podium::interop
