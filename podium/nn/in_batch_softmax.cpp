#include "podium/nn/in_batch_softmax.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "podium/core/aligned.h"
#include "podium/core/error.h"

namespace podium::nn {
namespace {
constexpr std::size_t kBlock = 256;  // rows of a block of queries or candidates: [256, 256] logits fit in L2

std::size_t blocks_of(std::size_t rows) { return (rows + kBlock - 1) / kBlock; }

ConstMatrixView block(ConstMatrixView matrix, std::size_t index) {
  const std::size_t first = index * kBlock;
  return {matrix.data + first * matrix.stride, std::min(kBlock, matrix.rows - first), matrix.cols, matrix.stride};
}

// A block's rows as the weights of a layer: x [rows, dim] times them transposed is every inner product.
void pack_block(const GemmKernel& kernel, ConstMatrixView rows, PackedWeights& packed) {
  AlignedFloats dense(rows.rows * rows.cols);
  for (std::size_t r = 0; r < rows.rows; ++r) std::ranges::copy(rows.row(r), dense.begin() + r * rows.cols);
  kernel.pack(dense.data(), rows.rows, rows.cols, packed);
}

// One worker's memory for a block of logits and a block's gradient.
struct Room {
  AlignedFloats logits = AlignedFloats(kBlock * kBlock), sum, part;
  GemmScratch scratch;
  MatrixView logits_of(std::size_t rows, std::size_t cols) { return {logits.data(), rows, cols}; }
};

void add_scaled(const AlignedFloats& part, float scale, std::size_t count, AlignedFloats& sum) {
  for (std::size_t i = 0; i < count; ++i) sum[i] += scale * part[i];
}

void store(const AlignedFloats& from, std::size_t first, std::size_t rows, MatrixView to) {
  for (std::size_t r = 0; r < rows; ++r) std::copy_n(from.begin() + r * to.cols, to.cols, to.row(first + r).begin());
}
}  // namespace

InBatchSoftmax::InBatchSoftmax(graph::ValueId query, graph::ValueId candidate, const GemmKernel& kernel,
                               float temperature)
    : inputs_{query, candidate}, kernel_(kernel), temperature_(temperature) {
  if (query == candidate) throw Error("in-batch softmax: query and candidate are one value; give two");
  if (!(temperature > 0.0F)) throw Error("in-batch softmax: the temperature must be above 0");
}

double InBatchSoftmax::run(ThreadPool& pool, const std::vector<ConstMatrixView>& values,
                           const std::vector<MatrixView>& gradients) {
  const ConstMatrixView queries = values[0], candidates = values[1];
  const std::size_t rows = queries.rows, dim = queries.cols, blocks = blocks_of(rows);
  const float scale = 1.0F / temperature_;
  candidate_blocks_.resize(blocks);
  log_sums_.resize(rows);
  std::vector<double> losses(blocks);
  std::vector<Room> rooms(pool.threads());
  for (Room& room : rooms) {
    room.sum.resize(kBlock * dim);
    room.part.resize(kBlock * dim);
  }
  pool.run(blocks, [&](std::size_t index, std::size_t) {
    pack_block(kernel_, block(candidates, index), candidate_blocks_[index]);
  });

  // Partial: a query block streams all candidate blocks for its maxima, sums of exponentials and losses.
  pool.run(blocks, [&](std::size_t index, std::size_t worker) {
    Room& room = rooms[worker];
    const ConstMatrixView mine = block(queries, index);
    std::vector<float> maximum(mine.rows, -std::numeric_limits<float>::infinity());
    std::vector<double> sum(mine.rows, 0.0);
    std::vector<float> own(mine.rows, 0.0F);
    for (std::size_t other = 0; other < blocks; ++other) {
      const MatrixView logits = room.logits_of(mine.rows, block(candidates, other).rows);
      kernel_.backward_input(mine, candidate_blocks_[other], {}, logits, room.scratch);
      for (std::size_t r = 0; r < mine.rows; ++r) {
        const auto row = logits.row(r);
        for (float& logit : row) logit *= scale;
        const float largest = std::max(maximum[r], *std::ranges::max_element(row));
        double here = 0.0;
        for (const float logit : row) here += std::exp(logit - largest);
        sum[r] = sum[r] * std::exp(double{maximum[r]} - largest) + here;
        maximum[r] = largest;
        if (other == index) own[r] = row[r];
      }
    }
    double loss = 0.0;
    for (std::size_t r = 0; r < mine.rows; ++r) {
      const double log_sum = maximum[r] + std::log(sum[r]);
      log_sums_[index * kBlock + r] = static_cast<float>(log_sum);
      loss += log_sum - own[r];
    }
    losses[index] = loss;
  });

  // Combine, in the blocks' order.
  double loss = 0.0;
  for (const double part : losses) loss += part;

  // Finish: the gradient of each query block and of each candidate block, with the logits computed again.
  pool.run(2 * blocks, [&](std::size_t task, std::size_t worker) {
    Room& room = rooms[worker];
    const bool is_query = task < blocks;
    const std::size_t index = task % blocks;
    const std::size_t count = block(queries, index).rows;
    std::ranges::fill(room.sum, 0.0F);
    for (std::size_t other = 0; other < blocks; ++other) {
      const std::size_t query_block = is_query ? index : other, candidate_block = is_query ? other : index;
      const ConstMatrixView mine = block(queries, query_block), theirs = block(candidates, candidate_block);
      const MatrixView excess = room.logits_of(mine.rows, theirs.rows);
      kernel_.backward_input(mine, candidate_blocks_[candidate_block], {}, excess, room.scratch);
      for (std::size_t r = 0; r < mine.rows; ++r) {  // probability minus 1 for the right candidate
        const float log_sum = log_sums_[query_block * kBlock + r];
        for (float& logit : excess.row(r)) logit = std::exp(logit * scale - log_sum);
        if (query_block == candidate_block) excess.row(r)[r] -= 1.0F;
      }
      if (is_query) {
        const MatrixView part(room.part.data(), mine.rows, dim);
        kernel_.forward(excess, candidate_blocks_[candidate_block], nullptr, false, part, room.scratch);
        add_scaled(room.part, scale, mine.rows * dim, room.sum);
      } else {
        std::fill(room.part.begin(), room.part.end(), 0.0F);
        kernel_.backward_weights(excess, mine, room.part.data(), nullptr, room.scratch);
        add_scaled(room.part, scale, theirs.rows * dim, room.sum);
      }
    }
    store(room.sum, index * kBlock, count, gradients[is_query ? 0 : 1]);
  });
  return loss;
}
}  // namespace podium::nn
