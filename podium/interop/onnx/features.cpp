#include <algorithm>
#include <utility>

#include "podium/core/error.h"
#include "podium/interop/onnx/translate.h"

namespace podium::interop::onnx {
namespace {
constexpr const char* kMlDomain = "ai.onnx.ml";

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
    if (feature.unknown_indices > 1) {
      throw Error(
          "ONNX: column \"" + feature.column + "\" is text with " + std::to_string(feature.unknown_indices) +
          " unknown_indices, and ONNX has no operator that hashes text; export a SavedModel, or train with one");
    }
    LabelEncoder ids(builder, feature.column, name("ids", feature.column), 1, 0);
    ids.texts(std::get<StringVocabulary>(encoder).values());
    return ids.output();
  }

  std::string operator()(const graph::Integer& feature) const {
    const std::size_t unknown = feature.unknown_indices;
    if (unknown > 1 && type == ElementType::strings) {
      throw Error("ONNX: column \"" + feature.column + "\" is read as text and as whole numbers with " +
                  std::to_string(unknown) + " unknown_indices; give one of the two a column of its own");
    }
    LabelEncoder ids(builder, feature.column, name("ids", feature.column), unknown, unknown == 1 ? 0 : -1);
    if (type == ElementType::strings) {
      ids.texts(vocabulary_text(encoder));
    } else {
      ids.numbers(std::get<IntegerVocabulary>(encoder).values());
    }
    return unknown == 1 ? ids.output() : with_hash(feature, ids.output());
  }

  /// Where no id was found, the rest of the number by unknown_indices, at least 0.
  std::string with_hash(const graph::Integer& feature, const std::string& found) const {
    const auto count = static_cast<std::int64_t>(feature.unknown_indices), none = std::int64_t{-1};
    const std::string hashed = name("hash", feature.column), is_unknown = name("is_unknown", feature.column);
    std::string ids = name("all_ids", feature.column);
    builder.node("Mod", {feature.column, builder.int64s("unknown_indices", {&count, 1}, {})}, hashed);
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

std::string add_feature(Builder& builder, const Features& features, std::size_t feature) {
  const auto& raw = features.features[feature];
  const ElementType type = input_type(features, graph::column_of(raw));
  return std::visit(Encode{builder, features.encoders[feature], type}, raw);
}
}  // namespace podium::interop::onnx
