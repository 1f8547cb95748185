#include "podium/recipe/layout.h"

#include <filesystem>
#include <optional>
#include <utility>

#include "podium/core/error.h"
#include "podium/core/files.h"
#include "podium/recipe/kinds.h"
#include "podium/recipe/options.h"

namespace podium::recipe {
using interop::Layout;

template <>
struct EnumNames<Layout::Order> {
  static constexpr std::array<std::pair<std::string_view, Layout::Order>, 2> all = {
      {{"out_in", Layout::Order::out_in}, {"in_out", Layout::Order::in_out}}};
};

template <>
struct Kind<Layout::Embedding> {
  static constexpr std::string_view name = "embedding";
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("column", self.column, "whose values have rows of the table", Required{});
    visit("tensors", self.tensors, "the table: a module's name, or the tensor's", Required{});
  }
};
template <>
struct Kind<Layout::Linear> {
  static constexpr std::string_view name = "linear";
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("input", self.input, "a layer above; by default the one just above");
    visit("tensors", self.tensors,
          "a module's name: of \"mlp.0\" the file has mlp.0.weight and, with a bias, mlp.0.bias", Required{});
    visit("bias", self.bias, "the bias' tensor, where it is not beside the weight");
    visit("order", self.order,
          "the weight is [out, in] as PyTorch's Linear (out_in), or [in, out] as Keras' Dense (in_out)");
    visit("activation", self.activation, "what follows: relu, sigmoid, tanh, gelu, selu, elu, leaky_relu or silu");
    visit("negative_slope", self.negative_slope, "leaky_relu's, which has to be 0.2");
  }
};
/// Layers that join others.
template <class Layer>
struct Joins {
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("inputs", self.inputs, "layers above, or columns of numbers", Required{});
  }
};
template <>
struct Kind<Layout::Concat> : Joins<Layout::Concat> {
  static constexpr std::string_view name = "concat";
};
template <>
struct Kind<Layout::Dot> : Joins<Layout::Dot> {
  static constexpr std::string_view name = "dot";
};
template <>
struct Kind<Layout::Add> : Joins<Layout::Add> {
  static constexpr std::string_view name = "add";
};
template <>
struct Kind<Layout::Bias> {
  static constexpr std::string_view name = "bias";
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("input", self.input, "a layer above; by default the one just above");
    visit("tensors", self.tensors, "the tensor that is added", Required{});
  }
};
template <>
struct Kind<Layout::Activation> {
  static constexpr std::string_view name = "activation";
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("input", self.input, "a layer above, of one column; by default the one just above");
    visit("activation", self.activation, "relu, sigmoid, tanh, gelu, selu, elu, leaky_relu or silu", Required{});
    visit("negative_slope", self.negative_slope, "leaky_relu's, which has to be 0.2");
  }
};

namespace {
constexpr std::size_t kLargestLayout = 1 << 20;

/// A file's path, "rows", or the values themselves.
struct Vocabulary {
  std::string text;
  std::vector<std::string> words;
  std::vector<std::int64_t> numbers;
  bool is_given = false;
};

void read_one(const Value& value, const std::string& path, Vocabulary& member) {
  member.is_given = true;
  const auto* list = std::get_if<List>(&value.held);
  if (list == nullptr) return read_one(value, path, member.text);
  if (list->empty()) fail(value, path, "is empty; list the values in the order of their rows");
  for (const Value& item : *list) {
    if (const auto* number = std::get_if<std::int64_t>(&item.held)) {
      member.numbers.push_back(*number);
    } else {
      read_one(item, path, member.words.emplace_back());
    }
  }
}

struct Row {
  std::optional<std::uint64_t> row;
};
void read_one(const Value& value, const std::string& path, Row& member) { read_one(value, path, member.row.emplace()); }

struct ColumnSection {
  FeatureType type = FeatureType::text;
  Vocabulary vocabulary;
  Row unknown;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("type", self.type, "text (the default), integer or number; a number is used as it is");
    visit("vocabulary", self.vocabulary,
          "a file of one value a line, or a list of the values, in the order of the table's rows; \"rows\" for whole "
          "numbers that are the rows themselves");
    visit("unknown", self.unknown,
          "which row every unknown value has; without it an unknown value gets a vector of zeros");
  }
};

/// Lists a column's fields.
struct ColumnHelp {
  std::vector<KeyHelp> keys = {};
  void operator()(std::string_view name, const auto& member, std::string_view description) {
    keys.push_back({join("columns.NAME", name), "", type_name(member), "", std::string(description)});
  }
  static std::string type_name(const FeatureType&) { return "text"; }
  static std::string type_name(const Vocabulary&) { return "text or list"; }
  static std::string type_name(const Row&) { return "whole number"; }
};

Layout::Column column_of(const std::string& name, const Value& value) {
  constexpr std::string_view kRows = "rows";
  const std::string path = "columns." + name;
  ColumnSection section;
  read_field(value, path, section);
  const Vocabulary& vocabulary = section.vocabulary;
  const bool is_integer = section.type == FeatureType::integer;
  Layout::Column column{name, Layout::Number{}, section.unknown.row, value.place.text() + ": " + path};
  if (section.type == FeatureType::number) {
    if (vocabulary.is_given || section.unknown.row) fail(value, path, "is a number, which has no vocabulary");
  } else if (!vocabulary.is_given) {
    fail(value, join(path, "vocabulary"),
         std::string("is missing; name a file of one value a line, in the order of the table's rows, or list them") +
             (is_integer ? ", or say \"rows\" where the values are the rows" : ""));
  } else if (is_integer ? !vocabulary.words.empty() : !vocabulary.numbers.empty()) {
    fail(value, join(path, "vocabulary"),
         is_integer ? "lists text; is the type text?" : "lists numbers; say type = \"integer\", or quote them");
  } else if (!vocabulary.words.empty()) {
    column.values = vocabulary.words;
  } else if (!vocabulary.numbers.empty()) {
    column.values = vocabulary.numbers;
  } else if (vocabulary.text == kRows) {
    if (!is_integer)
      fail(value, join(path, "vocabulary"), "is \"rows\", which is for whole numbers; say type = \"integer\"");
    column.values = Layout::Rows{};
  } else if (vocabulary.text.empty()) {
    fail(value, join(path, "vocabulary"), "is empty; it has to be a file's path");
  } else {
    column.values = Layout::File{resolve(value, vocabulary.text), is_integer};
  }
  return column;
}

Layout::Layer layer_of(const std::string& name, const Value& value) {
  const std::string path = "layers." + name;
  Layout::Layer layer{name, {}, value.place.text() + ": " + path};
  if (find(map_of(value, path), "kind") == nullptr) {
    fail(value, join(path, "kind"), "is missing; it can be embedding, linear, concat, dot, add, bias or activation");
  }
  read_kind(value, path, layer.kind);
  return layer;
}
}  // namespace

Layout parse_layout(std::string_view text, const std::string& name, const std::string& folder) {
  if (text.size() > kLargestLayout) throw Error(name + ": larger than 1 MiB; this is not a layout");
  const Value whole = parse_toml(text, name, folder);
  const Map& map = map_of(whole, "layout");
  check_keys(map, "", {"columns", "layers"});
  Layout layout;
  const auto section = [&](const char* key) -> const Map& {
    const Value* found = find(map, key);
    if (found == nullptr) fail(whole, key, "is missing; a layout has [columns] and [layers]");
    return map_of(*found, key);
  };
  for (const auto& [column, value] : section("columns")) layout.columns.push_back(column_of(column, value));
  for (const auto& [layer, value] : section("layers")) layout.layers.push_back(layer_of(layer, value));
  return layout;
}

std::vector<KeyHelp> describe_layout() {
  ColumnHelp columns;
  const ColumnSection section;
  ColumnSection::fields(section, columns);
  Describer layers{"layers.NAME"};
  layers.describe_kinds("layers.NAME", decltype(Layout::Layer::kind){}, "what the layer is (required)");
  layers.keys.front().otherwise = "";  // no kind is the default
  columns.keys.insert(columns.keys.end(), layers.keys.begin(), layers.keys.end());
  return columns.keys;
}

Layout read_layout(const std::string& path) {
  return parse_layout(read_file(path, kLargestLayout), path, std::filesystem::path(path).parent_path().string());
}
}  // namespace podium::recipe
