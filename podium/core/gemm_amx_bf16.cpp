// Compiled with AMX flags; see gemm_families.h for why it includes so little.
#if defined(__x86_64__)
#include <sys/syscall.h>
#include <unistd.h>

#include "podium/core/gemm_bf16_tiles.h"

namespace podium::core {
namespace {
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
  static void run(const Block& block) {
    constexpr int kBytes = 64, kSumBytes = kSide * sizeof(float);
    const size_t next = block.inner_blocks * kTile;
    _tile_zero(0);
    if constexpr (C == 2) _tile_zero(1);
    if constexpr (R == 2) _tile_zero(2);
    if constexpr (R == 2 && C == 2) _tile_zero(3);
    const Bf16 *left = block.left, *right = block.right;
    for (size_t k = 0; k < block.inner_blocks; ++k, left += kTile, right += kTile) {
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
    _tile_stored(0, block.sums, kSumBytes);
    if constexpr (C == 2) _tile_stored(1, block.sums + kLines, kSumBytes);
    if constexpr (R == 2) _tile_stored(2, block.sums + kLines * kSide, kSumBytes);
    if constexpr (R == 2 && C == 2) _tile_stored(3, block.sums + kLines * kSide + kLines, kSumBytes);
  }

  static void multiply(const Block& block) {
    if (block.row_tiles == 2) return block.col_tiles == 2 ? run<2, 2>(block) : run<2, 1>(block);
    return block.col_tiles == 2 ? run<1, 2>(block) : run<1, 1>(block);
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
