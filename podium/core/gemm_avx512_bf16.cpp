// Compiled with AVX-512 BF16 flags; see gemm_families.h for why it includes so little.
#if defined(__x86_64__)
#include "podium/core/gemm_bf16_tiles.h"

namespace podium::core {
namespace {
/// Dot-product instructions: a pair of inner values of one row, broadcast, times a tile's line.
struct DotProducts {
  static constexpr bool kHasForms = true;
  // Rows and vectors of a register tile: 16 sums hide the latency of an instruction.
  static constexpr size_t kRows = 8, kVectors = 2;

  /// kRows rows by Z vectors. Of one tile, the pair p of row m is at left[m * RowStep + p * PairStep].
  template <int Z, size_t RowStep, size_t PairStep, class Finish>
  [[gnu::always_inline]] static void run(const Bf16* left, const Bf16* right, size_t inner_blocks, size_t row,
                                         size_t rows, size_t col, __mmask16 last, const Finish& finish) {
    __m512 sum[kRows][Z];
#pragma GCC unroll 8
    for (size_t m = 0; m < kRows; ++m)
#pragma GCC unroll 2
      for (size_t z = 0; z < Z; ++z) sum[m][z] = _mm512_setzero_ps();
    const size_t next = inner_blocks * kTile;
    for (size_t k = 0; k < inner_blocks; ++k, left += kTile, right += kTile) {
#pragma GCC unroll 16
      for (size_t pair = 0; pair < kLines; ++pair) {
        __m512bh line[Z];
#pragma GCC unroll 2
        for (size_t z = 0; z < Z; ++z)
          line[z] = reinterpret_cast<__m512bh>(_mm512_load_si512(right + z * next + pair * kInner));
#pragma GCC unroll 8
        for (size_t m = 0; m < kRows; ++m) {
          int both;
          __builtin_memcpy(&both, left + m * RowStep + pair * PairStep, sizeof both);
          const auto value = reinterpret_cast<__m512bh>(_mm512_set1_epi32(both));
#pragma GCC unroll 2
          for (size_t z = 0; z < Z; ++z) sum[m][z] = _mm512_dpbf16_ps(sum[m][z], value, line[z]);
        }
      }
    }
#pragma GCC unroll 4
    for (size_t m = 0; m < kRows; m += 2)
      if (m < rows) finish(row + m, m + 1 < rows, col, last, sum[m], sum[m + 1]);
  }

  template <size_t RowStep, size_t PairStep, class Finish>
  static void multiply_with(const TileProduct& product, const Finish& finish) {
    const size_t inner_blocks = ceil_div(product.inner, kInner);
    for (size_t col = 0; col < product.cols; col += kVectors * kLines) {
      const size_t cols = smaller(kVectors * kLines, product.cols - col);
      const Bf16* right = product.right + col / kLines * inner_blocks * kTile;
      if (product.sums) add_column_sums(right, inner_blocks, cols, product.sums + col);
      for (size_t row = 0; row < product.rows; row += kRows) {
        const size_t rows = smaller(kRows, product.rows - row);
        const Bf16* left = product.left + row / kLines * inner_blocks * kTile + row % kLines * RowStep;
        if (cols > kLines) {
          run<2, RowStep, PairStep>(left, right, inner_blocks, row, rows, col, last_lanes(cols), finish);
        } else {
          run<1, RowStep, PairStep>(left, right, inner_blocks, row, rows, col, last_lanes(cols), finish);
        }
      }
    }
  }

  template <class Finish>
  static void multiply(const TileProduct& product, const Finish& finish) {
    multiply_with<kInner, 2>(product, finish);
  }

  // A broadcast takes its pair from anywhere: right tiles of a hold the pairs of a's rows as they are needed, and
  // nothing is transposed.
  static const Bf16* transposed_left(const BackwardWeightsCall& call, Bf16* scratch) {
    if (call.x_form) return Form(call.x_form, call.rows, call.in).right();
    right_tiles(call.x, call.x_stride, call.rows, call.in, scratch);
    return scratch;
  }
  template <class Finish>
  static void multiply_transposed(const TileProduct& product, const Finish& finish) {
    multiply_with<2, kInner>(product, finish);
  }
};
}  // namespace

const NativeFunctions kAvx512Bf16 = Bf16Products<DotProducts>::functions("avx512_bf16", cpu_has_avx512_bf16);
}  // namespace podium::core
#endif
