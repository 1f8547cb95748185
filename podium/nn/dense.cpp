#include <cstring>

#include "podium/nn/activation.h"
#include "podium/nn/nodes.h"

namespace podium::nn {
void forward(const graph::Dense& node, const NodePass& pass) {
  const Plan::Value& planned = pass.tile.plan(pass.id);
  const float* bias = planned.bias == Plan::kNone ? nullptr : pass.weights.tensors[planned.bias].values.data();
  const MatrixView y = pass.tile.value(pass.id);
  const bool relu = node.activation == graph::Activation::relu;
  pass.kernel.forward(pass.tile.value(node.input), pass.packed[planned.kernel], bias, relu, y,
                      pass.tile.workspace().gemm, {.x = pass.tile.form(node.input), .result = pass.tile.form(pass.id)});
  if (relu) return;
  if (const MatrixView kept = pass.tile.preactivation(pass.id); kept.data != nullptr) {
    for (std::size_t r = 0; r < y.rows; ++r) std::memcpy(kept.row(r).data(), y.row(r).data(), y.cols * sizeof(float));
  }
  activate(node.activation, y);
}

void backward(const graph::Dense& node, const NodePass& pass) {
  const Tile& tile = pass.tile;
  const Plan::Value& planned = tile.plan(pass.id);
  const MatrixView dz = tile.gradient(pass.id, *pass.sinks);
  if (!planned.masked) activation_gradient(node.activation, tile.value(pass.id), tile.preactivation(pass.id), dz);

  const MatrixView x = tile.value(node.input);
  GemmScratch& scratch = tile.workspace().gemm;
  float* dbias = planned.bias == Plan::kNone ? nullptr : pass.sinks->tensors[planned.bias];
  const GemmForms forms{.x = tile.form(node.input), .dz = tile.gradient_form(pass.id)};
  // The weights first: the input's gradient may be written over the input.
  pass.kernel.backward_weights(x, dz, pass.sinks->tensors[planned.kernel], dbias, scratch, forms);
  if (!tile.plan(node.input).trains) return;
  const ConstMatrixView mask = tile.plan(node.input).masked ? ConstMatrixView(x) : ConstMatrixView();
  const MatrixView dx = pass.input_gradient(node.input);
  if (pass.first_to_write(node.input)) {
    pass.kernel.backward_input(dz, pass.packed[planned.kernel], mask, dx, scratch,
                               {.x = forms.x, .dz = forms.dz, .result = tile.gradient_form(node.input)});
  } else {
    const MatrixView spare = tile.spare(dx.cols);
    pass.kernel.backward_input(dz, pass.packed[planned.kernel], mask, spare, scratch, {.dz = forms.dz});
    for (std::size_t r = 0; r < dx.rows; ++r) {
      const auto sum = dx.row(r);
      const auto part = spare.row(r);
      for (std::size_t c = 0; c < sum.size(); ++c) sum[c] += part[c];
    }
  }
}
}  // namespace podium::nn
