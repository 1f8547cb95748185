#include "podium/interop/weights/read.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "podium/core/error.h"
#include "podium/core/files.h"
#include "podium/core/table.h"
#include "podium/features/vocabulary_file.h"
#include "podium/interop/foreign_text.h"
#include "podium/interop/graph_importer.h"

namespace podium::interop {
using graph::ValueId;

namespace {
std::string columns_text(std::size_t count) { return std::to_string(count) + (count == 1 ? " column" : " columns"); }

/// Names for a message: the first ten.
std::string listed(const std::vector<std::string>& names) {
  constexpr std::size_t kMost = 10;
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kMost); ++i) text += (i == 0 ? "" : ", ") + names[i];
  return names.size() > kMost ? text + " and " + std::to_string(names.size() - kMost) + " more" : text;
}

/// "; did you mean ...?", or what there is.
std::string advice(const std::string& name, const std::vector<std::string>& known) {
  const auto near = nearest_name(name, {known.begin(), known.end()});
  if (!near.empty()) return "; did you mean " + in_quotes(near) + "?";
  return known.empty() ? "; there is none" : "; there are " + listed(known);
}

/// Takes tensors out of a file, and remembers which.
class TensorTaker {
 public:
  TensorTaker(const TensorFile& file, GraphImporter& importer) : file_(file), importer_(importer) {}

  Array take(const std::string& name) {
    Floats found = file_.floats(name);
    taken_.insert(name);
    if (found.dtype != Dtype::f32) {
      importer_.note(in_quotes(name) + " is " + std::string(name_of(found.dtype)) + "; here it is F32");
    }
    return std::move(found.array);
  }

  /// The first of `endings` that the file has after `tensors`; "" is the name itself. Throws Error if there is none.
  std::string find(const std::string& tensors, const std::vector<std::string>& endings,
                   const std::string& where) const {
    for (const std::string& ending : endings) {
      if (file_.has(tensors + ending)) return tensors + ending;
    }
    const std::string first = tensors + (endings.size() > 1 ? endings[1] : "");
    throw Error(where + ": " + file_.path() + " has no tensor " + in_quotes(first) + advice(first, file_.names()));
  }

  bool has(const std::string& name) const { return file_.has(name); }

  void note_what_is_left() {
    std::vector<std::string> left;
    for (const std::string& name : file_.names()) {
      if (!taken_.contains(name)) left.push_back(name);
    }
    if (!left.empty()) importer_.note("no layer names these tensors, which were left out: " + listed(left));
  }

 private:
  const TensorFile& file_;
  GraphImporter& importer_;
  std::set<std::string> taken_;
};

/// A column's values, once they are known.
struct Values {
  std::vector<std::string> words;
  std::vector<std::int64_t> numbers;
  bool integers = false, are_rows = false;

  std::size_t size() const { return integers ? numbers.size() : words.size(); }
};

Values values_of(const Layout::Column& column) {
  struct Visitor {
    Values operator()(const Layout::File& file) const {
      if (file.integers) return {.words = {}, .numbers = read_integer_vocabulary(file.path), .integers = true};
      const Strings lines = read_vocabulary(file.path);
      Values values;
      for (std::size_t i = 0; i < lines.size(); ++i) values.words.emplace_back(lines[i]);
      return values;
    }
    Values operator()(const std::vector<std::string>& words) const { return {.words = words, .numbers = {}}; }
    Values operator()(const std::vector<std::int64_t>& numbers) const {
      return {.words = {}, .numbers = numbers, .integers = true};
    }
    Values operator()(const Layout::Rows&) const {
      return {.words = {}, .numbers = {}, .integers = true, .are_rows = true};
    }
    Values operator()(const Layout::Number&) const {
      throw Error(where + " is a number, which has no rows; give it a vocabulary");
    }
    const std::string& where;
  };
  try {
    return std::visit(Visitor{column.where}, column.values);
  } catch (const Error& error) {
    if (std::holds_alternative<Layout::File>(column.values)) throw Error(column.where + ".vocabulary: " + error.what());
    throw;
  }
}

/// Which row of a table of `rows` rows each value has. `table` names it, for messages.
IdMap map_of(const Layout::Column& column, const Values& values, std::size_t rows, const std::string& table) {
  const std::size_t others = column.unknown ? 1 : 0;
  const std::string has_rows = in_quotes(table) + " has " + std::to_string(rows) + " rows";
  if (column.unknown && *column.unknown >= rows) {
    throw Error(column.where + ": unknown is row " + std::to_string(*column.unknown) + ", and " + has_rows);
  }
  IdMap map{.column = column.name,
            .integers = values.integers,
            .words = values.words,
            .numbers = values.numbers,
            .unknown = {column.unknown ? static_cast<std::int64_t>(*column.unknown) : -1}};
  for (std::size_t row = 0; row < rows; ++row) {
    if (!column.unknown || row != *column.unknown) map.ids.push_back(static_cast<std::int64_t>(row));
  }
  if (values.are_rows) {
    map.numbers = map.ids;
  } else if (values.size() + others != rows) {
    std::string what = column.where + ": the vocabulary has " + std::to_string(values.size()) + " values" +
                       (column.unknown ? " and the unknown one" : "") + ", and " + has_rows;
    if (!column.unknown && values.size() + 1 == rows) {
      what += "; if one of them is every unknown value's, say which: unknown = 0";
    } else if (column.unknown && values.size() == rows) {
      what += "; if unknown values have none, remove unknown";
    } else {
      what += "; list a value for each row, also for one that only pads";
    }
    throw Error(what);
  }
  return map;
}

class LayoutImporter {
 public:
  LayoutImporter(const TensorFile& file, const Layout& layout)
      : path_(file.path()), layout_(layout), tensors_(file, importer_) {}

  Imported run(const ImportOptions& options) {
    if (layout_.layers.empty()) throw Error("the layout has no layers");
    check_names();
    for (const Layout::Layer& layer : layout_.layers) {
      const ValueId value = std::visit([&](const auto& kind) { return build(kind, layer.where); }, layer.kind);
      values_.emplace_back(layer.name, value);
    }
    check_all_is_read();
    tensors_.note_what_is_left();
    try {
      return importer_.finish({{values_.back().first, values_.back().second}}, std::nullopt, options);
    } catch (const Error& error) {
      throw Error(path_ + ": " + error.what());
    }
  }

 private:
  const Layout::Column* column_named(const std::string& name) const {
    const auto found = std::ranges::find(layout_.columns, name, &Layout::Column::name);
    return found == layout_.columns.end() ? nullptr : &*found;
  }
  static bool is_number(const Layout::Column& column) { return std::holds_alternative<Layout::Number>(column.values); }

  void check_names() const {
    std::set<std::string> names;
    for (const Layout::Column& column : layout_.columns) {
      if (!names.insert(column.name).second) throw Error(column.where + ": two columns have this name");
    }
    names.clear();
    for (const Layout::Layer& layer : layout_.layers) {
      const Layout::Column* column = column_named(layer.name);
      if (column != nullptr && is_number(*column)) {
        throw Error(layer.where + ": a column of numbers has this name already; call the layer otherwise");
      }
      if (!names.insert(layer.name).second) throw Error(layer.where + ": two layers have this name");
    }
  }

  void check_all_is_read() const {
    for (const Layout::Column& column : layout_.columns) {
      if (!read_.contains(column.name)) throw Error(column.where + ": no layer reads this column");
    }
    for (std::size_t i = 0; i + 1 < layout_.layers.size(); ++i) {
      if (read_.contains(layout_.layers[i].name)) continue;
      throw Error(layout_.layers[i].where +
                  ": nothing reads this layer, and the last layer is the score; name it in another's inputs");
    }
  }

  /// A layer above, a column of numbers, or, without a name, the layer just above.
  ValueId input(const std::string& name, const std::string& where) {
    if (name.empty()) {
      if (values_.empty()) throw Error(where + ": is the first layer and has no input; name a column of numbers");
      read_.insert(values_.back().first);
      return values_.back().second;
    }
    read_.insert(name);
    const auto found = std::ranges::find(values_, name, &std::pair<std::string, ValueId>::first);
    if (found != values_.end()) return found->second;
    const Layout::Column* column = column_named(name);
    if (column != nullptr && is_number(*column)) return importer_.number(name);
    std::vector<std::string> known;
    for (const auto& [above, value] : values_) known.push_back(above);
    for (const Layout::Column& number : layout_.columns) {
      if (is_number(number)) known.push_back(number.name);
    }
    throw Error(where + ": its input " + in_quotes(name) + " is no layer above it, and no column of numbers" +
                advice(name, known));
  }
  std::vector<ValueId> inputs(const std::vector<std::string>& names, const std::string& where) {
    std::vector<ValueId> found;
    for (const std::string& name : names) found.push_back(input(name, where));
    if (found.empty()) throw Error(where + ": has no inputs");
    return found;
  }
  /// The inputs of a layer that takes vectors of one length.
  std::vector<ValueId> equal_inputs(const std::vector<std::string>& names, const std::string& where) {
    std::vector<ValueId> found = inputs(names, where);
    for (std::size_t i = 1; i < found.size(); ++i) {
      const std::size_t first = importer_.width(found[0]), other = importer_.width(found[i]);
      if (first == other) continue;
      throw Error(where + ": " + in_quotes(names[0]) + " has " + columns_text(first) + " and " + in_quotes(names[i]) +
                  " " + std::to_string(other) + "; they have to be as long as each other");
    }
    return found;
  }

  ValueId build(const Layout::Embedding& layer, const std::string& where) {
    const Layout::Column* column = column_named(layer.column);
    if (column == nullptr) {
      std::vector<std::string> known;
      for (const Layout::Column& other : layout_.columns) known.push_back(other.name);
      throw Error(where + ": there is no column " + in_quotes(layer.column) + advice(layer.column, known));
    }
    read_.insert(column->name);
    const auto values = known_.contains(column->name) ? known_.find(column->name)
                                                      : known_.emplace(column->name, values_of(*column)).first;
    Array table = tensors_.take(tensors_.find(layer.tensors, {"", ".weight", "/weight"}, where));
    if (table.shape.size() == 1) table.shape.push_back(1);  // a number for each row
    if (table.shape.size() != 2) {
      throw Error(where + ": " + in_quotes(table.source) + " has the shape " + text_of(table.shape) +
                  "; a table has rows and columns");
    }
    const auto [first, is_new] = rows_.try_emplace(column->name, table.source, table.shape[0]);
    if (!is_new && first->second.second != table.shape[0]) {
      throw Error(where + ": " + in_quotes(table.source) + " has " + std::to_string(table.shape[0]) + " rows and " +
                  in_quotes(first->second.first) + " " + std::to_string(first->second.second) +
                  ", both of the column " + in_quotes(column->name));
    }
    return importer_.lookup(map_of(*column, values->second, table.shape[0], table.source), table, where);
  }

  ValueId build(const Layout::Linear& layer, const std::string& where) {
    const ValueId from = input(layer.input, where);
    const bool in_out = layer.order == Layout::Order::in_out;
    std::vector<std::string> endings = {"", ".weight", "/weight"};
    if (in_out) endings.insert(endings.begin() + 1, {".kernel", "/kernel"});
    for (const char* ending : {".kernel", "/kernel"}) {
      if (!in_out && tensors_.has(layer.tensors + ending) && !tensors_.has(layer.tensors + ".weight")) {
        throw Error(where + ": there is " + in_quotes(layer.tensors + ending) +
                    "; a kernel is [in, out], as Keras has it: say order = \"in_out\"");
      }
    }
    Array weight = tensors_.take(tensors_.find(layer.tensors, endings, where));
    const std::string source = weight.source;
    const std::string shape = in_quotes(source) + " has the shape " + text_of(weight.shape);
    const std::size_t wide = importer_.width(from);
    if (weight.shape.size() != 2 || weight.shape[in_out ? 0 : 1] != wide) {
      const bool is_turned = weight.shape.size() == 2 && weight.shape[in_out ? 1 : 0] == wide;
      throw Error(where + ": " + shape + ", read as " + (in_out ? "[in, out]" : "[out, in]") + ", and its input has " +
                  columns_text(wide) +
                  (is_turned ? std::string("; is its order \"") + (in_out ? "out_in" : "in_out") + "\"?" : ""));
    }
    std::optional<Array> bias = bias_of(layer, source, where);
    const std::size_t units = weight.shape[in_out ? 1 : 0];
    if (bias && bias->shape != std::vector<std::size_t>{units}) {
      throw Error(where + ": " + in_quotes(bias->source) + " has the shape " + text_of(bias->shape) + ", and " + shape);
    }
    check_slope(layer.activation, layer.negative_slope, where);
    return importer_.dense(from, in_out ? std::move(weight) : transposed(weight), std::move(bias), layer.activation,
                           where);
  }

  /// The tensor that the layer names, or the one beside its weight.
  std::optional<Array> bias_of(const Layout::Linear& layer, const std::string& weight, const std::string& where) {
    if (!layer.bias.empty()) return tensors_.take(tensors_.find(layer.bias, {""}, where));
    const auto end = weight.find_last_of("./");
    if (end == std::string::npos) return std::nullopt;
    const std::string beside = weight.substr(0, end + 1) + "bias";
    if (!tensors_.has(beside) || beside == weight) return std::nullopt;
    return tensors_.take(beside);
  }

  static void check_slope(graph::Activation activation, float slope, const std::string& where) {
    if (activation != graph::Activation::leaky_relu || slope == 0.2F) return;
    throw Error(where +
                ": Podium's leaky_relu has the slope 0.2 and PyTorch's 0.01 unless it is told otherwise; if the "
                "model's is 0.2, say negative_slope = 0.2, else train with another activation");
  }

  ValueId build(const Layout::Concat& layer, const std::string& where) {
    return importer_.concat(inputs(layer.inputs, where));
  }

  ValueId build(const Layout::Dot& layer, const std::string& where) {
    if (layer.inputs.size() != 2) {
      throw Error(where + ": has " + std::to_string(layer.inputs.size()) + " inputs; a dot has two");
    }
    const auto both = equal_inputs(layer.inputs, where);
    return importer_.dot(both[0], both[1], where);
  }

  ValueId build(const Layout::Add& layer, const std::string& where) {
    return importer_.add(equal_inputs(layer.inputs, where), where);
  }

  ValueId build(const Layout::Bias& layer, const std::string& where) {
    const ValueId from = input(layer.input, where);
    Array bias = tensors_.take(tensors_.find(layer.tensors, {"", ".bias", "/bias"}, where));
    const std::string name = bias.source;
    return importer_.bias(from, std::move(bias), where + ": " + in_quotes(name));
  }

  ValueId build(const Layout::Activation& layer, const std::string& where) {
    check_slope(layer.activation, layer.negative_slope, where);
    return importer_.scale(input(layer.input, where), 1.0F, 0.0F, layer.activation, where);
  }

  const std::string path_;
  const Layout& layout_;
  GraphImporter importer_;
  TensorTaker tensors_;
  std::map<std::string, Values> known_;                              // by column
  std::map<std::string, std::pair<std::string, std::size_t>> rows_;  // by column: its first table, and that one's rows
  std::vector<std::pair<std::string, ValueId>> values_;              // the layers so far
  std::set<std::string> read_;                                       // names of layers and columns
};
}  // namespace

Imported import_weights(const TensorFile& file, const Layout& layout, const ImportOptions& options) {
  return LayoutImporter(file, layout).run(options);
}

Imported import_weights(const std::string& path, const Layout& layout, const ImportOptions& options) {
  if (!path_exists(path))
    throw Error(path + ": is not there; give a .safetensors or .npz file, or a .safetensors.index.json");
  if (!options.signature.empty()) throw Error(path + ": has no signatures, as a SavedModel has; leave out --signature");
  if (is_directory(path)) throw Error(path + ": is a directory; a layout belongs to a .safetensors or .npz file");
  return import_weights(TensorFile(path), layout, options);
}
}  // namespace podium::interop
