// Compiled with AVX-512 flags; see gemm_families.h for why it includes so little.
#if defined(__x86_64__)
#include "podium/core/gemm_avx512_narrow.h"
#include "podium/core/gemm_families.h"

namespace podium::core {
namespace {
// Register tiles: 13 rows x 2 vectors are 26 sums; the others hold two vectors of weights, a broadcast value, a mask's
// source and its zero (with 14 rows gcc spills). Panels of 32 columns need half the bandwidth of 64 columns, so weights
// that have left L1 still arrive in time from L2. Measured on Sapphire Rapids, a training step of 64-256-64-1 on 128 to
// 512 rows: 93 to 94 % of the FMA peak.
constexpr int kRows = 13, kVectors = 2, kPanel = kLanes * kVectors;
// Rows that backward_weights adds up before it touches the gradient; their panel, 32 KB, stays in L1.
constexpr size_t kChunk = 256;
// Inner indices, and columns of x, between which a product stops for others: a panel of 32 KB, a part of x of 0.6 MB.
constexpr size_t kInner = 256, kColumns = 512;
// Floats from row to row beyond which weight gradients copy x into lines of its own.
constexpr size_t kFarRow = 256;
alignas(64) constexpr float kNoBias[kPanel] = {};

/// One register tile of c = a b: a [M, inner], b a packed panel [inner, 16 Z], c [M, at most 16 Z].
struct Tile {
  const float* a;
  size_t a_stride;
  const float* b;
  size_t inner;
  bool resumes;       // c holds the sums of the inner indices before these
  const float* bias;  // of these columns; forward only
  float floor;        // of the result: 0 for relu, else -infinity; forward only
  const float* mask;  // relu's output at c's place, or null; backward only
  size_t mask_stride;
  float* c;
  size_t c_stride;
  __mmask16 last;  // lanes of the last vector that exist
};

/// A pointer of which the compiler doesn't know that it was computed from another: it keeps it in a register.
inline const char* opaque(const float* pointer) {
  const char* bytes = reinterpret_cast<const char*>(pointer);
  asm("" : "+r"(bytes));
  return bytes;
}

template <int Z>
__mmask16 lanes_of(int z, __mmask16 last) {
  return z + 1 < Z ? __mmask16{0xFFFF} : last;
}

/// Rows 0 to 4 of a block are within an address computation of its first, so three pointers reach 14 rows.
constexpr int kReach = 5;

template <int M, int Z, bool Forward>
void run_tile(const Tile& t) {
  const __mmask16 last = t.last;
  __m512 sum[M][Z];
#pragma GCC unroll 8
  for (int z = 0; z < Z; ++z) {
    const __m512 start =
        Forward ? _mm512_maskz_loadu_ps(lanes_of<Z>(z, last), t.bias + z * kLanes) : _mm512_setzero_ps();
#pragma GCC unroll 16
    for (int m = 0; m < M; ++m) sum[m][z] = start;
  }
  if (t.resumes) {
#pragma GCC unroll 16
    for (int m = 0; m < M; ++m)
#pragma GCC unroll 8
      for (int z = 0; z < Z; ++z)
        sum[m][z] = _mm512_maskz_loadu_ps(lanes_of<Z>(z, last), t.c + static_cast<size_t>(m) * t.c_stride + z * kLanes);
  }
  const size_t stride = t.a_stride * sizeof(float);
  size_t stride3 = 3 * stride;
  asm("" : "+r"(stride3));
  const char* a[] = {opaque(t.a), opaque(t.a + (M > kReach ? kReach : 0) * t.a_stride),
                     opaque(t.a + (M > 2 * kReach ? 2 * kReach : 0) * t.a_stride)};
  const float* b = t.b;
  const auto step = [&](size_t k, auto multiply_add) __attribute__((always_inline)) {
    __m512 weight[Z];
#pragma GCC unroll 8
    for (int z = 0; z < Z; ++z) weight[z] = _mm512_load_ps(b + (k * Z + static_cast<size_t>(z)) * kLanes);
#pragma GCC unroll 16
    for (int m = 0; m < M; ++m) {
      const int near = m % kReach;
      const char* from = a[m / kReach] + (near == 3 ? stride3 : static_cast<size_t>(near) * stride) + k * sizeof(float);
      const __m512 value = _mm512_set1_ps(*reinterpret_cast<const float*>(from));
#pragma GCC unroll 8
      for (int z = 0; z < Z; ++z) sum[m][z] = multiply_add(m, z, value, weight[z], sum[m][z]);
    }
  };
  const auto plain = [](int, int, __m512 x, __m512 y, __m512 z) __attribute__((always_inline)) {
    return _mm512_fmadd_ps(x, y, z);
  };
  const auto advance = [&](size_t steps) __attribute__((always_inline)) {
    for (auto& pointer : a) pointer += steps * sizeof(float);
    b += steps * Z * kLanes;
  };
  size_t k = t.inner - 1;
  for (; k >= 4; k -= 4) {
    step(0, plain), step(1, plain), step(2, plain), step(3, plain);
    advance(4);
  }
  for (; k > 0; --k) {
    step(0, plain);
    advance(1);
  }
  if (Forward || !t.mask) {
    step(0, plain);
  } else {  // the mask costs least as a part of the last step
    const float* mask = t.mask;
    const size_t mask_stride = t.mask_stride;
    step(
        0, [=](int m, int z, __m512 value, __m512 weight, __m512 before) __attribute__((always_inline)) {
          const float* at = mask + static_cast<size_t>(m) * mask_stride + z * kLanes;
          const __m512 output = _mm512_maskz_loadu_ps(lanes_of<Z>(z, last), at);
          return _mm512_maskz_fmadd_ps(_mm512_cmp_ps_mask(output, _mm512_setzero_ps(), _CMP_GT_OQ), value, weight,
                                       before);
        });
  }
  if constexpr (Forward) {
    const __m512 floor = _mm512_set1_ps(t.floor);
#pragma GCC unroll 16
    for (int m = 0; m < M; ++m)
#pragma GCC unroll 8
      for (int z = 0; z < Z; ++z) sum[m][z] = _mm512_max_ps(floor, sum[m][z]);  // in this order a NaN stays one
  }
  float* c = t.c;
  const size_t c_stride = t.c_stride;
#pragma GCC unroll 16
  for (int m = 0; m < M; ++m)
#pragma GCC unroll 8
    for (int z = 0; z < Z; ++z)
      _mm512_mask_storeu_ps(c + static_cast<size_t>(m) * c_stride + z * kLanes, lanes_of<Z>(z, last), sum[m][z]);
}

using TileFunction = void (*)(const Tile&);
template <int Z, bool Forward, int... Rows>
TileFunction tile_of(size_t rows, std::integer_sequence<int, Rows...>) {
  static constexpr TileFunction by_rows[] = {run_tile<Rows + 1, Z, Forward>...};
  return by_rows[rows - 1];
}
template <bool Forward>
TileFunction tile_of(size_t rows, size_t vectors) {
  constexpr std::make_integer_sequence<int, kRows> sizes;
  return vectors == 2 ? tile_of<2, Forward>(rows, sizes) : tile_of<1, Forward>(rows, sizes);
}

/// Cuts `count` into blocks of nearly one size, none above `most`: no block is so small that its sums wait for each
/// other. body(first, size).
template <class Body>
void in_blocks(size_t count, size_t most, Body body) {
  const size_t blocks = ceil_div(count, most);
  for (size_t block = 0, first = 0; block < blocks; ++block) {
    const size_t size = count / blocks + (block < count % blocks ? 1 : 0);
    body(first, size);
    first += size;
  }
}

/// b [inner, cols] in panels of kPanel columns, the last as many vectors wide as it needs; element (k, j) of the
/// matrix is at from[k * k_step + j * j_step]. Up to kNarrow columns: [cols, inner].
void pack_matrix(const float* from, size_t inner, size_t cols, size_t k_step, size_t j_step, float* to) {
  if (cols <= kNarrow) {
    for (size_t j = 0; j < cols; ++j)
      for (size_t k = 0; k < inner; ++k) *to++ = from[k * k_step + j * j_step];
    return;
  }
  for (size_t first = 0; first < cols; first += kPanel) {
    const size_t width = smaller(kPanel, cols - first), padded = ceil_div(width, kLanes) * kLanes;
    for (size_t k = 0; k < inner; ++k, to += padded) {
      const float* row = from + k * k_step + first * j_step;
      for (size_t j = 0; j < width; ++j) to[j] = row[j * j_step];
      for (size_t j = width; j < padded; ++j) to[j] = 0.0F;
    }
  }
}

/// c = a b with the epilogues of `n`, b packed by pack_matrix. A long inner index is cut, so that a panel stays in L1
/// and a's part in L2; c holds the sums meanwhile, which leaves every bit as it was.
template <bool Forward>
void product(const Product& n) {
  if (n.cols <= kNarrow) return narrow_product(n);
  in_blocks(n.inner, kInner, [&](size_t k, size_t inner) {
    const bool ends = k + inner == n.inner;
    const float* b = n.b;
    for (size_t first = 0; first < n.cols; first += kPanel) {
      const size_t width = smaller(kPanel, n.cols - first), vectors = ceil_div(width, kLanes);
      in_blocks(n.rows, kRows, [&](size_t row, size_t rows) {
        const Tile tile{.a = n.a + row * n.a_stride + k,
                        .a_stride = n.a_stride,
                        .b = b + k * vectors * kLanes,
                        .inner = inner,
                        .resumes = k > 0,
                        .bias = n.bias ? n.bias + first : kNoBias,
                        .floor = n.relu && ends ? 0.0F : -__builtin_inff(),
                        .mask = n.mask && ends ? n.mask + row * n.mask_stride + first : nullptr,
                        .mask_stride = n.mask_stride,
                        .c = n.c + row * n.c_stride + first,
                        .c_stride = n.c_stride,
                        .last = last_lanes(width)};
        tile_of<Forward>(rows, vectors)(tile);
      });
      b += n.inner * vectors * kLanes;
    }
  });
}

/// One register tile of c += a^T b: a [rows, M], b [rows, at most 16 Z], c [M, at most 16 Z]. Rows are added up in
/// order from zero, and c at the end: sums that started from c would wait for the stores of the tile before.
struct OuterTile {
  const float* a;
  size_t a_stride;
  const float* b;  // the first tile of a panel reads it here ...
  size_t b_stride, rows;
  float* panel;  // ... and writes it here, [rows, 16 Z], where the others read it
  float* sums;   // += column sums of b by the first tile, or null
  float* c;
  size_t c_stride;
  __mmask16 last;
};

template <int M, int Z, bool First>
void run_outer(const OuterTile& t) {
  __m512 sum[M][Z], column[Z];
#pragma GCC unroll 8
  for (int z = 0; z < Z; ++z) {
    column[z] = _mm512_setzero_ps();
#pragma GCC unroll 16
    for (int m = 0; m < M; ++m) sum[m][z] = _mm512_setzero_ps();
  }
  const float* a = t.a;
  const float* b = t.b;
  float* panel = t.panel;
  const size_t a_stride = t.a_stride, b_stride = t.b_stride, c_stride = t.c_stride;
  const __mmask16 last = t.last;
  const auto step = [&]() __attribute__((always_inline)) {
    constexpr size_t kAhead = 4;  // rows; a's rows are far apart, so the hardware doesn't fetch them by itself
    _mm_prefetch(reinterpret_cast<const char*>(a + kAhead * a_stride), _MM_HINT_T0);
    _mm_prefetch(reinterpret_cast<const char*>(a + kAhead * a_stride + M - 1), _MM_HINT_T0);
    __m512 right[Z];
#pragma GCC unroll 8
    for (int z = 0; z < Z; ++z) {
      if constexpr (First) {
        right[z] = _mm512_maskz_loadu_ps(lanes_of<Z>(z, last), b + z * kLanes);
        _mm512_store_ps(panel + z * kLanes, right[z]);
        column[z] = _mm512_add_ps(column[z], right[z]);
      } else {
        right[z] = _mm512_load_ps(panel + z * kLanes);
      }
    }
#pragma GCC unroll 16
    for (int m = 0; m < M; ++m) {
      const __m512 value = _mm512_set1_ps(a[m]);
#pragma GCC unroll 8
      for (int z = 0; z < Z; ++z) sum[m][z] = _mm512_fmadd_ps(value, right[z], sum[m][z]);
    }
    a += a_stride, b += b_stride, panel += Z * kLanes;
  };
  size_t row = t.rows;
  for (; row >= 2; row -= 2) step(), step();
  if (row) step();
  const auto add_to = [last](float* to, int z, __m512 value) __attribute__((always_inline)) {
    const __mmask16 lanes = lanes_of<Z>(z, last);
    to += z * kLanes;
    _mm512_mask_storeu_ps(to, lanes, _mm512_add_ps(value, _mm512_maskz_loadu_ps(lanes, to)));
  };
  float* const c = t.c;
#pragma GCC unroll 16
  for (int m = 0; m < M; ++m)
#pragma GCC unroll 8
    for (int z = 0; z < Z; ++z) add_to(c + static_cast<size_t>(m) * c_stride, z, sum[m][z]);
  if (First && t.sums)
    for (int z = 0; z < Z; ++z) add_to(t.sums, z, column[z]);
}

using OuterFunction = void (*)(const OuterTile&);
template <int Z, bool First, int... Rows>
OuterFunction outer_of(size_t rows, std::integer_sequence<int, Rows...>) {
  static constexpr OuterFunction by_rows[] = {run_outer<Rows + 1, Z, First>...};
  return by_rows[rows - 1];  // NOLINT(clang-analyzer-core.uninitialized.UndefReturn): rows is 1 to kRows
}
OuterFunction outer_of(size_t rows, size_t vectors, bool first) {
  constexpr std::make_integer_sequence<int, kRows> sizes;
  if (vectors == 2) return first ? outer_of<2, true>(rows, sizes) : outer_of<2, false>(rows, sizes);
  return first ? outer_of<1, true>(rows, sizes) : outer_of<1, false>(rows, sizes);
}

/// Calls the lines of a register tile's result into L1 while the tile still multiplies.
void fetch(const float* c, size_t c_stride, size_t rows, size_t width) {
  for (size_t m = 0; m < rows; ++m) {
    __builtin_prefetch(c + m * c_stride, 1);
    __builtin_prefetch(c + m * c_stride + width - 1, 1);
  }
}

/// Columns of a, at most kRows, as whole cache lines one after another, [rows, 16].
void pack_columns(const float* a, size_t a_stride, size_t rows, size_t cols, float* to) {
  const __mmask16 lanes = first_lanes(cols);
  for (size_t row = 0; row < rows; ++row)
    _mm512_store_ps(to + row * kLanes, _mm512_maskz_loadu_ps(lanes, a + row * a_stride));
}

/// c += a^T b and sums += column sums of b: a [rows, m], b [rows, n], c [m, n], sums [n] or null.
void outer_product(const float* a, size_t a_stride, size_t m, const float* b, size_t b_stride, size_t n, size_t rows,
                   float* c, size_t c_stride, float* sums, float* scratch) {
  float* const panel = scratch;
  float* const packed = scratch + kChunk * kPanel;
  // Far apart, every row would be a page of its own and compete with the others for the same lines of L1. Copying and
  // fetching raise 1024 x 1024 from 60 to 73 % of the peak, 2048 x 512 from 68 to 75 %.
  const bool packs = a_stride > kFarRow && n > 2 * kPanel;
  // From the outside: a part of a that stays in L2, a panel of b that stays in L1, register tiles.
  in_blocks(m, kColumns, [&](size_t part, size_t part_size) {
    for (size_t row = 0; row < rows; row += kChunk) {
      const size_t some = smaller(kChunk, rows - row);
      const float* here = a + row * a_stride + part;
      for (size_t first = 0; first < n; first += kPanel) {
        const size_t width = smaller(kPanel, n - first), vectors = ceil_div(width, kLanes);
        float* columns = packed;
        in_blocks(part_size, kRows, [&](size_t i, size_t count) {
          if (packs && first == 0) pack_columns(here + i, a_stride, some, count, columns);
          const OuterTile tile{.a = packs ? columns : here + i,
                               .a_stride = packs ? kLanes : a_stride,
                               .b = b + row * b_stride + first,
                               .b_stride = b_stride,
                               .rows = some,
                               .panel = panel,
                               .sums = sums && part == 0 ? sums + first : nullptr,
                               .c = c + (part + i) * c_stride + first,
                               .c_stride = c_stride,
                               .last = last_lanes(width)};
          if (packs) fetch(tile.c, c_stride, count, width);
          outer_of(count, vectors, i == 0)(tile);
          columns += kChunk * kLanes;
        });
      }
    }
  });
}

size_t packed_bytes(size_t inner, size_t cols) {
  return inner * (cols <= kNarrow ? cols : ceil_div(cols, kLanes) * kLanes) * sizeof(float);
}
size_t forward_bytes(size_t in, size_t out) { return packed_bytes(in, out); }
size_t backward_bytes(size_t in, size_t out) { return packed_bytes(out, in); }
size_t scratch_bytes(size_t, size_t in, size_t) {
  return kChunk * (kPanel + (ceil_div(smaller(in, kColumns), kRows) + 1) * kLanes) * sizeof(float);
}

void pack(const float* weights, size_t in, size_t out, std::byte* forward, std::byte* backward) {
  pack_matrix(weights, in, out, out, 1, reinterpret_cast<float*>(forward));
  pack_matrix(weights, out, in, 1, out, reinterpret_cast<float*>(backward));
}

void forward(const ForwardCall& call) { product<true>(product_of(call)); }

void backward_input(const BackwardInputCall& call) {
  product<false>({.a = call.dz,
                  .a_stride = call.dz_stride,
                  .rows = call.rows,
                  .inner = call.out,
                  .cols = call.in,
                  .b = reinterpret_cast<const float*>(call.weights),
                  .bias = nullptr,
                  .relu = false,
                  .mask = call.relu_output,
                  .mask_stride = call.relu_stride,
                  .c = call.dx,
                  .c_stride = call.dx_stride});
}

void backward_weights(const BackwardWeightsCall& call) {
  if (call.out > kNarrow) {
    return outer_product(call.x, call.x_stride, call.in, call.dz, call.dz_stride, call.out, call.rows, call.dweights,
                         call.out, call.dbias, reinterpret_cast<float*>(call.scratch));
  }
  narrow_weights(call);
}

bool may_be_cut(size_t out) { return out > kNarrow; }

bool runs_here() {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}
}  // namespace

const NativeFunctions kAvx512{"avx512",         runs_here,     forward_bytes, backward_bytes, static_cast<size_t>(-1),
                              nullptr,          scratch_bytes, pack,          forward,        backward_input,
                              backward_weights, may_be_cut};
}  // namespace podium::core
#endif
