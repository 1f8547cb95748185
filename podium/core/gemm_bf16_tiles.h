#pragma once
// Shared by the two families whose inputs are bfloat16, each compiled with its own flags: so everything here has
// internal linkage, and nothing else may include it. They differ in how blocks of tiles are multiplied.
#include <cpuid.h>
#include <immintrin.h>

#include "podium/core/gemm_families.h"

namespace podium::core {
namespace {
using std::size_t;
using Bf16 = unsigned short;

// A tile is 16 lines of 64 bytes. Left tiles hold [16 rows][32 inner], right tiles [16 pairs of inner][16 cols][2]:
// what the CPU's tile and dot-product instructions take. A matrix is [blocks of rows or cols][blocks of inner] of
// tiles, with zeros beyond its ends.
constexpr size_t kLines = 16, kInner = 32, kTile = kLines * kInner, kSide = 2 * kLines;

constexpr size_t ceil_div(size_t a, size_t b) { return (a + b - 1) / b; }
constexpr size_t smaller(size_t a, size_t b) { return a < b ? a : b; }
constexpr size_t tiles_bytes(size_t lines, size_t inner) {
  return ceil_div(lines, kLines) * ceil_div(inner, kInner) * kTile * sizeof(Bf16);
}
/// The first lanes of 16, none if begin >= end.
inline __mmask16 lanes_between(size_t begin, size_t end) {
  if (begin >= end) return 0;
  return static_cast<__mmask16>(end - begin >= kLines ? 0xFFFF : (1U << (end - begin)) - 1U);
}
/// low and high rounded to nearest even, low's 16 values first.
inline __m512i rounded(__m512 low, __m512 high) { return reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(high, low)); }

/// a [rows, inner] as left tiles.
inline void left_tiles(const float* a, size_t stride, size_t rows, size_t inner, Bf16* to) {
  const size_t blocks = ceil_div(inner, kInner);
  for (size_t row = 0; row < ceil_div(rows, kLines) * kLines; ++row) {
    Bf16* line = to + row / kLines * blocks * kTile + row % kLines * kInner;
    const float* from = a + smaller(row, rows - 1) * stride;  // beyond the last row: never stored
    for (size_t k = 0; k < inner; k += kInner, line += kTile) {
      const __m512 low = _mm512_maskz_loadu_ps(lanes_between(k, inner), from + k);
      const __m512 high = _mm512_maskz_loadu_ps(lanes_between(k + kLines, inner), from + k + kLines);
      _mm512_store_si512(line, rounded(low, high));
    }
  }
}

/// One line of a right tile: rows `even` and `odd` of b, 16 columns, in pairs.
inline __m512i paired(__m512 even, __m512 odd) {
  const __m512i interleave = _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7, 22,
                                              6, 21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
  return _mm512_permutexvar_epi16(interleave, rounded(even, odd));
}

/// b [inner, cols] as right tiles; sums[j] += column sums in float32, rows in order, unless null.
inline void right_tiles(const float* b, size_t stride, size_t inner, size_t cols, Bf16* to, float* sums) {
  for (size_t col = 0; col < cols; col += kLines) {
    const __mmask16 lanes = lanes_between(col, cols);
    __m512 sum = _mm512_setzero_ps();
    for (size_t k = 0; k < ceil_div(inner, kInner) * kInner; k += 2, to += kInner) {
      const float* from = b + k * stride + col;
      const __m512 even = _mm512_maskz_loadu_ps(k < inner ? lanes : __mmask16{0}, from);
      const __m512 odd = _mm512_maskz_loadu_ps(k + 1 < inner ? lanes : __mmask16{0}, from + stride);
      sum = _mm512_add_ps(_mm512_add_ps(sum, even), odd);
      _mm512_store_si512(to, paired(even, odd));
    }
    if (sums) _mm512_mask_storeu_ps(sums + col, lanes, _mm512_add_ps(sum, _mm512_maskz_loadu_ps(lanes, sums + col)));
  }
}

/// Transposes 16 x 16 values of 32 bits.
inline void transpose(__m512i (&v)[16]) {
  __m512i t[16];
#pragma GCC unroll 8
  for (int i = 0; i < 16; i += 2) {
    t[i] = _mm512_unpacklo_epi32(v[i], v[i + 1]);
    t[i + 1] = _mm512_unpackhi_epi32(v[i], v[i + 1]);
  }
#pragma GCC unroll 4
  for (int i = 0; i < 16; i += 4) {  // v[i + c]: per 128-bit part q column 4 q + c of rows i to i + 3
    v[i] = _mm512_unpacklo_epi64(t[i], t[i + 2]);
    v[i + 1] = _mm512_unpackhi_epi64(t[i], t[i + 2]);
    v[i + 2] = _mm512_unpacklo_epi64(t[i + 1], t[i + 3]);
    v[i + 3] = _mm512_unpackhi_epi64(t[i + 1], t[i + 3]);
  }
#pragma GCC unroll 4
  for (int c = 0; c < 4; ++c) {
    t[c] = _mm512_shuffle_i32x4(v[c], v[c + 4], 0x88);           // parts 0, 2 of rows 0-3, then of rows 4-7
    t[c + 4] = _mm512_shuffle_i32x4(v[c], v[c + 4], 0xDD);       // parts 1, 3
    t[c + 8] = _mm512_shuffle_i32x4(v[c + 8], v[c + 12], 0x88);  // the same of rows 8-15
    t[c + 12] = _mm512_shuffle_i32x4(v[c + 8], v[c + 12], 0xDD);
  }
#pragma GCC unroll 4
  for (int c = 0; c < 4; ++c) {
    v[c] = _mm512_shuffle_i32x4(t[c], t[c + 8], 0x88);
    v[c + 8] = _mm512_shuffle_i32x4(t[c], t[c + 8], 0xDD);
    v[c + 4] = _mm512_shuffle_i32x4(t[c + 4], t[c + 12], 0x88);
    v[c + 12] = _mm512_shuffle_i32x4(t[c + 4], t[c + 12], 0xDD);
  }
}

/// a^T as left tiles, a [inner, cols]: pairs of a's rows are the 32-bit values of a right tile, transposed.
inline void transposed_left_tiles(const float* a, size_t stride, size_t inner, size_t cols, Bf16* to) {
  for (size_t col = 0; col < cols; col += kLines) {
    const __mmask16 lanes = lanes_between(col, cols);
    for (size_t first = 0; first < inner; first += kInner, to += kTile) {
      __m512i line[16];
#pragma GCC unroll 16
      for (size_t pair = 0; pair < kLines; ++pair) {
        const size_t k = first + 2 * pair;
        const float* from = a + k * stride + col;
        const __m512 even = _mm512_maskz_loadu_ps(k < inner ? lanes : __mmask16{0}, from);
        line[pair] = paired(even, _mm512_maskz_loadu_ps(k + 1 < inner ? lanes : __mmask16{0}, from + stride));
      }
      transpose(line);
#pragma GCC unroll 16
      for (size_t i = 0; i < kLines; ++i) _mm512_store_si512(to + i * kInner, line[i]);
    }
  }
}

/// c [up to 32, up to 32], at most 2 x 2 tiles of a product, as float32 with 32 a row.
struct Block {
  const Bf16 *left, *right;  // the next block of lines is `inner_blocks` tiles on
  size_t inner_blocks;
  size_t row_tiles, col_tiles;  // 1 or 2
  float* sums;                  // [32, 32]
};

/// Multiplies left tiles [rows, inner] by right tiles [inner, cols]; write(row, rows, col, cols, sums) takes each
/// block.
template <class Family, class Write>
void multiply_tiles(const Bf16* left, size_t rows, const Bf16* right, size_t cols, size_t inner, Write write) {
  alignas(64) float sums[kSide * kSide];
  const size_t inner_blocks = ceil_div(inner, kInner);
  for (size_t col = 0; col < cols; col += kSide) {
    for (size_t row = 0; row < rows; row += kSide) {
      const size_t some_rows = smaller(kSide, rows - row), some_cols = smaller(kSide, cols - col);
      Family::multiply({.left = left + row / kLines * inner_blocks * kTile,
                        .right = right + col / kLines * inner_blocks * kTile,
                        .inner_blocks = inner_blocks,
                        .row_tiles = ceil_div(some_rows, kLines),
                        .col_tiles = ceil_div(some_cols, kLines),
                        .sums = sums});
      write(row, some_rows, col, some_cols, static_cast<const float*>(sums));
    }
  }
}

template <class Family>
struct Bf16Products {
  static size_t forward_bytes(size_t in, size_t out) { return tiles_bytes(out, in); }
  static size_t backward_bytes(size_t in, size_t out) { return tiles_bytes(in, out); }
  static size_t scratch_bytes(size_t rows, size_t in, size_t out) {
    const size_t product = tiles_bytes(rows, in > out ? in : out);
    const size_t gradient = tiles_bytes(in, rows) + tiles_bytes(out, rows);
    return product > gradient ? product : gradient;
  }

  static void pack(const float* weights, size_t in, size_t out, std::byte* forward, std::byte* backward) {
    right_tiles(weights, out, in, out, reinterpret_cast<Bf16*>(forward), nullptr);
    // Right tiles of W^T [out, in] are pairs of W's columns: one tile line per pair and 16 rows, gathered.
    Bf16* to = reinterpret_cast<Bf16*>(backward);
    for (size_t i = 0; i < in; i += kLines) {
      for (size_t j = 0; j < ceil_div(out, kInner) * kInner; j += 2, to += kInner) {
        alignas(64) float even[kLines], odd[kLines];
        for (size_t lane = 0; lane < kLines; ++lane) {
          const float* row = weights + smaller(i + lane, in - 1) * out;
          even[lane] = i + lane < in && j < out ? row[j] : 0.0F;
          odd[lane] = i + lane < in && j + 1 < out ? row[j + 1] : 0.0F;
        }
        _mm512_store_si512(to, paired(_mm512_load_ps(even), _mm512_load_ps(odd)));
      }
    }
  }

  static void forward(const ForwardCall& call) {
    if (call.rows == 0) return;
    Bf16* left = reinterpret_cast<Bf16*>(call.scratch);
    left_tiles(call.x, call.x_stride, call.rows, call.in, left);
    const auto write = [&](size_t row, size_t rows, size_t col, size_t cols, const float* sums) {
      const __m512 floor = _mm512_set1_ps(call.relu ? 0.0F : -__builtin_inff());
      for (size_t first = 0; first < cols; first += kLines) {
        const __mmask16 lanes = lanes_between(first, cols);
        const __m512 bias = call.bias ? _mm512_maskz_loadu_ps(lanes, call.bias + col + first) : _mm512_setzero_ps();
        float* y = call.y + row * call.y_stride + col + first;
        for (size_t r = 0; r < rows; ++r) {
          const __m512 sum = _mm512_add_ps(_mm512_load_ps(sums + r * kSide + first), bias);
          _mm512_mask_storeu_ps(y + r * call.y_stride, lanes, _mm512_max_ps(floor, sum));  // a NaN stays one
        }
      }
    };
    [[maybe_unused]] const typename Family::Session session;
    multiply_tiles<Family>(left, call.rows, reinterpret_cast<const Bf16*>(call.weights), call.out, call.in, write);
  }

  static void backward_input(const BackwardInputCall& call) {
    if (call.rows == 0) return;
    Bf16* left = reinterpret_cast<Bf16*>(call.scratch);
    left_tiles(call.dz, call.dz_stride, call.rows, call.out, left);
    const auto write = [&](size_t row, size_t rows, size_t col, size_t cols, const float* sums) {
      for (size_t first = 0; first < cols; first += kLines) {
        const __mmask16 lanes = lanes_between(first, cols);
        float* dx = call.dx + row * call.dx_stride + col + first;
        const float* output = call.relu_output ? call.relu_output + row * call.relu_stride + col + first : nullptr;
        for (size_t r = 0; r < rows; ++r) {
          __m512 sum = _mm512_load_ps(sums + r * kSide + first);
          if (output) {
            const __m512 above = _mm512_maskz_loadu_ps(lanes, output + r * call.relu_stride);
            sum = _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(above, _mm512_setzero_ps(), _CMP_GT_OQ), sum);
          }
          _mm512_mask_storeu_ps(dx + r * call.dx_stride, lanes, sum);
        }
      }
    };
    [[maybe_unused]] const typename Family::Session session;
    multiply_tiles<Family>(left, call.rows, reinterpret_cast<const Bf16*>(call.weights), call.in, call.out, write);
  }

  static void backward_weights(const BackwardWeightsCall& call) {
    if (call.rows == 0) return;
    Bf16* left = reinterpret_cast<Bf16*>(call.scratch);
    Bf16* right = left + tiles_bytes(call.in, call.rows) / sizeof(Bf16);
    transposed_left_tiles(call.x, call.x_stride, call.rows, call.in, left);
    right_tiles(call.dz, call.dz_stride, call.rows, call.out, right, call.dbias);
    const auto write = [&](size_t row, size_t rows, size_t col, size_t cols, const float* sums) {
      for (size_t first = 0; first < cols; first += kLines) {
        const __mmask16 lanes = lanes_between(first, cols);
        float* to = call.dweights + row * call.out + col + first;
        for (size_t r = 0; r < rows; ++r, to += call.out) {
          const __m512 sum = _mm512_load_ps(sums + r * kSide + first);
          _mm512_mask_storeu_ps(to, lanes, _mm512_add_ps(sum, _mm512_maskz_loadu_ps(lanes, to)));
        }
      }
    };
    [[maybe_unused]] const typename Family::Session session;
    multiply_tiles<Family>(left, call.in, right, call.out, call.rows, write);
  }

  static constexpr NativeFunctions functions(const char* name, bool (*runs_here)()) {
    return {name, runs_here, forward_bytes,  backward_bytes,  scratch_bytes,
            pack, forward,   backward_input, backward_weights};
  }
};

/// CPUID leaf 7: gcc 12 doesn't know the names of all its bits.
inline bool cpu_has_avx512_bf16() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512vl") && __get_cpuid_count(7, 1, &a, &b, &c, &d) && (a & (1U << 5)) != 0;
}
}  // namespace
}  // namespace podium::core
