#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "podium/core/gemm.h"
#include "podium/nn/executor.h"

namespace podium::nn {
/// A dense layer over a Concat, as a sum over parts of the Concat: neighbouring lookups of one feature are a part, and
/// so are the inputs between such. What an id's vectors add to the layer, its row of the tables' product with the
/// kernel, is computed before any row comes, where all ids' rows fit; a row of the layer is then a sum of such rows.
/// The first part's sums start from the bias, and the parts are added in order, so a row's values have the same bits
/// whichever products there are. They differ by float32 rounding from those of Executor::forward, which sums over all
/// inputs in one go.
class TableProducts {
 public:
  /// The layer where products of `most_bytes` in all, smallest first, spare the most multiply-adds; computes them: as
  /// many multiply-adds as these parts take for as many rows as their tables have. Nothing if there is none, or if the
  /// kernel rounds to bfloat16, which would turn a difference in the last bits into a larger one. All outlive the
  /// result and stay as they are. Rows must have one id of each of the lookups' features.
  static std::optional<TableProducts> find(const graph::Graph& graph, const Executor& executor,
                                           const GemmKernel& kernel, const Weights& weights, std::size_t most_bytes);

  /// One thread's memory for rows that share an id.
  struct Shared {
    graph::FeatureId feature = 0;  // whose id they share
    AlignedFloats vectors, sums;   // [width of the widest part], [parts, units]
  };
  Shared memory() const;
  /// Computes what an id of the feature adds to the layer, as far as there is no product.
  void start(graph::FeatureId feature, std::uint32_t id, Shared& shared, GemmScratch& scratch) const;

  /// Computes every value of the tile but vectors that only this layer reads and whose part is known. shared: null, or
  /// what start left, and then all rows have its id.
  void forward(const Tile& tile, const Shared* shared) const;

 private:
  struct Part {
    std::size_t column = 0, width = 0;        // in the Concat
    std::optional<graph::FeatureId> feature;  // of its lookups; none: other inputs
    std::vector<graph::ValueId> lookups;
    std::size_t ids = 0;     // rows of the tables
    bool is_chosen = false;  // to have products
    PackedWeights kernel;    // the layer's rows of these columns
    AlignedFloats products;  // [ids, units] or empty
  };
  /// Vectors of one part: row r is at first + (ids ? ids[numbers[r]] : r) * stride.
  struct Rows {
    const float* first;
    std::size_t stride;
    const std::uint32_t* ids;
    const std::uint32_t* numbers;
    const float* row(std::size_t r) const { return first + (ids ? ids[numbers[r]] : r) * stride; }
  };

  TableProducts(const graph::Graph& graph, const Executor& executor, const GemmKernel& kernel, const Weights& weights)
      : graph_(&graph), executor_(&executor), kernel_(&kernel), weights_(&weights) {}
  static std::vector<Part> parts_of(const graph::Graph& graph, const Plan& plan, graph::ValueId concat);
  static std::size_t choose(std::vector<Part>& parts, std::size_t units, std::size_t most_bytes);
  static void add(const Rows& left, const Rows& right, bool with_relu, MatrixView sum);
  void compute_products();
  const float* bias_of(const Part& part) const;
  void multiply(const Part& part, std::size_t first, std::size_t count, float* vectors, float* to,
                GemmScratch& scratch) const;
  Rows rows_of(const Part& part, const Tile& tile, const Shared* shared, MatrixView spare) const;
  void forward_layer(const Tile& tile, const Shared* shared) const;
  bool is_spared(graph::ValueId value, const Shared* shared) const;

  const graph::Graph* graph_;
  const Executor* executor_;
  const GemmKernel* kernel_;
  const Weights* weights_;
  graph::ValueId dense_ = 0;
  std::size_t units_ = 0;
  bool reads_alone_ = false;  // no other node reads the Concat
  std::vector<Part> parts_;
};
}  // namespace podium::nn
