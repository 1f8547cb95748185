// Compiled with AVX-512 BF16 flags; see gemm_families.h for why it includes so little.
#if defined(__x86_64__)
#include "podium/core/gemm_bf16_tiles.h"

namespace podium::core {
namespace {
/// Dot-product instructions: a pair of inner values of one row, broadcast, times a tile's line.
struct DotProducts {
  struct Session {};  // nothing to prepare

  template <int Z>
  static void eight_rows(const Block& block, const Bf16* left, float* to) {
    constexpr int kRows = 8;
    __m512 sum[kRows][Z];
#pragma GCC unroll 8
    for (int m = 0; m < kRows; ++m)
#pragma GCC unroll 2
      for (int z = 0; z < Z; ++z) sum[m][z] = _mm512_setzero_ps();
    const Bf16* right = block.right;
    const size_t next = block.inner_blocks * kTile;
    for (size_t k = 0; k < block.inner_blocks; ++k, left += kTile) {
      for (size_t pair = 0; pair < kLines; ++pair, right += kInner) {
        __m512bh line[Z];
#pragma GCC unroll 2
        for (int z = 0; z < Z; ++z)
          line[z] = reinterpret_cast<__m512bh>(_mm512_load_si512(right + static_cast<size_t>(z) * next));
#pragma GCC unroll 8
        for (size_t m = 0; m < kRows; ++m) {
          int both;
          __builtin_memcpy(&both, left + m * kInner + 2 * pair, sizeof both);
          const auto value = reinterpret_cast<__m512bh>(_mm512_set1_epi32(both));
#pragma GCC unroll 2
          for (int z = 0; z < Z; ++z) sum[m][z] = _mm512_dpbf16_ps(sum[m][z], value, line[z]);
        }
      }
    }
#pragma GCC unroll 8
    for (size_t m = 0; m < kRows; ++m)
#pragma GCC unroll 2
      for (size_t z = 0; z < Z; ++z) _mm512_store_ps(to + m * kSide + z * kLines, sum[m][z]);
  }

  static void multiply(const Block& block) {
    for (size_t row = 0; row < block.row_tiles * kLines; row += 8) {
      const Bf16* left = block.left + row / kLines * block.inner_blocks * kTile + row % kLines * kInner;
      float* to = block.sums + row * kSide;
      if (block.col_tiles == 2) {
        eight_rows<2>(block, left, to);
      } else {
        eight_rows<1>(block, left, to);
      }
    }
  }
};
}  // namespace

const NativeFunctions kAvx512Bf16 = Bf16Products<DotProducts>::functions("avx512_bf16", cpu_has_avx512_bf16);
}  // namespace podium::core
#endif
