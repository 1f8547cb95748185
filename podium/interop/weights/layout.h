#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "podium/graph/graph.h"

namespace podium::interop {
/// What a file of weights alone does not say: the columns that the model is asked with, and its layers in the order in
/// which it computes them. Each layer names tensors of the file and the layers before it; the last is the score.
///
/// `tensors` is the name of a module, as PyTorch's state_dict has it: "mlp.0" are mlp.0.weight and, if it is there,
/// mlp.0.bias. It may be a weight's whole name too.
struct Layout {
  // ---- where a column's values come from ----
  struct File {  // one value per line
    std::string path;
    bool integers = false;
  };
  struct Rows {};    // whole numbers that are rows of the tables themselves
  struct Number {};  // no value has a row: it is used as it is
  struct Column {
    std::string name;
    std::variant<File, std::vector<std::string>, std::vector<std::int64_t>, Rows, Number> values;
    /// Every unknown value's row; the values have the others, in their order. None: a vector of zeros.
    std::optional<std::uint64_t> unknown = {};
    std::string where = {};  // begins the messages: "layout.toml:3: columns.user_id"
  };

  // ---- layers; an empty `input` is the layer before ----
  enum class Order { out_in, in_out };  // PyTorch's Linear has [out, in], Keras' Dense [in, out]
  struct Embedding {                    // a row of the table for each value of the column
    std::string column, tensors;
  };
  struct Linear {
    std::string input = {}, tensors = {}, bias = {};  // bias: a tensor's name, where it is not beside the weight
    Order order = Order::out_in;
    graph::Activation activation = graph::Activation::linear;
    float negative_slope = 0.01F;  // leaky_relu's
  };
  struct Concat {
    std::vector<std::string> inputs;
  };
  struct Dot {
    std::vector<std::string> inputs;  // two
  };
  struct Add {
    std::vector<std::string> inputs;
  };
  struct Bias {  // adds a tensor, the same to every row
    std::string input = {}, tensors = {};
  };
  struct Activation {  // of a layer that has one column
    std::string input = {};
    graph::Activation activation = graph::Activation::sigmoid;
    float negative_slope = 0.01F;
  };
  struct Layer {
    std::string name;
    std::variant<Embedding, Linear, Concat, Dot, Add, Bias, Activation> kind;
    std::string where = {};
  };

  std::vector<Column> columns;
  std::vector<Layer> layers;
};
}  // namespace podium::interop
