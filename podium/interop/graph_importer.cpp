#include "podium/interop/graph_importer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <memory>
#include <utility>

#include "podium/core/error.h"
#include "podium/core/json.h"
#include "podium/core/utf8.h"
#include "podium/interop/foreign_text.h"
#include "podium/nn/optimizer_options.h"

namespace podium::interop {
using namespace graph;

namespace {
/// Some rows of a matrix, in the order asked for; `otherwise` where there is none.
std::vector<float> gather(const std::vector<float>& values, std::size_t dim, const std::vector<std::int64_t>& rows,
                          float otherwise) {
  std::vector<float> taken(rows.size() * dim, otherwise);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i] < 0) continue;
    const auto from = values.begin() + rows[i] * static_cast<std::ptrdiff_t>(dim);
    std::copy_n(from, dim, taken.begin() + static_cast<std::ptrdiff_t>(i * dim));
  }
  return taken;
}

/// The number with the shortest digits that are the same float: 0.1 for 0.10000000149011612. `value` is finite.
double shortest(float value) {
  std::array<char, 32> text{};
  const auto [end, code] = std::to_chars(text.data(), text.data() + text.size(), value);
  return nlohmann::json::parse(text.data(), end).get<double>();
}

Encoder encoder_of(const IdMap& map, const Feature& feature) {
  if (std::holds_alternative<Numeric>(feature)) return NumericEncoder{};
  try {
    if (map.integers) return IntegerVocabulary(map.numbers);
    Strings words;
    for (const std::string& word : map.words) {
      if (utf8_prefix(word) != word.size()) {
        throw Error("a value of the vocabulary is not UTF-8; Podium keeps text in UTF-8");
      }
      words.push_back(word);
    }
    return StringVocabulary(std::move(words));
  } catch (const Error& error) {
    throw Error("column \"" + map.column + "\": " + error.what());
  }
}
}  // namespace

void GraphImporter::gives_up(GivenUp what, const std::string& why) {
  note(why + "; its scores are kept, a training that goes on would not keep this (train.give_up)");
  given_up_.emplace(name_of(what), why);
}

void GraphImporter::note(std::string text) {
  if (std::ranges::find(notes_, text) == notes_.end()) notes_.push_back(std::move(text));
}

ValueId GraphImporter::append(Node node, std::size_t width) {
  graph_.nodes.push_back(std::move(node));
  widths_.push_back(width);
  return static_cast<ValueId>(graph_.nodes.size() - 1);
}

ValueId GraphImporter::number(const std::string& column) {
  const auto found = std::ranges::find(maps_, column, &IdMap::column);
  const auto id = static_cast<FeatureId>(found - maps_.begin());
  if (found == maps_.end()) {
    graph_.features.emplace_back(Numeric{column});
    maps_.push_back({.column = column});
  } else if (!std::holds_alternative<Numeric>(graph_.features[id])) {
    throw Error("column \"" + column + "\": is looked up and used as a number too; give the number another column");
  }
  return append(Input{id}, 1);
}

FeatureId GraphImporter::feature(const IdMap& map) {
  for (std::size_t i = 0; i < maps_.size(); ++i) {
    if (maps_[i].column != map.column) continue;
    const bool same = !std::holds_alternative<Numeric>(graph_.features[i]) && maps_[i].words == map.words &&
                      maps_[i].numbers == map.numbers && maps_[i].unknown.size() == map.unknown.size();
    if (same) return static_cast<FeatureId>(i);
    throw Error("column \"" + map.column +
                "\": is read by two lookups of different vocabularies; give each a column of its own");
  }
  maps_.push_back(map);
  const std::size_t unknown = map.unknown.size();
  graph_.features.push_back(map.integers ? Feature(Integer{map.column, unknown}) : Feature(Text{map.column, unknown}));
  return static_cast<FeatureId>(maps_.size() - 1);
}

bool is_exact_in_float32(const std::vector<std::int64_t>& numbers) {
  constexpr std::int64_t kLimit = std::int64_t{1} << 24;
  return std::ranges::all_of(numbers, [](std::int64_t number) { return number > -kLimit && number < kLimit; });
}

IdMap rows_as_ids(const std::string& column, std::size_t rows, bool wraps) {
  IdMap map{.column = column, .integers = true, .unknown = {-1}};
  const auto count = static_cast<std::int64_t>(rows);
  for (std::int64_t id = 0; id < count; ++id) {
    map.numbers.push_back(id);
    map.ids.push_back(id);
  }
  for (std::int64_t id = -1; wraps && id >= -count; --id) {
    map.numbers.push_back(id);
    map.ids.push_back(count + id);
  }
  return map;
}

std::string GraphImporter::free_table_name(const std::string& column) const {
  const auto taken = [&](const std::string& name) {
    return std::ranges::find(graph_.tables, name, &graph::Table::name) != graph_.tables.end();
  };
  std::string name = column;
  for (std::size_t number = 2; taken(name); ++number) name = column + "_" + std::to_string(number);
  return name;
}

void GraphImporter::add_weight(const std::string& name, Weight weight, const std::string& where) {
  const std::string& origin = weight.source.empty() ? weight.origin : weight.source;
  if (!origin.empty()) {
    const auto [used, is_new] = used_.emplace(origin, where);
    if (!is_new) {
      gives_up(GivenUp::sharing, where + ": shares its weights with " +
                                     (used->second == where ? "another use of it" : used->second) +
                                     ", and both have weights of their own here, as two layers do");
    }
    if (frozen_.contains(origin)) gives_up(GivenUp::freezing, where + ": is not trained (trainable=False)");
  }
  weights_.emplace(name, std::move(weight));
}

ValueId GraphImporter::lookup(const IdMap& map, const Array& table, const std::string& where) {
  if (table.shape.size() != 2 || table.shape[0] == 0 || table.shape[1] == 0) {
    throw Error(where + ": its table has the shape " + text_of(table.shape) + "; Podium's have rows and columns");
  }
  const auto there = static_cast<std::int64_t>(table.shape[0]);
  const std::size_t dim = table.shape[1];
  std::vector<std::int64_t> rows = map.unknown;
  rows.insert(rows.end(), map.ids.begin(), map.ids.end());
  if (map.wraps != 0 && map.wraps != there) {
    throw Error(where + ": counts rows below 0 from row " + std::to_string(map.wraps) + " of a table of " +
                std::to_string(there) + " rows, which is not its end");
  }
  for (std::int64_t& row : rows) {
    if (map.wraps != 0 && row < 0 && row >= -there) row += there;
    const bool is_refused = &row == rows.data() && map.unknown.size() == 1 && row < 0;  // no row for the unknown
    if (!is_refused && (row < 0 || row >= there)) {
      throw Error(where + ": column \"" + map.column + "\" asks for row " + std::to_string(row) + " of a table of " +
                  std::to_string(there) + " rows; the vocabulary and the table are of different models");
    }
  }
  // A row below 0 is no row of an unknown value, which the model refuses, even where it counts from the end.
  const bool has_unknown = map.unknown.size() > 1 || map.unknown.front() >= 0;
  std::vector<std::int64_t> sorted(rows.begin() + (has_unknown ? 0 : 1), rows.end());
  std::ranges::sort(sorted);
  const auto twice = std::ranges::adjacent_find(sorted);
  if (twice != sorted.end() && *twice >= 0) {
    gives_up(GivenUp::sharing, where + ": has one row for several values of column \"" + map.column +
                                   "\", and each has a copy of it here");
  }
  if (rows[0] < 0) {
    note("column \"" + map.column +
         "\": the model refused values that it doesn't know; here they get a vector of zeros");
  }
  const FeatureId by = feature(map);
  std::pair<std::string, IdMap> key = {table.source, map};
  key.second.column.clear();  // two columns of one vocabulary share their table
  const auto found = table.source.empty() ? tables_.end() : std::ranges::find(tables_, key);
  const auto id = static_cast<TableId>(found - tables_.begin());
  if (found == tables_.end()) {
    const std::string name = free_table_name(map.column);
    graph_.tables.push_back({.name = name, .rows = rows.size(), .dim = dim});
    tables_.push_back(std::move(key));
    Weight weight{table.source, {rows.size(), dim}, gather(table.values, dim, rows, 0.0F), rows};
    add_weight("embedding/" + name + "/weight", std::move(weight), where);
  }
  return append(Lookup{.table = id, .feature = by}, dim);
}

ValueId GraphImporter::dense(ValueId input, Array kernel, std::optional<Array> bias, Activation activation,
                             const std::string& where, float l2) {
  if (kernel.shape.size() != 2 || kernel.shape[0] != width(input) || kernel.shape[1] == 0) {
    throw Error(where + ": its kernel has the shape " + text_of(kernel.shape) + ", its input " +
                std::to_string(width(input)) + " columns");
  }
  if (bias && bias->shape != std::vector<std::size_t>{kernel.shape[1]}) {
    throw Error(where + ": its bias has the shape " + text_of(bias->shape) + ", its kernel " + text_of(kernel.shape));
  }
  const std::size_t units = kernel.shape[1];
  Dense node;
  node.input = input;
  node.units = units;
  node.activation = activation;
  node.name = "dense_" + std::to_string(dense_count_++);
  node.use_bias = bias.has_value();
  node.l2 = l2;
  add_weight(node.name + "/kernel",
             {std::move(kernel.source), kernel.shape, std::move(kernel.values), std::nullopt, kernel.origin}, where);
  if (bias) {
    add_weight(node.name + "/bias",
               {std::move(bias->source), bias->shape, std::move(bias->values), std::nullopt, bias->origin}, where);
  }
  return append(std::move(node), units);
}

ValueId GraphImporter::scale(ValueId input, float scale, float offset, Activation activation,
                             const std::string& where) {
  if (width(input) != 1) {
    throw Error(
        where + ": acts on " + std::to_string(width(input)) +
        " columns that no dense layer made; Podium has activations and factors on dense layers, and on one column");
  }
  if (!std::isfinite(scale) || !std::isfinite(offset))
    throw Error(where + ": computes with a constant that is infinite");
  gives_up(GivenUp::constants, where + ": is no layer with weights, and has a weight here");
  std::optional<Array> bias;
  if (offset != 0.0F) bias = Array{"", {1}, {offset}};
  return dense(input, {"", {1, 1}, {scale}}, std::move(bias), activation, where);
}

ValueId GraphImporter::concat(std::vector<ValueId> inputs) {
  std::size_t total = 0;
  for (const ValueId input : inputs) total += width(input);
  return append(Concat{std::move(inputs)}, total);
}

ValueId GraphImporter::dot(ValueId left, ValueId right, const std::string& where) {
  if (width(left) != width(right)) throw Error(where + ": multiplies vectors of different lengths");
  return append(Dot{left, right}, 1);
}

ValueId GraphImporter::add(std::vector<ValueId> inputs, const std::string& where) {
  for (const ValueId input : inputs) {
    if (width(input) != width(inputs.front())) throw Error(where + ": adds vectors of different lengths");
  }
  const std::size_t columns = width(inputs.front());
  return append(Add{std::move(inputs)}, columns);
}

ValueId GraphImporter::bias(ValueId input, Array bias, const std::string& where) {
  if (bias.values.size() == 1 && bias.shape.size() <= 1) {  // one number for every column
    bias.values.assign(width(input), bias.values.front());
    if (width(input) != 1) bias.source.clear();
    bias.shape = {width(input)};
  }
  if (bias.shape != std::vector<std::size_t>{width(input)}) {
    throw Error(where + ": adds a constant of the shape " + text_of(bias.shape) + " to " +
                std::to_string(width(input)) + " columns");
  }
  if (bias.source.empty() && !std::ranges::all_of(bias.values, [](float value) { return std::isfinite(value); })) {
    throw Error(where + ": computes with a constant that is infinite or no number");
  }
  if (bias.source.empty()) gives_up(GivenUp::constants, where + ": adds a constant, which is a weight here");
  Bias node{.input = input, .name = "bias_" + std::to_string(bias_count_++)};
  add_weight(node.name + "/bias", {std::move(bias.source), bias.shape, std::move(bias.values), std::nullopt}, where);
  return append(std::move(node), width(input));
}

ValueId GraphImporter::dropout(ValueId input, float rate) { return append(Dropout{input, rate}, width(input)); }

std::pair<std::string, std::string> GraphImporter::roles(const ImportOptions& options) {
  std::vector<std::string> columns;
  for (std::size_t i = 0; i < maps_.size(); ++i) {
    if (!std::holds_alternative<Numeric>(graph_.features[i])) columns.push_back(maps_[i].column);
  }
  const auto check = [&](const std::string& column, const char* role) {
    if (!column.empty() && std::ranges::find(columns, column) == columns.end()) {
      std::string all;
      for (const auto& known : columns) all += (all.empty() ? "" : ", ") + known;
      throw Error(std::string(role) + " \"" + column + "\" is no column that the model looks up; it has " + all);
    }
  };
  check(options.user, "user");
  check(options.item, "item");
  std::string user = options.user, item = options.item;
  const auto other_than = [&](const std::string& column) { return columns[0] == column ? columns[1] : columns[0]; };
  const bool are_two = columns.size() == 2;
  if (are_two && user.empty() && !item.empty()) user = other_than(item);
  if (are_two && item.empty() && !user.empty()) item = other_than(user);
  const bool is_told = !user.empty() && !item.empty();
  if (user.empty()) {
    for (const char* word : {"user", "customer", "member", "visitor", "query"}) {
      const auto found = std::ranges::find_if(
          columns, [&](const std::string& column) { return column != item && column.find(word) != std::string::npos; });
      if (user.empty() && found != columns.end()) user = *found;
    }
  }
  if (are_two && item.empty() && !user.empty()) item = other_than(user);
  if (user.empty() || item.empty()) {
    note(
        "which column is the user's and which the item's is not clear; say it by --user and --item, or rank won't "
        "work");
  } else if (!is_told) {
    note("user: " + user + ", item: " + item + " (guessed from the names; --user and --item say otherwise)");
  }
  return {user, item};
}

void GraphImporter::add_resume(const AdagradState& state, ModelRecord& record) {
  auto fill = static_cast<float>(Adagrad{}.initial_accumulator_value);
  nlohmann::ordered_json optimizer = {{"kind", Adagrad::kKind}};
  for (const auto& [name, value] : state.options) {
    if (!(std::abs(value) <= std::numeric_limits<float>::max())) {
      note("Adagrad's " + name + " is no number in the file; " + kSayIt);
      continue;
    }
    optimizer[name] = shortest(static_cast<float>(value));
    if (name == "initial_accumulator_value") fill = static_cast<float>(value);
  }
  if (state.sums_squares) optimizer["duplicates"] = "sum_of_squares";
  optimizer["epsilon_outside"] = state.epsilon_outside;
  auto kept = std::make_shared<std::vector<std::vector<float>>>();
  for (const Parameter& parameter : parameters(graph_)) {
    const Weight& weight = weights_.at(parameter.name);
    const auto found = state.accumulators.find(weight.source);
    std::vector<float> values;
    if (found == state.accumulators.end()) {
      values.assign(weight.values.size(), fill);
    } else if (weight.rows) {
      values = gather(found->second.values, weight.shape[1], *weight.rows, fill);
    } else {
      values = found->second.values;
    }
    if (values.size() != weight.values.size()) {
      return note("the optimizer's accumulators do not fit the weights; they were left out");
    }
    kept->push_back(std::move(values));
  }
  for (std::size_t i = 0; const Parameter& parameter : parameters(graph_)) {
    record.resume.push_back(view_of(parameter.name + "/accumulator", parameter.shape, (*kept)[i++]));
  }
  record.storage = kept;
  record.resume_state = nlohmann::ordered_json{{"step", state.step}, {"optimizer", optimizer}}.dump();
  std::string options;
  for (const auto& [name, value] : optimizer.items()) {
    options += (options.empty() ? "" : ", ") + name + " = " + value.dump();
  }
  note("Adagrad's accumulators after " + std::to_string(state.step) + (state.step == 1 ? " step" : " steps") +
       " came along; a recipe goes on as it did with train.from and train.optimizer = { " + options + " }");
}

/// The scores alone, the chosen one first.
std::vector<Output> GraphImporter::scores_of(std::vector<Output> outputs, const std::string& chosen) {
  if (outputs.empty()) throw Error("the model has no output");
  const auto names_of = [&](auto begin, auto end) {
    std::string names;
    for (auto output = begin; output != end; ++output) names += (names.empty() ? "" : ", ") + in_quotes(output->name);
    return names;
  };
  if (!chosen.empty()) {
    const auto found = std::ranges::find(outputs, chosen, &Output::name);
    if (found == outputs.end()) {
      throw Error("has no output " + in_quotes(chosen) + "; it has " + names_of(outputs.begin(), outputs.end()));
    }
    std::rotate(outputs.begin(), found, found + 1);
    if (width(outputs.front().value) != 1) outputs.resize(1);  // refused below
  }
  // A model of several tasks answers with its towers' vectors too.
  const auto is_score = [&](const Output& output) { return width(output.value) == 1; };
  const auto others = std::stable_partition(outputs.begin(), outputs.end(), is_score);  // clang 14 knows no subranges
  if (others != outputs.begin()) {
    for (auto output = others; output != outputs.end(); ++output) {
      note("output " + in_quotes(output->name) + " is no score and was left out");
    }
    outputs.erase(others, outputs.end());
  }
  if (!is_score(outputs.front())) {
    throw Error("output " + in_quotes(outputs.front().name) + " has " + std::to_string(width(outputs.front().value)) +
                " columns; Podium imports models that give a score, one column");
  }
  if (outputs.size() > 1 && chosen.empty()) {
    note("the model gives several scores; predictions are " + in_quotes(outputs.front().name) + ", --output takes " +
         names_of(outputs.begin() + 1, outputs.end()) + " instead");
  }
  return outputs;
}

Imported GraphImporter::finish(std::vector<Output> outputs, const std::optional<AdagradState>& state,
                               const ImportOptions& options) {
  outputs = scores_of(std::move(outputs), options.output);
  if (graph_.features.empty()) throw Error("the model has no input");
  graph_.outputs = std::move(outputs);
  Features features{graph_.features, {}};
  for (std::size_t i = 0; i < maps_.size(); ++i) features.encoders.push_back(encoder_of(maps_[i], graph_.features[i]));
  widths(graph_);  // throws where the graph is not sound
  ModelRecord record;
  const auto [user, item] = roles(options);
  if (state) add_resume(*state, record);
  record.gives_up = given_up_;
  nn::Weights weights;
  for (const Parameter& parameter : parameters(graph_)) {
    const Weight& weight = weights_.at(parameter.name);
    weights.tensors.push_back(
        {parameter.name, parameter.shape, AlignedFloats(weight.values.begin(), weight.values.end())});
  }
  return {Model(graph_, std::move(features), std::move(weights), {.user = user, .item = item}), std::move(record),
          notes_};
}
}  // namespace podium::interop
