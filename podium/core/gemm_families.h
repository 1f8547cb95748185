#pragma once
#include <cstddef>

#include "podium/core/gemm.h"

namespace podium::core {
/// One dense layer's product on a tile, as bare pointers: what the sources compiled with a CPU's own flags take, so
/// that no inline function of a shared header is ever built with them. Shapes and meaning are GemmKernel's.
struct ForwardCall {
  const float* x;  // [rows, in]
  std::size_t x_stride, rows, in, out;
  const std::byte* weights;
  const float* bias;  // [out] or null
  bool relu;
  float* y;  // [rows, out]
  std::size_t y_stride;
  const std::byte* x_form;  // or null
  std::byte* y_form;        // or null
  std::byte* scratch;
};
struct BackwardInputCall {
  const float* dz;  // [rows, out]
  std::size_t dz_stride, rows, in, out;
  const std::byte* weights;
  const float* relu_output;  // [rows, in] or null
  std::size_t relu_stride;
  float* dx;  // [rows, in], may be relu_output
  std::size_t dx_stride;
  const std::byte *x_form, *dz_form;  // or null
  std::byte* dx_form;                 // or null
  std::byte* scratch;
};
struct BackwardWeightsCall {
  const float* x;  // [rows, in]
  std::size_t x_stride;
  const float* dz;  // [rows, out]
  std::size_t dz_stride, rows, in, out;
  float* dweights;                    // [in, out], added to
  float* dbias;                       // [out], added to, or null
  const std::byte *x_form, *dz_form;  // or null
  std::byte* scratch;
};

/// A family of kernels of our own. Memory it is given begins on a cache line.
struct NativeFunctions {
  const char* name;
  bool (*runs_here)();
  std::size_t (*forward_bytes)(std::size_t in, std::size_t out);   // of packed weights
  std::size_t (*backward_bytes)(std::size_t in, std::size_t out);  // of packed, transposed weights
  std::size_t least_formed;                                        // GemmKernel's
  std::size_t (*form_bytes)(std::size_t rows, std::size_t cols);   // null if the family has no forms
  std::size_t (*scratch_bytes)(std::size_t rows, std::size_t in, std::size_t out);
  void (*pack)(const float* weights, std::size_t in, std::size_t out, std::byte* forward, std::byte* backward);
  void (*forward)(const ForwardCall& call);
  void (*backward_input)(const BackwardInputCall& call);
  void (*backward_weights)(const BackwardWeightsCall& call);
  bool (*may_be_cut)(std::size_t out);
};

/// Every family that this build holds, best fp32 first, then best bf16; runs_here says whether the CPU can.
extern const NativeFunctions kAvx512;
extern const NativeFunctions kAvx512Bf16;
extern const NativeFunctions kAmxBf16;

const GemmKernel& scalar_gemm();
/// Null if this build has no oneDNN or the CPU lacks what it needs.
const GemmKernel* onednn_gemm();
const GemmKernel* onednn_bf16_gemm();
}  // namespace podium::core
