#include <algorithm>
#include <cmath>
#include <cstring>

#include "podium/core/gemm_families.h"

namespace podium::core {
namespace {
/// What the products mean: one fused multiply-add after another, inner index ascending. Every other family is tested
/// against this one.
class ScalarGemm final : public GemmKernel {
 public:
  std::string_view name() const override { return "scalar"; }

  void pack(const float* weights, std::size_t in, std::size_t out, PackedWeights& packed) const override {
    packed.in = in;
    packed.out = out;
    packed.forward.resize(in * out * sizeof(float));
    std::memcpy(packed.forward.data(), weights, packed.forward.size());
  }

  void forward(ConstMatrixView x, const PackedWeights& weights, const float* bias, bool relu, MatrixView y,
               GemmScratch&, const GemmForms&) const override {
    assert(x.cols == weights.in && y.cols == weights.out && x.rows == y.rows);
    const float* w = floats(weights);
    for (std::size_t row = 0; row < x.rows; ++row) {
      const auto to = y.row(row);
      for (std::size_t col = 0; col < to.size(); ++col) to[col] = bias ? bias[col] : 0.0F;
      for (std::size_t k = 0; k < x.cols; ++k) {  // k outermost, so that the inner loop runs along memory
        const float value = x.row(row)[k];
        for (std::size_t col = 0; col < to.size(); ++col) to[col] = std::fma(value, w[k * to.size() + col], to[col]);
      }
      for (std::size_t col = 0; col < to.size(); ++col) {
        if (relu && to[col] < 0.0F) to[col] = 0.0F;  // a NaN stays one
      }
    }
  }

  bool may_be_cut(std::size_t) const override { return true; }

  void backward_input(ConstMatrixView dz, const PackedWeights& weights, ConstMatrixView relu_output, MatrixView dx,
                      GemmScratch&, const GemmForms&) const override {
    assert(dz.cols == weights.out && dx.cols == weights.in && dz.rows == dx.rows);
    const float* w = floats(weights);
    for (std::size_t row = 0; row < dz.rows; ++row) {
      for (std::size_t col = 0; col < dx.cols; ++col) {
        float sum = 0.0F;
        for (std::size_t k = 0; k < dz.cols; ++k) sum = std::fma(dz.row(row)[k], w[col * dz.cols + k], sum);
        const bool masked = relu_output.data && !(relu_output.row(row)[col] > 0.0F);
        dx.row(row)[col] = masked ? 0.0F : sum;
      }
    }
  }

  void backward_weights(ConstMatrixView x, ConstMatrixView dz, float* dweights, float* dbias, GemmScratch&,
                        const GemmForms&) const override {
    assert(x.rows == dz.rows);
    for (std::size_t row = 0; row < x.rows; ++row) {
      for (std::size_t i = 0; i < x.cols; ++i) {
        const float value = x.row(row)[i];
        float* to = dweights + i * dz.cols;
        for (std::size_t j = 0; j < dz.cols; ++j) to[j] = std::fma(value, dz.row(row)[j], to[j]);
      }
      for (std::size_t j = 0; dbias && j < dz.cols; ++j) dbias[j] += dz.row(row)[j];
    }
  }

 private:
  static const float* floats(const PackedWeights& weights) {
    return reinterpret_cast<const float*>(weights.forward.data());
  }
};
}  // namespace

const GemmKernel& scalar_gemm() {
  static const ScalarGemm kernel;
  return kernel;
}
}  // namespace podium::core
