#include "podium/model/model.h"

#include <utility>

#include "podium/core/error.h"
#include "podium/core/gemm.h"
#include "podium/core/thread_pool.h"
#include "podium/nn/predict.h"

namespace podium {
void check_score(const graph::Graph& graph) {
  const std::size_t width = graph::widths(graph)[graph.outputs.front().value];
  if (width == 1) return;
  throw Error("model: output \"" + graph.outputs.front().name + "\" has width " + std::to_string(width) +
              "; a score needs width 1");
}

Model::Model(const GraphBuilder& builder, Features features, const ModelOptions& options)
    : Model(builder.graph(), std::move(features), nn::Weights{}, options) {}

Model::Model(graph::Graph graph, Features features, nn::Weights weights, ModelOptions options)
    : graph_(std::move(graph)),
      features_(std::move(features)),
      weights_(std::move(weights)),
      options_(std::move(options)) {
  if (features_.encoders.size() != graph_.features.size()) {
    throw Error("model: the graph has " + std::to_string(graph_.features.size()) + " features and " +
                std::to_string(features_.encoders.size()) + " are fitted; fit_features() makes one for each");
  }
  const bool is_new = weights_.tensors.empty();
  check_score(graph_);
  if (is_new) size_tables(graph_, features_);
  if (is_new) weights_ = nn::initialize(graph_, options_.seed);
  nn::check_weights(graph_, weights_);
  options_.kernel = gemm_kernel(options_.kernel).name();
}

std::vector<float> Model::predict(const TableView& rows, std::size_t threads) const {
  return predict(encode(features_, rows), threads);
}

std::vector<float> Model::predict(const Batch& rows, std::size_t threads) const {
  ThreadPool pool(rows.rows > 10'000 ? threads : 1);  // threads start slower than a few thousand rows take
  std::vector<float> predictions(rows.rows);
  nn::predict(graph_, weights_, gemm_kernel(options_.kernel), rows, pool, predictions);
  return predictions;
}
}  // namespace podium
