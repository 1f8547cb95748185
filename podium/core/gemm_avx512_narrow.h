#pragma once
// Products with few columns, such as an output head, for AVX-512: a padded panel would waste its lanes. A part of each
// family of kernels for AVX-512, compiled with its flags; nothing else may include it.
#include <immintrin.h>

#include <cstddef>
#include <utility>

#include "podium/core/gemm_families.h"

namespace podium::core {
namespace {
using std::size_t;

constexpr int kLanes = 16;
/// Up to this width a product is computed as dot products along the inner index.
constexpr size_t kNarrow = 8;

constexpr size_t ceil_div(size_t a, size_t b) { return (a + b - 1) / b; }
constexpr size_t smaller(size_t a, size_t b) { return a < b ? a : b; }
__mmask16 first_lanes(size_t count) { return static_cast<__mmask16>(count >= 16 ? 0xFFFF : (1U << count) - 1U); }
/// Lanes of the last vector of `width` columns (width > 0).
[[maybe_unused]] __mmask16 last_lanes(size_t width) { return first_lanes((width - 1) % kLanes + 1); }

/// 16 sums of 16 lanes each, every one added up in the same order, so that a row's place among them doesn't matter.
__m512 add_lanes(__m512 (&v)[16]) {
#pragma GCC unroll 8
  for (int i = 0; i < 8; ++i)  // v[i]: per 128 bits a0+a2, b0+b2, a1+a3, b1+b3 of a = v[i], b = v[i + 8]
    v[i] = _mm512_add_ps(_mm512_unpacklo_ps(v[i], v[i + 8]), _mm512_unpackhi_ps(v[i], v[i + 8]));
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i) {  // v[i]: per 128 bits the whole sums of i, i + 8, i + 4, i + 12
    const __m512d a = _mm512_castps_pd(v[i]), b = _mm512_castps_pd(v[i + 4]);
    v[i] = _mm512_add_ps(_mm512_castpd_ps(_mm512_unpacklo_pd(a, b)), _mm512_castpd_ps(_mm512_unpackhi_pd(a, b)));
  }
#pragma GCC unroll 2
  for (int i = 0; i < 2; ++i)  // 128-bit parts: a0+a2, a1+a3, b0+b2, b1+b3
    v[i] = _mm512_add_ps(_mm512_shuffle_f32x4(v[i], v[i + 2], 0x44), _mm512_shuffle_f32x4(v[i], v[i + 2], 0xEE));
  const __m512 sums = _mm512_add_ps(_mm512_shuffle_f32x4(v[0], v[1], 0x88), _mm512_shuffle_f32x4(v[0], v[1], 0xDD));
  // Now lane 4 q + p holds the sum of v[order(p) + part(q)], p: 0, 8, 4, 12; q: 0, 2, 1, 3. Put them in order.
  const __m512i place = _mm512_setr_epi32(0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15);
  return _mm512_permutexvar_ps(place, sums);
}

/// c = a b with the epilogues of both directions: a [rows, inner], c [rows, cols]; b as pack_matrix laid it out, for
/// few columns [cols, inner].
struct Product {
  const float* a;
  size_t a_stride, rows, inner, cols;
  const float* b;
  const float* bias;
  bool relu;
  const float* mask;
  size_t mask_stride;
  float* c;
  size_t c_stride;
};

/// A layer's forward pass; weights as the family that packed them laid them out.
Product product_of(const ForwardCall& call) {
  return {.a = call.x,
          .a_stride = call.x_stride,
          .rows = call.rows,
          .inner = call.in,
          .cols = call.out,
          .b = reinterpret_cast<const float*>(call.weights),
          .bias = call.bias,
          .relu = call.relu,
          .mask = nullptr,
          .mask_stride = 0,
          .c = call.y,
          .c_stride = call.y_stride};
}

/// R rows by C columns, 16 sums at a time; lane l of a sum holds the inner indices l, l + 16, ...
template <int R, int C>
void run_narrow(const Product& n) {
  for (size_t row = 0; row < n.rows; row += R) {
    for (size_t col = 0; col < n.cols; col += C) {
      const float *a[R], *b[C];  // beyond the end the last one again: computed, not stored
      for (int r = 0; r < R; ++r) a[r] = n.a + smaller(row + static_cast<size_t>(r), n.rows - 1) * n.a_stride;
      for (int c = 0; c < C; ++c) b[c] = n.b + smaller(col + static_cast<size_t>(c), n.cols - 1) * n.inner;
      __m512 sum[16];
#pragma GCC unroll 16
      for (int i = 0; i < 16; ++i) sum[i] = _mm512_setzero_ps();
      for (size_t k = 0; k < n.inner; k += kLanes) {
        const __mmask16 lanes = first_lanes(n.inner - k);
        __m512 weight[C];
#pragma GCC unroll 16
        for (int c = 0; c < C; ++c) weight[c] = _mm512_maskz_loadu_ps(lanes, b[c] + k);
#pragma GCC unroll 16
        for (int r = 0; r < R; ++r) {
          const __m512 value = _mm512_maskz_loadu_ps(lanes, a[r] + k);
#pragma GCC unroll 16
          for (int c = 0; c < C; ++c) sum[r * C + c] = _mm512_fmadd_ps(value, weight[c], sum[r * C + c]);
        }
      }
      const __m512 added = add_lanes(sum);
      if (C == 1 && n.c_stride == 1 && !n.mask) {  // the output head's usual case, without a loop over its elements
        __m512 values = n.bias ? _mm512_add_ps(added, _mm512_set1_ps(n.bias[0])) : added;
        if (n.relu) values = _mm512_max_ps(_mm512_setzero_ps(), values);
        _mm512_mask_storeu_ps(n.c + row, first_lanes(n.rows - row), values);
        continue;
      }
      alignas(64) float sums[16];
      _mm512_store_ps(sums, added);
      for (size_t r = 0; r < smaller(R, n.rows - row); ++r) {
        for (size_t c = 0; c < smaller(C, n.cols - col); ++c) {
          float value = sums[r * C + c];
          if (n.bias) value += n.bias[col + c];
          if (n.relu && value < 0.0F) value = 0.0F;
          if (n.mask && !(n.mask[(row + r) * n.mask_stride + col + c] > 0.0F)) value = 0.0F;
          n.c[(row + r) * n.c_stride + col + c] = value;
        }
      }
    }
  }
}

void narrow_product(const Product& n) {
  if (n.cols == 1) return run_narrow<16, 1>(n);
  if (n.cols == 2) return run_narrow<8, 2>(n);
  return run_narrow<4, 4>(n);
}

/// c += a^T b and sums += column sums of b, for few columns M: as c^T = b^T a, whose rows are as long as a's and fill
/// the lanes.
struct NarrowOuter {
  const float* a;
  size_t a_stride, rows, m;
  const float* b;
  size_t b_stride;
  float* c;     // [m, M]
  float* sums;  // [M] or null
};

template <int M>
void run_narrow_outer(const NarrowOuter& t) {
  constexpr int Z = M <= 4 ? 4 : 2;
  for (size_t first = 0; first < t.m; first += Z * kLanes) {
    __m512 sum[M][Z], column[M];
    __mmask16 lanes[Z];
    for (int z = 0; z < Z; ++z) {
      const size_t start = first + static_cast<size_t>(z) * kLanes;
      lanes[z] = start < t.m ? first_lanes(t.m - start) : __mmask16{0};
    }
#pragma GCC unroll 8
    for (int m = 0; m < M; ++m) {
      column[m] = _mm512_setzero_ps();
#pragma GCC unroll 4
      for (int z = 0; z < Z; ++z) sum[m][z] = _mm512_setzero_ps();
    }
    const float* a = t.a + first;
    const float* b = t.b;
    for (size_t row = 0; row < t.rows; ++row, a += t.a_stride, b += t.b_stride) {
      __m512 left[Z];
#pragma GCC unroll 4
      for (int z = 0; z < Z; ++z) left[z] = _mm512_maskz_loadu_ps(lanes[z], a + z * kLanes);
#pragma GCC unroll 8
      for (int m = 0; m < M; ++m) {
        const __m512 value = _mm512_set1_ps(b[m]);
        column[m] = _mm512_add_ps(column[m], value);
#pragma GCC unroll 4
        for (int z = 0; z < Z; ++z) sum[m][z] = _mm512_fmadd_ps(value, left[z], sum[m][z]);
      }
    }
    for (int m = 0; m < M; ++m) {
      alignas(64) float sums[Z * kLanes];
      for (int z = 0; z < Z; ++z) _mm512_store_ps(sums + z * kLanes, sum[m][z]);
      const size_t count = smaller(Z * kLanes, t.m - first);
      for (size_t i = 0; i < count; ++i) t.c[(first + i) * M + static_cast<size_t>(m)] += sums[i];
      if (first == 0 && t.sums) t.sums[m] += _mm512_cvtss_f32(column[m]);
    }
  }
}

template <int... Cols>
void narrow_outer(size_t cols, const NarrowOuter& t, std::integer_sequence<int, Cols...>) {
  static constexpr void (*by_cols[])(const NarrowOuter&) = {run_narrow_outer<Cols + 1>...};
  by_cols[cols - 1](t);
}

/// The gradient of a layer's weights; at most kNarrow columns.
void narrow_weights(const BackwardWeightsCall& call) {
  narrow_outer(call.out,
               {.a = call.x,
                .a_stride = call.x_stride,
                .rows = call.rows,
                .m = call.in,
                .b = call.dz,
                .b_stride = call.dz_stride,
                .c = call.dweights,
                .sums = call.dbias},
               std::make_integer_sequence<int, kNarrow>());
}

}  // namespace
}  // namespace podium::core
