#include "podium/interop/savedmodel/plan.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <variant>

#include "podium/core/checksum.h"
#include "podium/core/error.h"

namespace podium::interop::savedmodel {
namespace {
/// How TensorFlow gets a feature's column.
struct InputType {
  tf::DataType operator()(const graph::Text&) const { return tf::DT_STRING; }
  tf::DataType operator()(const graph::Integer&) const { return tf::DT_INT64; }
  tf::DataType operator()(const graph::Numeric&) const { return tf::DT_FLOAT; }
};

void plan_inputs(ExportPlan& plan, NodeNames& names) {
  std::map<std::string, tf::DataType> types;
  for (const graph::Feature& feature : plan.graph->features) {
    const std::string& column = graph::column_of(feature);
    const tf::DataType type = std::visit(InputType{}, feature);
    if (types.try_emplace(column, type).first->second != type) {
      throw Error("column \"" + column +
                  "\": two features read it as values of different types, but TensorFlow's input has one; "
                  "give one of them a column of its own");
    }
  }
  std::map<std::string, std::size_t> places;
  for (const auto& [column, type] : types) {
    places[column] = plan.inputs.size();
    plan.inputs.push_back({column, "", type});
  }
  for (const bool plain : {true, false}) {  // who has a plain name keeps it
    for (ExportInput& input : plan.inputs) {
      const std::string name = parameter_name(input.column);
      if ((name == input.column) == plain) input.name = names.unique(name);
    }
  }
  for (const graph::Feature& feature : plan.graph->features) {
    plan.input_of.push_back(places.at(graph::column_of(feature)));
  }
}

/// What a vocabulary is as a table: the keys' type and a checksum of them; none for numbers.
struct TableOf {
  struct Facts {
    tf::DataType key_type;
    std::string checksum;
  };
  std::optional<Facts> operator()(const StringVocabulary& vocabulary) const {
    const Strings& values = vocabulary.values();
    Checksum sum;
    sum.update(std::as_bytes(values.offsets()));
    sum.update(std::as_bytes(std::span(values.bytes())));
    return Facts{tf::DT_STRING, sum.digits()};
  }
  std::optional<Facts> operator()(const IntegerVocabulary& vocabulary) const {
    return Facts{tf::DT_INT64, checksum(std::as_bytes(std::span(vocabulary.values())))};
  }
  std::optional<Facts> operator()(const NumericEncoder&) const { return std::nullopt; }
};

/// Features of equal vocabularies (those that look up one table have one) share a hash table. Two models in one process
/// share a table by its shared name, so that follows from the contents.
void plan_tables(ExportPlan& plan, const Features& features, NodeNames& names) {
  for (std::size_t f = 0; f < features.encoders.size(); ++f) {
    const auto facts = std::visit(TableOf{}, features.encoders[f]);
    plan.table_of.emplace_back();
    if (!facts) continue;
    const std::size_t unknown = graph::unknown_indices_of(features.features[f]);
    const std::string shared_name = (facts->key_type == tf::DT_STRING ? "podium_text_" : "podium_integer_") +
                                    facts->checksum + (unknown > 1 ? "_from_" + std::to_string(unknown) : "");
    const auto same = std::ranges::find(plan.tables, shared_name, &ExportTable::shared_name);
    plan.table_of.back() = static_cast<std::size_t>(same - plan.tables.begin());
    if (same != plan.tables.end()) continue;
    const std::string name = names.unique("vocabulary/" + graph::column_of(features.features[f]));
    plan.tables.push_back({.values = &features.encoders[f],
                           .first_index = static_cast<std::int64_t>(unknown),
                           .key_type = facts->key_type,
                           .name = name,
                           .keys = names.unique(name + "/keys"),
                           .indices = names.unique(name + "/indices"),
                           .shared_name = shared_name});
  }
}
}  // namespace

std::string parameter_name(std::string_view column) {
  static const std::set<std::string_view> keywords = {
      "False", "None",     "True",  "and",    "as",   "assert", "async",  "await",    "break",
      "class", "continue", "def",   "del",    "elif", "else",   "except", "finally",  "for",
      "from",  "global",   "if",    "import", "in",   "is",     "lambda", "nonlocal", "not",
      "or",    "pass",     "raise", "return", "try",  "while",  "with",   "yield"};
  std::string name;
  for (const char c : column) {
    const bool continues = (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;  // a byte of UTF-8 within a character
    if (!continues) name.push_back(is_letter_or_digit(c) ? c : '_');
  }
  const bool begins_well =
      !name.empty() && is_letter_or_digit(name.front()) && (name.front() < '0' || name.front() > '9');
  return begins_well && !keywords.contains(name) ? name : "arg_" + name;
}

ExportPlan plan_export(const ModelView& model) {
  ExportPlan plan{.graph = &model.graph,
                  .widths = graph::widths(model.graph),
                  .inputs = {},
                  .input_of = {},
                  .tables = {},
                  .table_of = {},
                  .variables = {},
                  .outputs = {}};
  NodeNames names;
  plan_inputs(plan, names);
  plan_tables(plan, model.features, names);
  for (const TensorView& tensor : model.weights) plan.variables.push_back({names.unique(tensor.name), tensor});
  for (const graph::Output& output : plan.graph->outputs) {
    plan.outputs.push_back(
        {"output_" + std::to_string(plan.outputs.size() + 1), output.value, plan.widths[output.value]});
  }
  return plan;
}
}  // namespace podium::interop::savedmodel
