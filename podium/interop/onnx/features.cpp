#include <algorithm>
#include <utility>

#include "podium/core/error.h"
#include "podium/interop/onnx/builder.h"
#include "podium/interop/onnx/translate.h"

namespace podium::interop::onnx {
namespace {
constexpr const char* kMlDomain = "ai.onnx.ml";

std::string fingerprint_name(const std::string& column) { return column + "_fingerprint"; }

ElementType own_type(const graph::Feature& feature) {
  struct Visitor {
    ElementType operator()(const graph::Text&) const { return ElementType::strings; }
    ElementType operator()(const graph::Integer&) const { return ElementType::int64s; }
    ElementType operator()(const graph::Numeric&) const { return ElementType::floats; }
  };
  return std::visit(Visitor{}, feature);
}

/// Keys to ids, `first` and up; all others to `otherwise`.
class LabelEncoder {
 public:
  LabelEncoder(Builder& builder, const std::string& column, std::string output, std::size_t first,
               std::int64_t otherwise)
      : output_(std::move(output)), first_(static_cast<std::int64_t>(first)), otherwise_(otherwise) {
    node_ = builder.node("LabelEncoder", {column}, output_);
    node_->set_domain(kMlDomain);
  }

  void texts(const Strings& values) {
    auto* keys = add_list(node_, "keys_strings", AttributeProto::STRINGS);
    for (std::size_t i = 0; i < values.size(); ++i) keys->add_strings(std::string(values[i]));
    if (values.empty()) keys->add_strings("");
    finish(values.size());
  }

  void numbers(const std::vector<std::int64_t>& values) {
    auto* keys = add_list(node_, "keys_int64s", AttributeProto::INTS);
    keys->mutable_ints()->Add(values.begin(), values.end());
    if (values.empty()) keys->add_ints(0);
    finish(values.size());
  }

  const std::string& output() const { return output_; }

 private:
  void finish(std::size_t values) {
    auto* ids = add_list(node_, "values_int64s", AttributeProto::INTS);
    for (std::size_t i = 0; i < values; ++i) ids->add_ints(first_ + static_cast<std::int64_t>(i));
    if (values == 0) ids->add_ints(otherwise_);  // an encoder without keys is refused: one that is as unknown as all
    set_int(node_, "default_int64", otherwise_);
  }

  std::string output_;
  std::int64_t first_, otherwise_;
  NodeProto* node_ = nullptr;
};

struct Encode {
  std::string operator()(const graph::Text& feature) const {
    const std::size_t unknown = feature.unknown_indices;
    LabelEncoder ids(builder, feature.column, name("ids", feature.column), unknown, none_of(unknown));
    ids.texts(std::get<StringVocabulary>(encoder).values());
    if (unknown == 1) return ids.output();
    const std::string rest = name("rest", feature.column), hashed = name("hash", feature.column);
    builder.node("Mod", {fingerprint_name(feature.column), builder.uint64_scalar("unknown_indices", unknown)}, rest);
    set_int(builder.node("Cast", {rest}, hashed), "to", static_cast<std::int64_t>(ElementType::int64s));
    return with_hash(feature.column, ids.output(), hashed);
  }

  std::string operator()(const graph::Integer& feature) const {
    const std::size_t unknown = feature.unknown_indices;
    if (unknown > 1 && type == ElementType::strings) {
      throw Error("ONNX: column \"" + feature.column + "\" is read as text and as whole numbers with " +
                  std::to_string(unknown) + " unknown_indices; give one of the two a column of its own");
    }
    LabelEncoder ids(builder, feature.column, name("ids", feature.column), unknown, none_of(unknown));
    if (type == ElementType::strings) {
      ids.texts(vocabulary_text(encoder));
    } else {
      ids.numbers(std::get<IntegerVocabulary>(encoder).values());
    }
    if (unknown == 1) return ids.output();
    // The rest of the number by unknown_indices, at least 0.
    const auto count = static_cast<std::int64_t>(unknown);
    const std::string hashed = name("hash", feature.column);
    builder.node("Mod", {feature.column, builder.int64s("unknown_indices", {&count, 1}, {})}, hashed);
    return with_hash(feature.column, ids.output(), hashed);
  }

  /// What a LabelEncoder answers for a value that it lacks, if so many indices are the unknown's.
  static std::int64_t none_of(std::size_t unknown) { return unknown == 1 ? 0 : -1; }

  /// `found`, and `hashed` where nothing was found.
  std::string with_hash(const std::string& column, const std::string& found, const std::string& hashed) const {
    const std::int64_t none = -1;
    const std::string is_unknown = name("is_unknown", column);
    std::string ids = name("all_ids", column);
    builder.node("Equal", {found, builder.int64s("none", {&none, 1}, {})}, is_unknown);
    builder.node("Where", {is_unknown, hashed, found}, ids);
    return ids;
  }

  std::string operator()(const graph::Numeric& feature) const {
    std::string numbers = feature.column;
    if (type != ElementType::floats) {
      numbers = name("numbers", feature.column);
      auto* cast = builder.node("Cast", {feature.column}, numbers);
      set_int(cast, "to", static_cast<std::int64_t>(ElementType::floats));
    }
    const std::int64_t axis = 1;
    const std::string axes = builder.int64s("axes", {&axis, 1}, {1});
    std::string column = name("column", feature.column);
    builder.node("Unsqueeze", {numbers, axes}, column);
    return column;
  }

  std::string name(const char* what, const std::string& column) const {
    return builder.unique_name(std::string(what) + "/" + column);
  }

  Builder& builder;
  const Encoder& encoder;
  ElementType type;  // of the input
};
}  // namespace

ElementType input_type(const Features& features, const std::string& column) {
  ElementType type = ElementType::floats;
  for (const auto& feature : features.features) {
    if (graph::column_of(feature) != column) continue;
    if (own_type(feature) == ElementType::strings) return ElementType::strings;
    if (own_type(feature) == ElementType::int64s) type = ElementType::int64s;
  }
  return type;
}

std::optional<std::string> fingerprint_input(const Features& features, const std::string& column) {
  for (const auto& feature : features.features) {
    const auto* text = std::get_if<graph::Text>(&feature);
    if (text != nullptr && text->column == column && text->unknown_indices > 1) return fingerprint_name(column);
  }
  return std::nullopt;
}

std::string add_feature(Builder& builder, const Features& features, std::size_t feature) {
  const auto& raw = features.features[feature];
  const ElementType type = input_type(features, graph::column_of(raw));
  return std::visit(Encode{builder, features.encoders[feature], type}, raw);
}
}  // namespace podium::interop::onnx
