#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

/// A model as plain data. Nothing here computes: the executor (nn/), the shape check, the model file and the exporters
/// each visit these structs, without a catch-all, so that the compiler names every place a new kind has not reached.
namespace podium::graph {
using TableId = std::uint32_t;    // index into Graph::tables
using FeatureId = std::uint32_t;  // index into Graph::features
using ValueId = std::uint32_t;    // index into Graph::nodes: a node's one output

enum class Activation : std::uint8_t { linear, relu, sigmoid, tanh, gelu, selu, elu, leaky_relu, swish };
enum class Combiner : std::uint8_t { sum, mean, sqrtn };  // how a ragged feature's vectors of one row become one

// ---- initializers: by Keras' rules (`keras.initializers`) ----
struct Zeros {};
struct Constant {
  float value = 0.0F;
};
struct RandomUniform {
  float minval = -0.05F, maxval = 0.05F;
};
struct RandomNormal {
  float mean = 0.0F, stddev = 0.05F;
};
struct TruncatedNormal {
  float mean = 0.0F, stddev = 0.05F;
};  // redrawn beyond two standard deviations
struct GlorotUniform {};
struct GlorotNormal {};
struct HeUniform {};
struct HeNormal {};
struct LecunUniform {};
struct LecunNormal {};
using Initializer = std::variant<Zeros, Constant, RandomUniform, RandomNormal, TruncatedNormal, GlorotUniform,
                                 GlorotNormal, HeUniform, HeNormal, LecunUniform, LecunNormal>;

/// One trainable vector per row; weights "embedding/NAME/weight" [rows, dim].
struct Table {
  std::string name;
  std::size_t rows = 0;  // 0 until the features are fitted
  std::size_t dim = 0;
  Initializer initializer = RandomUniform{};
  float l2 = 0.0F;  // adds l2 * (squared norms of the vectors looked up, mean over the batch's rows) to its loss
};

// ---- features: how a raw column becomes ids or floats ----
// Indices 0 to unknown_indices - 1 are those of unknown values, the vocabulary's follow. Which of several an unknown
// value gets is TensorFlow's rule for `num_oov_indices`: text by Fingerprint64 of its bytes, whole numbers by their
// value, modulo unknown_indices.
inline constexpr std::size_t kMostUnknownIndices = 1U << 20;
/// Text: a vocabulary.
struct Text {
  std::string column;
  std::size_t unknown_indices = 1;
  friend bool operator==(const Text&, const Text&) = default;
};
/// Whole numbers: a vocabulary of integers.
struct Integer {
  std::string column;
  std::size_t unknown_indices = 1;
  friend bool operator==(const Integer&, const Integer&) = default;
};
/// A number as it is, as a float.
struct Numeric {
  std::string column;
  friend bool operator==(const Numeric&, const Numeric&) = default;
};
using Feature = std::variant<Text, Integer, Numeric>;

// ---- nodes: each has one output, [rows, width] ----
/// The table's row of each id.  -> [rows, dim]
struct Lookup {
  TableId table = 0;
  FeatureId feature = 0;
  Combiner combiner = Combiner::mean;
};
/// A numeric feature as a column.  -> [rows, 1]
struct Input {
  FeatureId feature = 0;
};
/// The inputs side by side.  -> [rows, sum of widths]
struct Concat {
  std::vector<ValueId> inputs;
};
/// activation(x W + b); weights "NAME/kernel" [in, units], "NAME/bias" [units].
struct Dense {
  ValueId input = 0;
  std::size_t units = 0;
  Activation activation = Activation::linear;
  std::string name;  // "dense_N" by default, N from 0 in the order of the graph
  Initializer kernel = GlorotUniform{};
  Initializer bias = Zeros{};
  float l2 = 0.0F;  // adds l2 * sum(kernel^2) to the loss
  bool use_bias = true;
};
/// Inner product of two vectors.  -> [rows, 1]
struct Dot {
  ValueId left = 0, right = 0;
};
/// The sum of inputs of one width.
struct Add {
  std::vector<ValueId> inputs;
};
/// x + b; weights "NAME/bias" [width].
struct Bias {
  ValueId input = 0;
  std::string name;
  Initializer initializer = Zeros{};
};
/// In training each number is 0 with probability `rate`, else divided by 1 - rate; otherwise the input as it is.
struct Dropout {
  ValueId input = 0;
  float rate = 0.0F;
};
using Node = std::variant<Lookup, Input, Concat, Dense, Dot, Add, Bias, Dropout>;

/// What a model answers with; the first is the prediction.
struct Output {
  std::string name;
  ValueId value = 0;
};

struct Graph {
  std::vector<Table> tables;
  std::vector<Feature> features;
  std::vector<Node> nodes;  // in an order of computation: a node's inputs stand before it
  std::vector<Output> outputs;
};

/// The raw column that a feature reads.
const std::string& column_of(const Feature& feature);
/// How many indices unknown values have; 0 for a number.
std::size_t unknown_indices_of(const Feature& feature);

/// Width of every node's output, [nodes.size()]. Throws Error naming the node if the graph is not sound: ids out of
/// range or not before the node, widths that do not fit, rates outside [0, 1), unknown_indices
/// outside [1, kMostUnknownIndices], a numeric feature in a Lookup, a table
/// of features with different unknown_indices, names twice.
std::vector<std::size_t> widths(const Graph& graph);

/// A tensor that the graph trains: its name, shape, initializer; fans for the initializers that need them.
struct Parameter {
  std::string name;
  std::vector<std::size_t> shape;
  Initializer initializer;
};
/// All trainable tensors: tables first, then the nodes' in their order. The order of Weights::tensors.
std::vector<Parameter> parameters(const Graph& graph);
/// Sum of the parameters' sizes.
std::size_t parameter_count(const Graph& graph);
}  // namespace podium::graph
