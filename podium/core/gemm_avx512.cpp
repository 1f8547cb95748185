// Compiled with AVX-512 flags; see gemm_families.h for why it includes so little.
#if defined(__x86_64__)
#include <immintrin.h>

#include "podium/core/gemm_families.h"

namespace podium::core {
namespace {
using std::size_t;

// Register tiles. 14 rows x 2 vectors are 28 sums; two registers hold the weights, one the broadcast value. Panels of
// 32 columns need half the bandwidth of 64 columns, so weights that have left L1 still arrive in time from L2.
constexpr int kLanes = 16, kRows = 14, kVectors = 2, kPanel = kLanes * kVectors;
// Up to this width a product is computed as dot products along the inner index; a padded panel would waste its lanes.
constexpr size_t kNarrow = 8;

constexpr size_t ceil_div(size_t a, size_t b) { return (a + b - 1) / b; }
constexpr size_t smaller(size_t a, size_t b) { return a < b ? a : b; }
__mmask16 first_lanes(size_t count) { return static_cast<__mmask16>(count >= 16 ? 0xFFFF : (1U << count) - 1U); }
/// Lanes of the last vector of `width` columns (width > 0).
__mmask16 last_lanes(size_t width) { return first_lanes((width - 1) % kLanes + 1); }

/// One register tile of c = a b: a [M, inner], b a packed panel [inner, 16 Z], c [M, at most 16 Z].
struct Tile {
  const float* a;
  size_t a_stride;
  const float* b;
  size_t inner;
  const float* bias;  // of these columns, or null
  bool relu;
  const float* mask;  // relu's output at c's place, or null
  size_t mask_stride;
  float* c;
  size_t c_stride;
  __mmask16 last;  // lanes of the last vector that exist
};

template <int M, int Z>
void run_tile(const Tile& t) {
  __m512 sum[M][Z];
#pragma GCC unroll 16
  for (int m = 0; m < M; ++m)
#pragma GCC unroll 8
    for (int z = 0; z < Z; ++z) sum[m][z] = _mm512_setzero_ps();
  const float* a = t.a;
  const float* b = t.b;
  const size_t stride = t.a_stride;
  for (size_t k = 0; k < t.inner; ++k, ++a, b += Z * kLanes) {
    __m512 weight[Z];
#pragma GCC unroll 8
    for (int z = 0; z < Z; ++z) weight[z] = _mm512_load_ps(b + z * kLanes);
#pragma GCC unroll 16
    for (int m = 0; m < M; ++m) {
      const __m512 value = _mm512_set1_ps(a[static_cast<size_t>(m) * stride]);
#pragma GCC unroll 8
      for (int z = 0; z < Z; ++z) sum[m][z] = _mm512_fmadd_ps(value, weight[z], sum[m][z]);
    }
  }
  __m512 bias[Z];
  const __m512 zero = _mm512_setzero_ps();
#pragma GCC unroll 8
  for (int z = 0; z < Z; ++z) {
    const __mmask16 lanes = z + 1 < Z ? __mmask16{0xFFFF} : t.last;
    bias[z] = t.bias ? _mm512_maskz_loadu_ps(lanes, t.bias + z * kLanes) : zero;
  }
#pragma GCC unroll 16
  for (int m = 0; m < M; ++m) {
    float* c = t.c + static_cast<size_t>(m) * t.c_stride;
    const float* mask = t.mask + static_cast<size_t>(m) * t.mask_stride;
#pragma GCC unroll 8
    for (int z = 0; z < Z; ++z) {
      const __mmask16 lanes = z + 1 < Z ? __mmask16{0xFFFF} : t.last;
      __m512 value = sum[m][z];
      if (t.bias) value = _mm512_add_ps(value, bias[z]);
      if (t.relu) value = _mm512_max_ps(zero, value);  // in this order a NaN stays one
      if (t.mask) {
        const __m512 output = _mm512_maskz_loadu_ps(lanes, mask + z * kLanes);
        value = _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(output, zero, _CMP_GT_OQ), value);
      }
      _mm512_mask_storeu_ps(c + z * kLanes, lanes, value);
    }
  }
}

using TileFunction = void (*)(const Tile&);
template <int Z>
struct Tiles {
  static constexpr TileFunction by_rows[kRows] = {run_tile<1, Z>,  run_tile<2, Z>,  run_tile<3, Z>,  run_tile<4, Z>,
                                                  run_tile<5, Z>,  run_tile<6, Z>,  run_tile<7, Z>,  run_tile<8, Z>,
                                                  run_tile<9, Z>,  run_tile<10, Z>, run_tile<11, Z>, run_tile<12, Z>,
                                                  run_tile<13, Z>, run_tile<14, Z>};
};

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

/// c = a b^T for few columns: a [rows, inner], b [cols, inner]. Lane l of a sum holds the inner indices l, l + 16, ...
struct Narrow {
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

template <int R, int C>  // R * C = 16 sums at a time
void run_narrow(const Narrow& n) {
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
      alignas(64) float sums[16];
      _mm512_store_ps(sums, add_lanes(sum));
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

void narrow_product(const Narrow& n) {
  if (n.cols == 1) return run_narrow<16, 1>(n);
  if (n.cols == 2) return run_narrow<8, 2>(n);
  return run_narrow<4, 4>(n);
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

/// c = a b with the epilogues of `n`, b packed by pack_matrix.
void product(const Narrow& n) {
  if (n.cols <= kNarrow) return narrow_product(n);
  const float* b = n.b;
  for (size_t first = 0; first < n.cols; first += kPanel) {
    const size_t width = smaller(kPanel, n.cols - first), vectors = ceil_div(width, kLanes);
    in_blocks(n.rows, kRows, [&](size_t row, size_t rows) {
      const Tile tile{.a = n.a + row * n.a_stride,
                      .a_stride = n.a_stride,
                      .b = b,
                      .inner = n.inner,
                      .bias = n.bias ? n.bias + first : nullptr,
                      .relu = n.relu,
                      .mask = n.mask ? n.mask + row * n.mask_stride + first : nullptr,
                      .mask_stride = n.mask_stride,
                      .c = n.c + row * n.c_stride + first,
                      .c_stride = n.c_stride,
                      .last = last_lanes(width)};
      (vectors == 2 ? Tiles<2>::by_rows : Tiles<1>::by_rows)[rows - 1](tile);
    });
    b += n.inner * vectors * kLanes;
  }
}

/// One register tile of c += a^T b: a [rows, M], b [rows, at most 16 Z], c [M, at most 16 Z].
struct OuterTile {
  const float* a;
  size_t a_stride;
  const float* b;
  size_t b_stride, rows;
  float* c;
  size_t c_stride;
  __mmask16 last;
};

template <int M, int Z>
void run_outer(const OuterTile& t) {
  __m512 sum[M][Z];
#pragma GCC unroll 16
  for (int m = 0; m < M; ++m)
#pragma GCC unroll 8
    for (int z = 0; z < Z; ++z)
      sum[m][z] = _mm512_maskz_loadu_ps(z + 1 < Z ? __mmask16{0xFFFF} : t.last,
                                        t.c + static_cast<size_t>(m) * t.c_stride + z * kLanes);
  const float* a = t.a;
  const float* b = t.b;
  for (size_t row = 0; row < t.rows; ++row, a += t.a_stride, b += t.b_stride) {
    __m512 right[Z];
#pragma GCC unroll 8
    for (int z = 0; z < Z; ++z)
      right[z] = _mm512_maskz_loadu_ps(z + 1 < Z ? __mmask16{0xFFFF} : t.last, b + z * kLanes);
#pragma GCC unroll 16
    for (int m = 0; m < M; ++m) {
      const __m512 value = _mm512_set1_ps(a[m]);
#pragma GCC unroll 8
      for (int z = 0; z < Z; ++z) sum[m][z] = _mm512_fmadd_ps(value, right[z], sum[m][z]);
    }
  }
#pragma GCC unroll 16
  for (int m = 0; m < M; ++m)
#pragma GCC unroll 8
    for (int z = 0; z < Z; ++z)
      _mm512_mask_storeu_ps(t.c + static_cast<size_t>(m) * t.c_stride + z * kLanes,
                            z + 1 < Z ? __mmask16{0xFFFF} : t.last, sum[m][z]);
}

using OuterFunction = void (*)(const OuterTile&);
template <int Z>
struct Outers {
  static constexpr OuterFunction by_rows[kRows] = {
      run_outer<1, Z>,  run_outer<2, Z>,  run_outer<3, Z>,  run_outer<4, Z>, run_outer<5, Z>,
      run_outer<6, Z>,  run_outer<7, Z>,  run_outer<8, Z>,  run_outer<9, Z>, run_outer<10, Z>,
      run_outer<11, Z>, run_outer<12, Z>, run_outer<13, Z>, run_outer<14, Z>};
};

/// c += a^T b, rows in order: a [rows, m], b [rows, n], c [m, n].
void outer_product(const float* a, size_t a_stride, size_t m, const float* b, size_t b_stride, size_t n, size_t rows,
                   float* c, size_t c_stride) {
  for (size_t first = 0; first < n; first += kPanel) {
    const size_t width = smaller(kPanel, n - first), vectors = ceil_div(width, kLanes);
    in_blocks(m, kRows, [&](size_t i, size_t count) {
      const OuterTile tile{.a = a + i,
                           .a_stride = a_stride,
                           .b = b + first,
                           .b_stride = b_stride,
                           .rows = rows,
                           .c = c + i * c_stride + first,
                           .c_stride = c_stride,
                           .last = last_lanes(width)};
      (vectors == 2 ? Outers<2>::by_rows : Outers<1>::by_rows)[count - 1](tile);
    });
  }
}

/// to[j] += column sums of from [rows, cols], rows in order.
void add_columns(const float* from, size_t stride, size_t rows, size_t cols, float* to) {
  for (size_t first = 0; first < cols; first += kLanes) {
    const __mmask16 lanes = first_lanes(cols - first);
    __m512 sum = _mm512_maskz_loadu_ps(lanes, to + first);
    for (size_t row = 0; row < rows; ++row)
      sum = _mm512_add_ps(sum, _mm512_maskz_loadu_ps(lanes, from + row * stride + first));
    _mm512_mask_storeu_ps(to + first, lanes, sum);
  }
}

size_t packed_bytes(size_t inner, size_t cols) {
  return inner * (cols <= kNarrow ? cols : ceil_div(cols, kLanes) * kLanes) * sizeof(float);
}
size_t forward_bytes(size_t in, size_t out) { return packed_bytes(in, out); }
size_t backward_bytes(size_t in, size_t out) { return packed_bytes(out, in); }
size_t scratch_bytes(size_t, size_t in, size_t out) { return out <= kNarrow ? in * out * sizeof(float) : 0; }

void pack(const float* weights, size_t in, size_t out, std::byte* forward, std::byte* backward) {
  pack_matrix(weights, in, out, out, 1, reinterpret_cast<float*>(forward));
  pack_matrix(weights, out, in, 1, out, reinterpret_cast<float*>(backward));
}

void forward(const ForwardCall& call) {
  product({.a = call.x,
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
           .c_stride = call.y_stride});
}

void backward_input(const BackwardInputCall& call) {
  product({.a = call.dz,
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
  if (call.dbias) add_columns(call.dz, call.dz_stride, call.rows, call.out, call.dbias);
  if (call.out > kNarrow) {
    return outer_product(call.x, call.x_stride, call.in, call.dz, call.dz_stride, call.out, call.rows, call.dweights,
                         call.out);
  }
  // Few outputs: the gradient's transpose has rows as long as the inputs, which fill the lanes.
  float* transposed = reinterpret_cast<float*>(call.scratch);
  for (size_t j = 0; j < call.out; ++j)
    for (size_t i = 0; i < call.in; ++i) transposed[j * call.in + i] = call.dweights[i * call.out + j];
  outer_product(call.dz, call.dz_stride, call.out, call.x, call.x_stride, call.in, call.rows, transposed, call.in);
  for (size_t j = 0; j < call.out; ++j)
    for (size_t i = 0; i < call.in; ++i) call.dweights[i * call.out + j] = transposed[j * call.in + i];
}

bool runs_here() {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}
}  // namespace

const NativeFunctions kAvx512{"avx512", runs_here, forward_bytes,  backward_bytes,  scratch_bytes,
                              pack,     forward,   backward_input, backward_weights};
}  // namespace podium::core
#endif
