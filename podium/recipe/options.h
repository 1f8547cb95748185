#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "podium/data/read.h"
#include "podium/model/given_up.h"
#include "podium/recipe/kinds.h"

/// The sections of a recipe. Each struct lists its keys once; reading, `--set`, `podium help recipe` and the model
/// file's record all visit them.
namespace podium::recipe {
// ---- [data] split ----
struct RandomSplit {
  double test = 0.2;
  std::uint64_t seed = 42;
  static constexpr std::string_view kKind = "random";

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("test", self.test, "share of the rows that is kept for the test", open_share());
    visit("seed", self.seed, "which rows: same seed, same rows");
  }
};
struct TemporalSplit {
  double test = 0.2;
  static constexpr std::string_view kKind = "temporal";

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("test", self.test, "share of the rows, the latest by data.time, that is kept for the test", open_share());
  }
};
struct LeaveLastOut {
  static constexpr std::string_view kKind = "leave_last_out";

  template <class Self, class Visit>
  static void fields(Self&, Visit&&) {}
};
struct KFold {
  std::size_t folds = 5, fold = 0;
  std::uint64_t seed = 42;
  static constexpr std::string_view kKind = "k_fold";

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("folds", self.folds, "into how many parts the rows are cut", at_least(2));
    visit("fold", self.fold, "which part is the test, from 0");
    visit("seed", self.seed, "which rows go into which part");
  }
};
using Split = std::variant<RandomSplit, TemporalSplit, LeaveLastOut, KFold>;

template <>
struct EnumNames<Missing> {
  static constexpr std::array<std::pair<std::string_view, Missing>, 2> all = {
      {{"refuse", Missing::refuse}, {"fill", Missing::fill}}};
};

struct DataSection {
  std::vector<std::string> path, train, test;
  std::string user, item, time;
  std::string delimiter;
  std::vector<std::string> names;
  Missing missing = Missing::refuse;
  Split split = RandomSplit{};
  double validation = 0.0;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("path", self.path, "CSV, TSV, Parquet or Arrow: a file, a list, a glob or a partitioned folder", FilePath{});
    visit("train", self.train, "files to train on; with `test` they replace `path` and `split`", FilePath{});
    visit("test", self.test, "files to test on", FilePath{});
    visit("user", self.user, "the column whose question it is", Required{});
    visit("item", self.item, "the column that is ranked", Required{});
    visit("time", self.time, "the column of times, for the splits temporal and leave_last_out and for the history");
    visit("delimiter", self.delimiter,
          "between a text file's cells; by default found from the file's name and first line");
    visit("names", self.names, "the columns' names, for a text file without a header");
    visit("missing", self.missing,
          "what to do with empty cells: refuse, or fill (text with nothing, a number with its column's mean)");
    visit("split", self.split, "how rows are kept for the test");
    visit("validation", self.validation, "share of the train rows that early stopping watches instead of learning from",
          share());
  }
};

// ---- [features.COLUMN] ----
enum class FeatureType { text, integer, number };
template <>
struct EnumNames<FeatureType> {
  static constexpr std::array<std::pair<std::string_view, FeatureType>, 3> all = {
      {{"text", FeatureType::text}, {"integer", FeatureType::integer}, {"number", FeatureType::number}}};
};

struct FeatureSection {
  std::size_t dim = 32;
  FeatureType type = FeatureType::text;
  std::string vocabulary = "train";
  std::size_t unknown_indices = 1;
  std::string table;
  double l2 = 0.0;
  graph::Initializer initializer = graph::RandomUniform{};

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("dim", self.dim, "length of each value's vector", Range{.low = 1, .high = 65536});
    visit("type", self.type, "text (categorical), integer (categorical whole numbers) or number (used as it is)");
    visit("vocabulary", self.vocabulary,
          "whose values are known: train, all (the test rows' too, never their labels), from (those of train.from's "
          "model and no others), or a file with one value a line",
          FilePath{{"train", "all", "from"}});
    visit("unknown_indices", self.unknown_indices,
          "vectors for values that are not known, shared among them by a hash (StringLookup's num_oov_indices)",
          Range{.low = 1, .high = double{graph::kMostUnknownIndices}});
    visit("table", self.table, "name of the table of vectors; features that name one table share it");
    visit("l2", self.l2,
          "adds l2 times the squared norm of the vectors looked up, the mean over a batch's rows, to its loss",
          at_least(0));
    visit("initializer", self.initializer, "what the vectors start as");
  }
};

// ---- [model] ----
/// The features side by side, through dense layers, to one number.
struct Mlp {
  std::vector<std::size_t> hidden = {256, 64};
  graph::Activation activation = graph::Activation::relu;
  double dropout = 0.0, l2 = 0.0;
  graph::Initializer initializer = graph::GlorotUniform{};
  static constexpr std::string_view kKind = "mlp";

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("hidden", self.hidden, "units of each hidden layer; [] is a linear model", Range{.low = 1, .high = 1048576});
    visit("activation", self.activation, "linear, relu, sigmoid, tanh, gelu, selu, elu, leaky_relu or swish");
    visit("dropout", self.dropout, "chance that a hidden unit is left out of a training step", share());
    visit("l2", self.l2, "adds l2 times the sum of squares of each layer's kernel to the loss", at_least(0));
    visit("initializer", self.initializer, "what the kernels start as");
  }
};

/// The train labels' mean + a number per value of every feature + the inner product of user and item.
struct Factorization {
  bool dot = true;
  double bias_l2 = 0.0;
  static constexpr std::string_view kKind = "factorization";

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("dot", self.dot,
          "add the inner product of the user's and the item's vectors; false leaves the bias terms alone");
    visit("bias_l2", self.bias_l2, "l2 of the bias terms, as a feature's l2 is of its vectors", at_least(0));
  }
};

/// The layers and features of train.from's model, whatever they are: those of an imported model, above all.
struct LayersOfFrom {
  static constexpr std::string_view kKind = "from";

  template <class Self, class Visit>
  static void fields(Self&, Visit&&) {}
};
using ModelKind = std::variant<Mlp, Factorization, LayersOfFrom>;

// ---- [task] ----
enum class TaskKind { ranking };
template <>
struct EnumNames<TaskKind> {
  static constexpr std::array<std::pair<std::string_view, TaskKind>, 1> all = {{{"ranking", TaskKind::ranking}}};
};

struct TaskSection {
  TaskKind kind = TaskKind::ranking;
  std::string label;
  std::string loss = "mean_squared_error";
  std::vector<std::string> metrics = {"rmse", "mae"};

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("kind", self.kind, "ranking: predict the label of each row");
    visit("label", self.label, "the column to predict", Required{});
    visit("loss", self.loss, "what training makes small", OneOf{loss_names()});
    visit("metrics", self.metrics, "what is measured", OneOf{metric_names()});
  }
};

// ---- [train] ----
enum class Precision { fp32, bf16 };
template <>
struct EnumNames<Precision> {
  static constexpr std::array<std::pair<std::string_view, Precision>, 2> all = {
      {{"fp32", Precision::fp32}, {"bf16", Precision::bf16}}};
};

struct StoppingOptions {
  std::size_t patience = 0;
  double min_delta = 0.0;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("patience", self.patience,
          "stop when the validation loss without its l2 terms has not fallen for so many epochs, and keep the best "
          "weights; 0 is off");
    visit("min_delta", self.min_delta, "a fall by less does not count", at_least(0));
  }
};

struct TrainSection {
  Optimizer optimizer = Adagrad{.learning_rate = 0.1};
  std::size_t batch_size = 8192, epochs = 5;
  std::uint64_t seed = 42;
  Shuffle shuffle = Shuffle::each_epoch;
  std::string init, from;
  std::vector<std::string> give_up;
  std::size_t threads = 0;
  Precision precision = Precision::fp32;
  std::string kernel;
  StoppingOptions early_stopping;
  std::size_t checkpoint_steps = 0;
  double checkpoint_minutes = 10.0;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("optimizer", self.optimizer, "how gradients become steps");
    visit("batch_size", self.batch_size, "rows of one step", Range{.low = 1, .high = 1 << 30});
    visit("epochs", self.epochs, "passes over the train rows", Range{.low = 1, .high = 1000000});
    visit("seed", self.seed,
          "of initial weights, shuffles and dropout: same seed, data and build, same model, bit for bit");
    visit("shuffle", self.shuffle, "once (batches made once and reused), each_epoch, or none (the rows' own order)");
    visit("init", self.init, "start from the weights in this safetensors file instead of drawing them", FilePath{});
    visit(
        "from", self.from,
        "go on from this model (FOLDER/NAME is its highest version): the vectors of its values are kept and its "
        "values stay known, but where features.COLUMN.vocabulary is a file; new values are drawn, or stay unknown "
        "where it is \"from\"; its optimizer goes on if it is of the same kind. The layers must be the same; replaces "
        "init",
        FilePath{});
    visit("give_up", self.give_up,
          "what of another program's training may be lost where `from` is an imported model that has it (podium "
          "inspect lists it): sharing, freezing, constants, normalization, regularizers, constraints, gradients, "
          "dropout",
          OneOf{{kGivenUpNames.begin(), kGivenUpNames.end()}});
    visit("threads", self.threads, "0 is all cores; never changes the result", Range{.low = 0, .high = 1024});
    visit("precision", self.precision, "of the dense layers' products: fp32, or bf16 with fp32 weights");
    visit("kernel", self.kernel,
          "pins the dense layers' kernel, for the same bits on another CPU; by default this CPU's best");
    visit("early_stopping", self.early_stopping, "needs data.validation");
    visit("checkpoint_steps", self.checkpoint_steps, "save a checkpoint after so many steps; 0 is off");
    visit("checkpoint_minutes", self.checkpoint_minutes, "save a checkpoint after so many minutes; 0 is off",
          at_least(0));
  }
};

// ---- [save] ----
struct SaveSection {
  bool history = true;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("history", self.history, "keep who has seen what with the model");
  }
};
}  // namespace podium::recipe
