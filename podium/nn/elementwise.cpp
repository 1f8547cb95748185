#include <cmath>
#include <cstring>

#include "podium/nn/nodes.h"

namespace podium::nn {
namespace {
void copy(ConstMatrixView from, MatrixView to) {
  for (std::size_t r = 0; r < to.rows; ++r) std::memcpy(to.row(r).data(), from.row(r).data(), to.cols * sizeof(float));
}

void add(ConstMatrixView from, MatrixView to) {
  for (std::size_t r = 0; r < to.rows; ++r) {
    const auto source = from.row(r);
    const auto sum = to.row(r);
    for (std::size_t c = 0; c < sum.size(); ++c) sum[c] += source[c];
  }
}

MatrixView columns(MatrixView matrix, std::size_t first, std::size_t count) {
  return {matrix.data + first, matrix.rows, count, matrix.stride};
}

// What dropout multiplies number (row, column) by: 0 or 1 / (1 - rate). Drawn by the row's place in its batch.
class DropoutScale {
 public:
  DropoutScale(const graph::Dropout& node, const NodePass& pass, std::size_t width)
      : random_(pass.training->dropout.fork(pass.id)),
        step_(pass.training->step),
        width_(width),
        threshold_(static_cast<std::uint64_t>(static_cast<double>(node.rate) * 0x1p32)),
        kept_(1.0F / (1.0F - node.rate)) {}
  float operator()(std::size_t row, std::size_t column) {
    const std::uint64_t place = row * width_ + column;
    if (place / 4 != block_) words_ = random_.block(step_, block_ = place / 4);
    return words_[place % 4] < threshold_ ? 0.0F : kept_;
  }

 private:
  Random random_;
  std::uint64_t step_;
  std::size_t width_;
  std::uint64_t threshold_;
  float kept_;
  std::uint64_t block_ = ~std::uint64_t{0};
  std::array<std::uint32_t, 4> words_ = {};
};
}  // namespace

void NodePass::pass_gradient(graph::ValueId input, ConstMatrixView gradient) const {
  if (!tile.plan(input).trains) return;
  const MatrixView target = input_gradient(input);
  if (first_to_write(input)) {
    copy(gradient, target);
  } else {
    add(gradient, target);
  }
}

// ---- Input: a numeric feature ----
void forward(const graph::Input& node, const NodePass& pass) {
  const Numbers& numbers = std::get<Numbers>(pass.tile.data().features[node.feature]);
  const MatrixView out = pass.tile.value(pass.id);
  const auto rows = pass.tile.rows();
  for (std::size_t r = 0; r < rows.size(); ++r) out.row(r)[0] = numbers[rows[r]];
}
void backward(const graph::Input&, const NodePass&) {}

// ---- Concat: inputs that only it uses live in its buffer already ----
void forward(const graph::Concat& node, const NodePass& pass) {
  const MatrixView out = pass.tile.value(pass.id);
  std::size_t column = 0;
  for (const graph::ValueId input : node.inputs) {
    const Plan::Value& planned = pass.tile.plan(input);
    if (planned.home != pass.tile.plan(pass.id).home) copy(pass.tile.value(input), columns(out, column, planned.width));
    column += planned.width;
  }
}
void backward(const graph::Concat& node, const NodePass& pass) {
  const MatrixView gradient = pass.tile.gradient(pass.id, *pass.sinks);
  std::size_t column = 0;
  for (const graph::ValueId input : node.inputs) {
    const Plan::Value& planned = pass.tile.plan(input);
    if (planned.home == pass.tile.plan(pass.id).home) {
      pass.first_to_write(input);
    } else {
      pass.pass_gradient(input, columns(gradient, column, planned.width));
    }
    column += planned.width;
  }
}

// ---- Dot: the inner product of two vectors ----
void forward(const graph::Dot& node, const NodePass& pass) {
  const MatrixView left = pass.tile.value(node.left), right = pass.tile.value(node.right),
                   out = pass.tile.value(pass.id);
  for (std::size_t r = 0; r < out.rows; ++r) {
    const auto a = left.row(r), b = right.row(r);
    float sum = 0.0F;
    for (std::size_t c = 0; c < a.size(); ++c) sum += a[c] * b[c];
    out.row(r)[0] = sum;
  }
}
void backward(const graph::Dot& node, const NodePass& pass) {
  const MatrixView gradient = pass.tile.gradient(pass.id, *pass.sinks);
  const auto through = [&](graph::ValueId input, graph::ValueId other) {
    const MatrixView vectors = pass.tile.value(other), spare = pass.tile.spare(vectors.cols);
    for (std::size_t r = 0; r < spare.rows; ++r) {
      const float g = gradient.row(r)[0];
      const auto from = vectors.row(r);
      const auto to = spare.row(r);
      for (std::size_t c = 0; c < to.size(); ++c) to[c] = g * from[c];
    }
    pass.pass_gradient(input, spare);
  };
  through(node.left, node.right);
  through(node.right, node.left);
}

// ---- Add ----
void forward(const graph::Add& node, const NodePass& pass) {
  const MatrixView out = pass.tile.value(pass.id);
  copy(pass.tile.value(node.inputs.front()), out);
  for (std::size_t i = 1; i < node.inputs.size(); ++i) add(pass.tile.value(node.inputs[i]), out);
}
void backward(const graph::Add& node, const NodePass& pass) {
  const MatrixView gradient = pass.tile.gradient(pass.id, *pass.sinks);
  for (const graph::ValueId input : node.inputs) pass.pass_gradient(input, gradient);
}

// ---- Bias ----
void forward(const graph::Bias& node, const NodePass& pass) {
  const MatrixView x = pass.tile.value(node.input), out = pass.tile.value(pass.id);
  const auto& bias = pass.weights.tensors[pass.tile.plan(pass.id).bias].values;
  for (std::size_t r = 0; r < out.rows; ++r) {
    const auto from = x.row(r);
    const auto to = out.row(r);
    for (std::size_t c = 0; c < to.size(); ++c) to[c] = from[c] + bias[c];
  }
}
void backward(const graph::Bias& node, const NodePass& pass) {
  const MatrixView gradient = pass.tile.gradient(pass.id, *pass.sinks);
  float* sums = pass.sinks->tensors[pass.tile.plan(pass.id).bias];
  for (std::size_t r = 0; r < gradient.rows; ++r) {
    const auto from = gradient.row(r);
    for (std::size_t c = 0; c < from.size(); ++c) sums[c] += from[c];
  }
  pass.pass_gradient(node.input, gradient);
}

// ---- Dropout ----
void forward(const graph::Dropout& node, const NodePass& pass) {
  const MatrixView x = pass.tile.value(node.input), out = pass.tile.value(pass.id);
  if (pass.training == nullptr || node.rate == 0.0F) {
    copy(x, out);
    return;
  }
  DropoutScale scale(node, pass, out.cols);
  for (std::size_t r = 0; r < out.rows; ++r) {
    const auto from = x.row(r);
    const auto to = out.row(r);
    for (std::size_t c = 0; c < to.size(); ++c) to[c] = from[c] * scale(pass.tile.first() + r, c);
  }
}
void backward(const graph::Dropout& node, const NodePass& pass) {
  const MatrixView gradient = pass.tile.gradient(pass.id, *pass.sinks);
  if (node.rate == 0.0F) {
    pass.pass_gradient(node.input, gradient);
    return;
  }
  DropoutScale scale(node, pass, gradient.cols);
  const MatrixView spare = pass.tile.spare(gradient.cols);
  for (std::size_t r = 0; r < gradient.rows; ++r) {
    const auto from = gradient.row(r);
    const auto to = spare.row(r);
    for (std::size_t c = 0; c < to.size(); ++c) to[c] = from[c] * scale(pass.tile.first() + r, c);
  }
  pass.pass_gradient(node.input, spare);
}
}  // namespace podium::nn
