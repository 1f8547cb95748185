#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "podium/graph/graph.h"
#include "podium/interop/array.h"
#include "podium/interop/import.h"
#include "podium/model/given_up.h"

namespace podium::interop {
/// How another program turned the values of a column into rows of a table.
struct IdMap {
  std::string column;
  bool integers = false;
  std::vector<std::string> words = {};      // the values that have a row of their own, if they are text
  std::vector<std::int64_t> numbers = {};   // and if they are whole numbers
  std::vector<std::int64_t> ids = {};       // [values] their rows
  std::vector<std::int64_t> unknown = {0};  // every other value's row, of several by its hash; one below 0: refused
  std::int64_t wraps = 0;                   // rows below 0 count from the end of a table of so many rows; 0: they don't
  friend bool operator==(const IdMap&, const IdMap&) = default;
};

/// A column whose numbers are the rows themselves. With `wraps` those below 0 count from the end, so that each row has
/// two ids, and two rows here.
IdMap rows_as_ids(const std::string& column, std::size_t rows, bool wraps);

/// Whether each number, and those beside it, are themselves as float32.
bool is_exact_in_float32(const std::vector<std::int64_t>& numbers);

/// Ends of notes on an optimizer.
inline constexpr const char* kStartsAnew = "a training that goes on from this model starts a new one";
inline constexpr const char* kSayIt = "a training that goes on needs it in its recipe's train.optimizer";

/// What an optimizer kept, by the names of the tensors that it belongs to.
struct AdagradState {
  std::map<std::string, Array> accumulators;  // by Array::source of the weights
  std::int64_t step = 0;
  bool epsilon_outside = false;  // TensorFlow's older rule
  /// The other options that the file says, by the names that Podium has for them. A SavedModel lacks most of them.
  std::vector<std::pair<std::string, double>> options = {};
  /// Keras 3 on TensorFlow squares the gradients of an id that a batch holds several times one by one.
  bool sums_squares = false;
};

/// Builds a model of Podium's out of another program's parts: its weights in the places where Podium has them. `where`
/// in each function begins the message of an Error, and names the part as the other program does.
class GraphImporter {
 public:
  graph::ValueId number(const std::string& column);
  /// The first rows of Podium's table are the unknown's, then come the map's values. Throws Error if a row is not in
  /// the table.
  graph::ValueId lookup(const IdMap& map, const Array& table, const std::string& where);
  /// kernel [in, units], bias [units].
  /// l2 adds l2 * sum(kernel^2) to the loss of a training that goes on.
  graph::ValueId dense(graph::ValueId input, Array kernel, std::optional<Array> bias, graph::Activation activation,
                       const std::string& where, float l2 = 0.0F);
  /// activation(x * scale + offset) of one column, as a dense layer of one weight.
  graph::ValueId scale(graph::ValueId input, float scale, float offset, graph::Activation activation,
                       const std::string& where);
  graph::ValueId concat(std::vector<graph::ValueId> inputs);
  graph::ValueId dot(graph::ValueId left, graph::ValueId right, const std::string& where);
  graph::ValueId add(std::vector<graph::ValueId> inputs, const std::string& where);
  /// x + bias, of one number or one for each column. A bias without a source is a constant there.
  graph::ValueId bias(graph::ValueId input, Array bias, const std::string& where);
  graph::ValueId dropout(graph::ValueId input, float rate);

  std::size_t width(graph::ValueId value) const { return widths_[value]; }
  void note(std::string text);
  /// Something of the other program's training that Podium's graph cannot say: a note, and a training that goes on from
  /// the model refuses until its recipe names it. `why` begins with the part that has it.
  void gives_up(GivenUp what, const std::string& why);
  /// The weights, by Array::source, that the other program does not train.
  void set_frozen(std::set<std::string> sources) { frozen_ = std::move(sources); }

  /// outputs: name and value; the prediction is options.output, or the first that has one column.
  Imported finish(std::vector<graph::Output> outputs, const std::optional<AdagradState>& state,
                  const ImportOptions& options);

 private:
  /// A tensor of the graph to be, and which rows of the other program's it took (all, in their order, if empty).
  struct Weight {
    std::string source;
    std::vector<std::size_t> shape;
    std::vector<float> values;
    std::optional<std::vector<std::int64_t>> rows;  // below 0: none
    std::string origin = {};                        // Array's
  };

  graph::ValueId append(graph::Node node, std::size_t width);
  void add_weight(const std::string& name, Weight weight, const std::string& where);
  graph::FeatureId feature(const IdMap& map);
  std::string free_table_name(const std::string& column) const;
  void add_resume(const AdagradState& state, ModelRecord& record);
  std::vector<graph::Output> scores_of(std::vector<graph::Output> outputs, const std::string& chosen);
  std::pair<std::string, std::string> roles(const ImportOptions& options);

  graph::Graph graph_;
  std::vector<std::size_t> widths_;
  std::vector<IdMap> maps_;                            // [features]; a number's has its column only
  std::vector<std::pair<std::string, IdMap>> tables_;  // [graph_.tables]: source and map
  std::map<std::string, Weight> weights_;              // by Podium's names
  std::map<std::string, std::string> used_;            // by source, where it was used first
  std::set<std::string> frozen_;
  std::map<std::string, std::string> given_up_;  // as ModelRecord has them
  std::vector<std::string> notes_;
  std::size_t dense_count_ = 0, bias_count_ = 0;
};
}  // namespace podium::interop
