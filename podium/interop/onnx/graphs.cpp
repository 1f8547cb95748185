#include <algorithm>
#include <numeric>

#include "podium/core/error.h"
#include "podium/interop/onnx/builder.h"
#include "podium/interop/onnx/translate.h"

namespace podium::interop::onnx {
namespace {
/// Features of the user and of the item.
struct Roles {
  std::size_t user = 0, item = 0;
};

/// The one feature of a column. Throws Error if there is none, several, or one without a vocabulary.
std::size_t only_feature(const ModelView& model, const std::string& column, const char* role) {
  const auto& features = model.features.features;
  std::vector<std::size_t> found;
  for (std::size_t f = 0; f < features.size(); ++f) {
    if (!column.empty() && graph::column_of(features[f]) == column) found.push_back(f);
  }
  if (found.size() != 1 || std::holds_alternative<NumericEncoder>(model.features.encoders[found.front()])) {
    throw Error(std::string("ONNX: a rank graph needs a model with one vocabulary of its ") + role + " column" +
                (column.empty() ? "" : " \"" + column + "\"") + "; export it with the graph predict");
  }
  return found.front();
}

Roles roles_of(const ModelView& model) {
  const Roles roles{.user = only_feature(model, model.options.user, "user"),
                    .item = only_feature(model, model.options.item, "item")};
  if (roles.user == roles.item) throw Error("ONNX: a rank graph needs a user and an item of different columns");
  for (std::size_t f = 0; f < model.features.features.size(); ++f) {
    if (f == roles.user || f == roles.item) continue;
    throw Error("ONNX: a rank graph knows a user and the items only, and the model needs \"" +
                graph::column_of(model.features.features[f]) + "\" too; export it with the graph predict");
  }
  return roles;
}

/// The item vocabulary's values as a constant; its name.
struct AddTitles {
  std::string operator()(const StringVocabulary& vocabulary) const {
    auto* titles = builder.strings("items", vocabulary.size());
    for (std::size_t i = 0; i < vocabulary.size(); ++i) titles->add_string_data(std::string(vocabulary.values()[i]));
    return titles->name();
  }
  std::string operator()(const IntegerVocabulary& vocabulary) const {
    return builder.int64s("items", vocabulary.values(), {vocabulary.size()});
  }
  std::string operator()(const NumericEncoder&) const { throw Error("ONNX: the item has no vocabulary"); }
  Builder& builder;
};

void add_fingerprint(Builder& builder, const Features& features, const std::string& column, const Dimension& rows) {
  if (const auto name = fingerprint_input(features, column)) builder.input(*name, ElementType::uint64s, {rows});
}
}  // namespace

void add_predict(Builder& builder, const ModelView& model) {
  const Features& features = model.features;
  std::vector<std::string> columns;
  for (const auto& feature : features.features) {
    const std::string& column = graph::column_of(feature);
    if (std::ranges::find(columns, column) != columns.end()) continue;
    columns.push_back(column);
    builder.input(column, input_type(features, column), {"batch"});
  }
  for (const std::string& column : columns) add_fingerprint(builder, features, column, "batch");
  const auto widths = graph::widths(model.graph);
  std::vector<std::string> outputs;
  for (const auto& output : model.graph.outputs) {
    outputs.push_back("output_" + std::to_string(outputs.size() + 1));
    builder.output(outputs.back(), ElementType::floats, {"batch", widths[output.value]});
  }
  std::vector<std::string> encoded;
  for (std::size_t f = 0; f < features.features.size(); ++f) encoded.push_back(add_feature(builder, features, f));
  add_nodes(builder, model, encoded, outputs);
}

void add_rank(Builder& builder, const ModelView& model) {
  const Roles roles = roles_of(model);
  const Encoder& items = model.features.encoders[roles.item];
  const std::size_t count = vocabulary_size(items);
  if (count == 0) throw Error("ONNX: the model knows no item to rank; train it with some");
  const ElementType item_type = input_type(model.features, model.options.item);
  builder.input(model.options.user, input_type(model.features, model.options.user), {1});
  add_fingerprint(builder, model.features, model.options.user, std::size_t{1});
  builder.input("k", ElementType::int64s, {1});
  builder.output("top_items", item_type, {"top"});
  builder.output("top_scores", ElementType::floats, {"top"});

  // One row per item of the vocabulary, each with the same user: from here on it is the graph that predicts.
  const std::vector<std::int64_t> sizes = {static_cast<std::int64_t>(count)};
  const std::string size = builder.int64s("item_count", sizes, {1});
  std::vector<std::int64_t> ids(count);
  const std::size_t first = graph::unknown_indices_of(model.features.features[roles.item]);
  std::iota(ids.begin(), ids.end(), static_cast<std::int64_t>(first));
  std::vector<std::string> encoded(2);
  encoded[roles.user] = builder.unique_name("users");
  builder.node("Expand", {add_feature(builder, model.features, roles.user), size}, encoded[roles.user]);
  encoded[roles.item] = builder.int64s("item_ids", ids, {count});
  std::vector<std::string> outputs;
  for (const auto& output : model.graph.outputs) outputs.push_back(builder.unique_name(output.name));
  add_nodes(builder, model, encoded, outputs);

  const std::vector<std::int64_t> flat = {-1};
  const std::string scores = builder.unique_name("scores"), top = builder.unique_name("top_count"),
                    indices = builder.unique_name("top_indices");
  builder.node("Reshape", {outputs.front(), builder.int64s("flat", flat, {1})}, scores);
  builder.node("Min", {"k", size}, top);                           // TopK refuses more than there are
  auto* node = builder.node("TopK", {scores, top}, "top_scores");  // of equal scores the lower index comes first
  node->add_output(indices);
  set_int(node, "axis", 0);
  set_int(node, "largest", 1);
  set_int(node, "sorted", 1);
  set_int(builder.node("Gather", {std::visit(AddTitles{builder}, items), indices}, "top_items"), "axis", 0);
}
}  // namespace podium::interop::onnx
