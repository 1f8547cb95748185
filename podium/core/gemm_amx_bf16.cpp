// Compiled with AMX flags; see gemm_families.h for why it includes so little.
#if defined(__x86_64__)
#include <sys/syscall.h>
#include <unistd.h>

#include "podium/core/gemm_bf16_tiles.h"

namespace podium::core {
namespace {
constexpr size_t kSide = 2 * kLines;  // rows and columns of a block of 2 x 2 tiles

/// Transposes 16 x 16 values of 32 bits.
void transpose(__m512i (&v)[16]) {
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
void transposed_left_tiles(const float* a, size_t stride, size_t inner, size_t cols, Bf16* to) {
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

/// Eight tile registers: 0 to 3 hold 2 x 2 tiles of sums, 4 and 5 left tiles, 6 and 7 right tiles.
struct TileProducts {
  /// Configures this thread's tile registers and empties them at the end, so that no one else pays for keeping them.
  struct Session {
    Session() {
      alignas(64) struct {
        unsigned char palette = 1, start_row = 0, reserved[14] = {};
        unsigned short bytes_per_row[16] = {64, 64, 64, 64, 64, 64, 64, 64};
        unsigned char rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
      } config;
      _tile_loadconfig(&config);
    }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    ~Session() { _tile_release(); }
  };

  template <int R, int C>
  static void run(const Bf16* left, const Bf16* right, size_t inner_blocks, float* sums) {
    constexpr int kBytes = 64, kSumBytes = kSide * sizeof(float);
    const size_t next = inner_blocks * kTile;
    _tile_zero(0);
    if constexpr (C == 2) _tile_zero(1);
    if constexpr (R == 2) _tile_zero(2);
    if constexpr (R == 2 && C == 2) _tile_zero(3);
    for (size_t k = 0; k < inner_blocks; ++k, left += kTile, right += kTile) {
      _tile_loadd(4, left, kBytes);
      _tile_loadd(6, right, kBytes);
      _tile_dpbf16ps(0, 4, 6);
      if constexpr (C == 2) {
        _tile_loadd(7, right + next, kBytes);
        _tile_dpbf16ps(1, 4, 7);
      }
      if constexpr (R == 2) {
        _tile_loadd(5, left + next, kBytes);
        _tile_dpbf16ps(2, 5, 6);
      }
      if constexpr (R == 2 && C == 2) _tile_dpbf16ps(3, 5, 7);
    }
    _tile_stored(0, sums, kSumBytes);
    if constexpr (C == 2) _tile_stored(1, sums + kLines, kSumBytes);
    if constexpr (R == 2) _tile_stored(2, sums + kLines * kSide, kSumBytes);
    if constexpr (R == 2 && C == 2) _tile_stored(3, sums + kLines * kSide + kLines, kSumBytes);
  }

  template <class Finish>
  static void multiply(const TileProduct& product, const Finish& finish) {
    [[maybe_unused]] const Session session;
    alignas(64) float sums[kSide * kSide];
    const size_t inner_blocks = ceil_div(product.inner, kInner);
    for (size_t col = 0; col < product.cols; col += kSide) {
      const size_t cols = smaller(kSide, product.cols - col);
      const Bf16* right = product.right + col / kLines * inner_blocks * kTile;
      if (product.sums) add_column_sums(right, inner_blocks, cols, product.sums + col);
      for (size_t row = 0; row < product.rows; row += kSide) {
        const size_t rows = smaller(kSide, product.rows - row);
        const Bf16* left = product.left + row / kLines * inner_blocks * kTile;
        if (rows > kLines) {
          cols > kLines ? run<2, 2>(left, right, inner_blocks, sums) : run<2, 1>(left, right, inner_blocks, sums);
        } else {
          cols > kLines ? run<1, 2>(left, right, inner_blocks, sums) : run<1, 1>(left, right, inner_blocks, sums);
        }
        for (size_t r = 0; r < rows; r += 2) {
          const float *even = sums + r * kSide, *odd = even + kSide;
          const bool both = r + 1 < rows;
          if (cols > kLines) {
            __m512 first[] = {_mm512_load_ps(even), _mm512_load_ps(even + kLines)};
            __m512 second[] = {_mm512_load_ps(odd), _mm512_load_ps(odd + kLines)};
            finish(row + r, both, col, last_lanes(cols), first, second);
          } else {
            __m512 first[] = {_mm512_load_ps(even)}, second[] = {_mm512_load_ps(odd)};
            finish(row + r, both, col, last_lanes(cols), first, second);
          }
        }
      }
    }
  }

  static constexpr bool kHasForms = false;  // a form's pairs would have to be transposed all the same
  static const Bf16* transposed_left(const BackwardWeightsCall& call, Bf16* scratch) {
    transposed_left_tiles(call.x, call.x_stride, call.rows, call.in, scratch);
    return scratch;
  }
  template <class Finish>
  static void multiply_transposed(const TileProduct& product, const Finish& finish) {
    multiply(product, finish);
  }
};

/// The kernel keeps 8 KB of tile registers per thread only for processes that ask: once, for all their threads.
bool tiles_are_permitted() {
  constexpr int kRequestPermission = 0x1023, kTileData = 18;  // ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA
  return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
}

bool runs_here() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (!cpu_has_avx512_bf16() || !__get_cpuid_count(7, 0, &a, &b, &c, &d)) return false;
  const bool has_bf16 = (d & (1U << 22)) != 0, has_tiles = (d & (1U << 24)) != 0;
  return has_bf16 && has_tiles && tiles_are_permitted();
}
}  // namespace

const NativeFunctions kAmxBf16 = Bf16Products<TileProducts>::functions("amx_bf16", runs_here);
}  // namespace podium::core
#endif
