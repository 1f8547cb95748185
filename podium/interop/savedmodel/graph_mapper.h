#pragma once
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "podium/interop/proto/tensorflow.pb.h"
#include "podium/interop/savedmodel/known_numbers.h"
#include "podium/interop/savedmodel/saved_state.h"
#include "podium/interop/term.h"

namespace podium::interop {
/// Of TensorFlow's DataType.
ColumnKind kind_of(int type);

/// Reads a graph of operations backwards from a value, and says it in Podium's nodes. It goes by operations and their
/// attributes alone, never by names.
class GraphMapper {
 public:
  /// inputs: the placeholders and the columns that they are.
  GraphMapper(const GraphView& graph, const SavedState& state, std::map<const tf::NodeDef*, Term> inputs,
              GraphImporter& importer);

  /// The value as columns of numbers. Throws Error naming the operation that Podium has nothing for.
  graph::ValueId vector(const GraphValue& value);

 private:
  using Rule = Term (GraphMapper::*)(const GraphValue&);
  static const std::map<std::string, Rule, std::less<>>& rules();

  /// A dense layer before its activation.
  struct DenseParts {
    GraphValue input;
    GraphValue kernel;
    std::optional<GraphValue> bias;
    bool is_transposed = false;
  };
  /// A product written out: scale * factors[0] * factors[1] ...
  struct Product {
    float scale = 1.0F;
    std::vector<GraphValue> factors;
    std::size_t rank = 0;  // the most axes of a number that went into the scale
  };

  Term map(const GraphValue& value);
  Term numbers(const GraphValue& value);  // whose `what` is a ValueId
  std::vector<std::int64_t> target_shape(const GraphValue& value) const;
  std::size_t axis(const GraphValue& value, std::size_t rank) const;
  bool is_count_of_rows(const GraphValue& size) const;
  bool has_rows(GraphValue value) const;
  std::vector<std::int64_t> known_integers(const GraphValue& value) const;
  std::optional<std::int64_t> known_integer(const GraphValue& value) const { return known_numbers_.integer(value); }
  Array weights_of(const GraphValue& value) const;
  void refuse_other_precision(const GraphValue& value) const;
  GraphValue input(const GraphValue& value, std::size_t index) const { return graph_.input(value, index); }

  Term find(const GraphValue& value);
  Term hash(const GraphValue& value);
  Term select(const GraphValue& value);
  Term cast(const GraphValue& value);
  Term as_string(const GraphValue& value);
  Term gather(const GraphValue& value);
  Term concat(const GraphValue& value);
  Term reshape(const GraphValue& value);
  Term expand(const GraphValue& value);
  Term squeeze(const GraphValue& value);
  Term matrix_product(const GraphValue& value);
  Term batch_product(const GraphValue& value);
  Term sum_of_products(const GraphValue& value);
  Term add(const GraphValue& value);
  Term subtract(const GraphValue& value);
  Term multiply(const GraphValue& value);
  Term nested_product(const GraphValue& value);
  Term activation(const GraphValue& value);

  Term with_wrap(const GraphValue& condition, const GraphValue& chosen, const GraphValue& otherwise,
                 const GraphValue& value);
  Term with_hash(Term ids, const GraphValue& none, const GraphValue& hashed, const GraphValue& value);
  static bool is_broadcast(const GraphValue& number, const Term& beside);
  Term with_override(Term ids, const GraphValue& condition, const GraphValue& id, const GraphValue& value) const;
  std::optional<DenseParts> dense_parts(const GraphValue& value) const;
  std::optional<Product> product(const GraphValue& value, std::size_t depth = 0) const;
  bool is_gelu(const GraphValue& gate, const GraphValue& input, float scale) const;
  bool is_swish(const GraphValue& gate, const GraphValue& input) const;
  Term activated(const GraphValue& value, graph::Activation activation, const tf::NodeDef& node);
  [[noreturn]] void refuse(const GraphValue& value, const std::string& why) const;

  const GraphView& graph_;
  const SavedState& state_;
  KnownNumbers known_numbers_;
  std::map<const tf::NodeDef*, Term> inputs_;
  GraphImporter& importer_;
  std::map<GraphValue, Term> known_;
  mutable std::map<const tf::NodeDef*, std::size_t> constants_;  // those that are weights, numbered
  std::size_t depth_ = 0;
};
}  // namespace podium::interop
