#pragma once
#include <vector>

#include "podium/nn/batch_loss.h"

namespace podium::nn {
/// Row r's query against every candidate of the batch, its own being right:
///   loss = sum over r of  log(sum over c of exp(q_r . k_c / temperature)) - q_r . k_r / temperature
/// a sum over the queries, as TFRS' Retrieval task has it. Logits are computed by blocks and again for the gradients.
class InBatchSoftmax : public BatchLoss {
 public:
  /// query, candidate: values of one width. The kernel outlives the loss. Throws Error if temperature is not above 0.
  InBatchSoftmax(graph::ValueId query, graph::ValueId candidate, const GemmKernel& kernel, float temperature = 1.0F);
  const std::vector<graph::ValueId>& inputs() const override { return inputs_; }
  double run(ThreadPool& pool, const std::vector<ConstMatrixView>& values,
             const std::vector<MatrixView>& gradients) override;

 private:
  std::vector<graph::ValueId> inputs_;
  const GemmKernel& kernel_;
  float temperature_;
  std::vector<PackedWeights> candidate_blocks_;
  std::vector<float> log_sums_;  // [rows]: log of the sum of exponentials, kept from partial to finish
};
}  // namespace podium::nn
