#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "podium/core/aligned.h"
#include "podium/core/matrix.h"

namespace podium {
/// A dense layer's weights [in, out], laid out as one kernel family wants them, for y = x W and for dx = dz W^T.
/// Only the kernel that packed them may read them.
struct PackedWeights {
  std::size_t in = 0, out = 0;
  AlignedBytes forward, backward;
};

/// Working memory of one thread; kernels grow it when they meet a larger shape, so steady work allocates nothing.
struct GemmScratch {
  AlignedBytes bytes;
};

/// A matrix as a kernel multiplies it, written by the product that made it instead of the matrix itself: the products
/// that read it are spared a conversion each. Only the kernel that wrote it may read it.
struct GemmForm {
  AlignedBytes bytes;
};

/// Forms that stand for matrices of a call, each or null: what is read of a matrix is then its form alone, and of a
/// result nothing else is written. For matrices that GemmKernel::least_formed allows; no bit of a number depends on it.
struct GemmForms {
  const GemmForm* x = nullptr;   // the layer's input; of backward_input the activation that masks dx
  const GemmForm* dz = nullptr;  // the gradient of the layer's output
  GemmForm* result = nullptr;    // y or dx; may be the form of x in backward_input
};

/// The three products of a dense layer on a tile of rows, with their epilogues. A row's result has the same bits in
/// a tile of any size, at any place in it and beside any other rows. Const, so any number of threads may share one;
/// each brings its own scratch. Shapes are the caller's duty (asserted).
class GemmKernel {
 public:
  GemmKernel() = default;
  GemmKernel(const GemmKernel&) = delete;
  GemmKernel& operator=(const GemmKernel&) = delete;
  virtual ~GemmKernel() = default;

  /// "avx512", "avx512_bf16", "amx_bf16", "onednn", "onednn_bf16", "scalar": what a model records and `--kernel` names.
  virtual std::string_view name() const = 0;

  /// Columns that a matrix must have at least to have a form; as many must the layer have that reads it as x.
  virtual std::size_t least_formed() const { return static_cast<std::size_t>(-1); }

  /// weights [in, out], row-major, in and out > 0. Keeps packed's memory when the shape is the one it had.
  virtual void pack(const float* weights, std::size_t in, std::size_t out, PackedWeights& packed) const = 0;

  /// y = x W + bias, then max(y, 0) if with_relu (a NaN stays one).  x [rows, in], y [rows, out]; bias [out] or null. y
  /// must not overlap x.
  virtual void forward(ConstMatrixView x, const PackedWeights& weights, const float* bias, bool with_relu, MatrixView y,
                       GemmScratch& scratch, const GemmForms& forms = {}) const = 0;

  /// Whether a product of `out` columns may be cut along its inner index with the same bits: its sums start from the
  /// bias and take the inner index in order, so that forward of x's first columns, without relu, gives the bias that
  /// forward of the others goes on from.
  virtual bool may_be_cut(std::size_t out) const = 0;

  /// dx = dz W^T, and 0 where relu_output (the activation that x was, [rows, in]) is not above 0; no mask if
  /// relu_output.data is null.  dz [rows, out], dx [rows, in]; dx may be the very memory of relu_output.
  virtual void backward_input(ConstMatrixView dz, const PackedWeights& weights, ConstMatrixView relu_output,
                              MatrixView dx, GemmScratch& scratch, const GemmForms& forms = {}) const = 0;

  /// dweights += x^T dz and dbias += column sums of dz: a tile's rows are summed in an order that depends on their
  /// number alone, then added.
  /// x [rows, in], dz [rows, out], dweights [in, out], dbias [out] or null.
  virtual void backward_weights(ConstMatrixView x, ConstMatrixView dz, float* dweights, float* dbias,
                                GemmScratch& scratch, const GemmForms& forms = {}) const = 0;
};

/// The kernel of that name. "" or "auto" is this CPU's best fp32 kernel, "bf16" its best bf16 kernel.
/// Throws Error if there is none of that name, or if this CPU cannot run it (saying which it can).
const GemmKernel& gemm_kernel(std::string_view name);

/// Whether the kernel of that name rounds what it multiplies to bfloat16.
bool is_bf16(std::string_view kernel);

/// Names that gemm_kernel takes on this CPU, best first.
std::vector<std::string> gemm_kernels();
}  // namespace podium
