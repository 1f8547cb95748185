#pragma once
// Shared by the two families whose inputs are bfloat16, each compiled with its own flags: so everything here has
// internal linkage, and nothing else may include it. They differ in how blocks of tiles are multiplied.
#include <cpuid.h>
#include <immintrin.h>

#include "podium/core/gemm_avx512_narrow.h"
#include "podium/core/gemm_families.h"

namespace podium::core {
namespace {
using Bf16 = unsigned short;

// A tile is 16 lines of 64 bytes. Left tiles hold [16 rows][32 inner], right tiles [16 pairs of inner][16 cols][2]:
// what the CPU's tile and dot-product instructions take. A matrix is [blocks of rows or cols][blocks of inner] of
// tiles, with zeros beyond its ends.
constexpr size_t kLines = 16, kInner = 32, kTile = kLines * kInner;

constexpr size_t tiles_bytes(size_t lines, size_t inner) {
  return ceil_div(lines, kLines) * ceil_div(inner, kInner) * kTile * sizeof(Bf16);
}
template <int Z>
__mmask16 lanes_of(int z, __mmask16 last) {
  return z + 1 < Z ? __mmask16{0xFFFF} : last;
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

/// b [inner, cols] as right tiles.
inline void right_tiles(const float* b, size_t stride, size_t inner, size_t cols, Bf16* to) {
  for (size_t col = 0; col < cols; col += kLines) {
    const __mmask16 lanes = lanes_between(col, cols);
    for (size_t k = 0; k < ceil_div(inner, kInner) * kInner; k += 2, to += kInner) {
      const float* from = b + k * stride + col;
      const __m512 even = _mm512_maskz_loadu_ps(k < inner ? lanes : __mmask16{0}, from);
      const __m512 odd = _mm512_maskz_loadu_ps(k + 1 < inner ? lanes : __mmask16{0}, from + stride);
      _mm512_store_si512(to, paired(even, odd));
    }
  }
}

/// sums[j] += sum of column j, of right tiles of `cols` columns.
inline void add_column_sums(const Bf16* tiles, size_t inner_blocks, size_t cols, float* sums) {
  const auto ones = reinterpret_cast<__m512bh>(_mm512_set1_epi16(0x3F80));
  for (size_t first = 0; first < cols; first += kLines) {
    __m512 sum[4] = {};  // of every fourth pair: one sum would wait for itself
    for (size_t pair = 0; pair < inner_blocks * kLines; pair += 4, tiles += 4 * kInner) {
#pragma GCC unroll 4
      for (size_t i = 0; i < 4; ++i)
        sum[i] = _mm512_dpbf16_ps(sum[i], ones, reinterpret_cast<__m512bh>(_mm512_load_si512(tiles + i * kInner)));
    }
    const __mmask16 lanes = lanes_between(first, cols);
    const __m512 all = _mm512_add_ps(_mm512_add_ps(sum[0], sum[1]), _mm512_add_ps(sum[2], sum[3]));
    _mm512_mask_storeu_ps(sums + first, lanes, _mm512_add_ps(all, _mm512_maskz_loadu_ps(lanes, sums + first)));
  }
}

/// Where the pairs of 16 columns from `Begin` on stand in two lines of 32 values, one after another.
template <int Begin>
__m512i interleaved() {
  const __m512i places = _mm512_set_epi16(47, 15, 46, 14, 45, 13, 44, 12, 43, 11, 42, 10, 41, 9, 40, 8, 39, 7, 38, 6,
                                          37, 5, 36, 4, 35, 3, 34, 2, 33, 1, 32, 0);
  return _mm512_add_epi16(places, _mm512_set1_epi16(Begin));
}

/// A matrix [rows, cols] as left tiles and, with its rows as the inner index, as right tiles: what a product's epilogue
/// writes of its result while that is in registers.
class Form {
 public:
  /// bytes: null if there is none; then only to be copied.
  Form(std::byte* bytes, size_t rows, size_t cols)
      : left_(reinterpret_cast<Bf16*>(bytes)),
        right_(bytes ? left_ + tiles_bytes(rows, cols) / sizeof(Bf16) : nullptr),
        left_blocks_(ceil_div(cols, kInner)),
        right_blocks_(ceil_div(rows, kInner)) {}
  /// To read.
  Form(const std::byte* bytes, size_t rows, size_t cols) : Form(const_cast<std::byte*>(bytes), rows, cols) {}
  static size_t bytes(size_t rows, size_t cols) { return tiles_bytes(rows, cols) + tiles_bytes(cols, rows); }
  const Bf16* left() const { return left_; }
  const Bf16* right() const { return right_; }

  /// Sets the pairs beyond the last row to zero.
  void begin(size_t rows, size_t cols) const {
    for (size_t col = 0; col < cols; col += kLines) {
      Bf16* tiles = right_ + col / kLines * right_blocks_ * kTile;
      for (size_t pair = (rows + 1) / 2; pair < right_blocks_ * kLines; ++pair)
        _mm512_store_si512(tiles + pair * kInner, _mm512_setzero_si512());
    }
  }
  /// Which of the row's 32 columns from `col` on are above 0, of relu's outputs.
  __mmask32 above_zero(size_t row, size_t col) const {
    return _mm512_cmpgt_epi16_mask(_mm512_load_si512(line_of(row, col)), _mm512_setzero_si512());
  }
  /// Two rows, the first even, where the masks allow it and else 0; both false: the second is beyond the last.
  template <int Z>
  void put(size_t row, bool both, size_t col, const __m512 (&even)[Z], const __m512 (&odd)[Z],
           __mmask32 keeps_even = ~__mmask32{0}, __mmask32 keeps_odd = ~__mmask32{0}) const {
    const auto side_by_side = [](__mmask32 keeps, const __m512(&v)[Z]) {
      return reinterpret_cast<__m512i>(_mm512_maskz_cvtne2ps_pbh(keeps, Z == 2 ? v[Z - 1] : _mm512_setzero_ps(), v[0]));
    };
    const __m512i first = side_by_side(keeps_even, even), second = side_by_side(both ? keeps_odd : 0, odd);
    Bf16* line = line_of(row, col);
    _mm512_store_si512(line, first);
    if (both) _mm512_store_si512(line + kInner, second);
    Bf16* pairs = right_ + col / kLines * right_blocks_ * kTile + row / 2 * kInner;
    _mm512_store_si512(pairs, _mm512_permutex2var_epi16(first, interleaved<0>(), second));
    if (Z == 2)
      _mm512_store_si512(pairs + right_blocks_ * kTile,
                         _mm512_permutex2var_epi16(first, interleaved<kLines>(), second));
  }

 private:
  Bf16* line_of(size_t row, size_t col) const {
    return left_ + (row / kLines * left_blocks_ + col / kInner) * kTile + row % kLines * kInner;
  }

  Bf16 *left_, *right_;
  size_t left_blocks_, right_blocks_;
};

/// Left tiles [rows, inner] and right tiles [inner, cols] of one product.
struct TileProduct {
  const Bf16 *left, *right;
  size_t rows, cols, inner;
  float* sums = nullptr;  // += column sums of the right matrix, unless null
};

/// Sets values to 0 where relu's output is not above 0; `last`: the lanes of the last of Z vectors.
template <int Z>
void keep_above_zero(const float* output, __mmask16 last, __m512 (&values)[Z]) {
#pragma GCC unroll 2
  for (int z = 0; z < Z; ++z) {
    const __m512 from = _mm512_maskz_loadu_ps(lanes_of<Z>(z, last), output + z * kLanes);
    values[z] = _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(from, _mm512_setzero_ps(), _CMP_GT_OQ), values[z]);
  }
}

/// backward_input of a dense layer with few columns, in float32; weights [out, in]; x has no form.
inline void narrow_inner(const BackwardInputCall& call) {
  const float* weights = reinterpret_cast<const float*>(call.weights);
  const Form form(call.dx_form, call.rows, call.in);
  if (call.dx_form) form.begin(call.rows, call.in);
  const auto element = [&](size_t row, size_t i) {
    const __mmask16 lanes = lanes_between(i, call.in);
    __m512 sum[] = {_mm512_setzero_ps()};
    if (row >= call.rows || lanes == 0) return sum[0];
    const float* dz = call.dz + row * call.dz_stride;
    for (size_t j = 0; j < call.out; ++j)
      sum[0] = _mm512_fmadd_ps(_mm512_set1_ps(dz[j]), _mm512_maskz_loadu_ps(lanes, weights + j * call.in + i), sum[0]);
    if (call.relu_output) keep_above_zero(call.relu_output + row * call.relu_stride + i, lanes, sum);
    if (!call.dx_form) _mm512_mask_storeu_ps(call.dx + row * call.dx_stride + i, lanes, sum[0]);
    return sum[0];
  };
  for (size_t row = 0; row < call.rows; row += 2) {
    const bool both = row + 1 < call.rows;
    for (size_t i = 0; i < call.in; i += kInner) {
      const __m512 even[] = {element(row, i), element(row, i + kLines)};
      const __m512 odd[] = {element(row + 1, i), element(row + 1, i + kLines)};
      if (!call.dx_form) continue;
      if (i + kLines < call.in) {
        form.put(row, both, i, even, odd);
      } else {
        form.put<1>(row, both, i, {even[0]}, {odd[0]});
      }
    }
  }
}

/// A family brings
/// - multiply(product, finish): finish(row, both, col, last, even, odd) takes the product of two rows, the second only
/// if
///   `both`, in one or two vectors of columns, `last` the lanes of the last;
/// - transposed_left(call, scratch), multiply_transposed(product, finish): the same of x^T, laid out as it likes;
/// - kHasForms: whether it reads forms.
template <class Family>
struct Bf16Products {
  // Up to kNarrow columns the weights stay float32, [out, in]: tiles would be all but empty.
  static size_t forward_bytes(size_t in, size_t out) {
    return out <= kNarrow ? in * out * sizeof(float) : tiles_bytes(out, in);
  }
  static size_t backward_bytes(size_t in, size_t out) {
    return out <= kNarrow ? in * out * sizeof(float) : tiles_bytes(in, out);
  }
  static size_t scratch_bytes(size_t rows, size_t in, size_t out) {
    const size_t product = tiles_bytes(rows, in > out ? in : out);
    const size_t gradient = tiles_bytes(in, rows) + tiles_bytes(out, rows);
    return product > gradient ? product : gradient;
  }

  static void pack(const float* weights, size_t in, size_t out, std::byte* forward, std::byte* backward) {
    if (out <= kNarrow) {
      for (std::byte* copy : {forward, backward}) {
        float* to = reinterpret_cast<float*>(copy);
        for (size_t j = 0; j < out; ++j)
          for (size_t i = 0; i < in; ++i) *to++ = weights[i * out + j];
      }
      return;
    }
    right_tiles(weights, out, in, out, reinterpret_cast<Bf16*>(forward));
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
    if (call.out <= kNarrow) return narrow_product(product_of(call));
    const __m512 floor = _mm512_set1_ps(call.relu ? 0.0F : -__builtin_inff());
    const auto change = [=]<int Z>(size_t, bool, size_t col, __mmask16 last, __m512(&even)[Z], __m512(&odd)[Z])
        __attribute__((always_inline)) {
#pragma GCC unroll 2
      for (int z = 0; z < Z; ++z) {
        const float* from = call.bias + col + z * kLanes;
        const __m512 bias = call.bias ? _mm512_maskz_loadu_ps(lanes_of<Z>(z, last), from) : _mm512_setzero_ps();
        even[z] = _mm512_max_ps(floor, _mm512_add_ps(even[z], bias));  // in this order a NaN stays one
        odd[z] = _mm512_max_ps(floor, _mm512_add_ps(odd[z], bias));
      }
    };
    multiply({left_of(call.x_form, call.x, call.x_stride, call.rows, call.in, call.scratch),
              reinterpret_cast<const Bf16*>(call.weights), call.rows, call.out, call.in},
             change, {call.y, call.y_stride, call.y_form, nullptr});
  }

  static void backward_input(const BackwardInputCall& call) {
    if (call.rows == 0) return;
    if (call.out <= kNarrow) return narrow_inner(call);
    const auto change = [=]<int Z>(size_t row, bool both, size_t col, __mmask16 last, __m512(&even)[Z], __m512(&odd)[Z])
        __attribute__((always_inline)) {
      if (!call.relu_output || call.x_form) return;
      const float* output = call.relu_output + row * call.relu_stride + col;
      keep_above_zero(output, last, even);
      if (both) keep_above_zero(output + call.relu_stride, last, odd);
    };
    multiply({left_of(call.dz_form, call.dz, call.dz_stride, call.rows, call.out, call.scratch),
              reinterpret_cast<const Bf16*>(call.weights), call.rows, call.in, call.out},
             change, {call.dx, call.dx_stride, call.dx_form, call.x_form});
  }

  static void backward_weights(const BackwardWeightsCall& call) {
    if (call.rows == 0) return;
    if (call.out <= kNarrow) return narrow_weights(call);
    Bf16* scratch = reinterpret_cast<Bf16*>(call.scratch);
    const Bf16* left = Family::transposed_left(call, scratch);
    Bf16* right = scratch + tiles_bytes(call.in, call.rows) / sizeof(Bf16);
    if (!call.dz_form) right_tiles(call.dz, call.dz_stride, call.rows, call.out, right);
    const Bf16* dz = call.dz_form ? Form(call.dz_form, call.rows, call.out).right() : right;
    const auto finish = [=]<int Z>(size_t row, bool both, size_t col, __mmask16 last, __m512(&even)[Z], __m512(&odd)[Z])
        __attribute__((always_inline)) {
#pragma GCC unroll 2
      for (int z = 0; z < Z; ++z) {
        const __mmask16 lanes = lanes_of<Z>(z, last);
        float* to = call.dweights + row * call.out + col + z * kLanes;
        _mm512_mask_storeu_ps(to, lanes, _mm512_add_ps(even[z], _mm512_maskz_loadu_ps(lanes, to)));
        if (!both) continue;
        to += call.out;
        _mm512_mask_storeu_ps(to, lanes, _mm512_add_ps(odd[z], _mm512_maskz_loadu_ps(lanes, to)));
      }
    };
    Family::multiply_transposed({left, dz, call.in, call.out, call.rows, call.dbias}, finish);
  }

  /// Where a product goes: to a matrix, or to a form alone, there 0 where the activation in the form `mask` is not
  /// above 0 unless that is null.
  struct Target {
    float* c;
    size_t stride;
    std::byte* form;
    const std::byte* mask;
  };
  /// change(row, both, col, last, even, odd) turns sums into results, in place.
  template <class Change>
  static void multiply(const TileProduct& product, const Change& change, const Target& target) {
    if (target.form) {
      const Form form(target.form, product.rows, product.cols), mask(target.mask, product.rows, product.cols);
      form.begin(product.rows, product.cols);
      const auto write = [ =, masks = target.mask != nullptr ]<int Z>(size_t row, bool both, size_t col, __mmask16 last,
                                                                      __m512(&even)[Z], __m512(&odd)[Z])
          __attribute__((always_inline)) {
        change(row, both, col, last, even, odd);
        if (masks) {  // of a row beyond the last too: its tile holds a line for it
          form.put(row, both, col, even, odd, mask.above_zero(row, col), mask.above_zero(row + 1, col));
        } else {
          form.put(row, both, col, even, odd);
        }
      };
      return Family::multiply(product, write);
    }
    Family::multiply(
        product, [=]<int Z>(size_t row, bool both, size_t col, __mmask16 last, __m512(&even)[Z], __m512(&odd)[Z])
                     __attribute__((always_inline)) {
                       change(row, both, col, last, even, odd);
                       float* c = target.c + row * target.stride + col;
#pragma GCC unroll 2
                       for (int z = 0; z < Z; ++z) {
                         const __mmask16 lanes = lanes_of<Z>(z, last);
                         _mm512_mask_storeu_ps(c + z * kLanes, lanes, even[z]);
                         if (both) _mm512_mask_storeu_ps(c + target.stride + z * kLanes, lanes, odd[z]);
                       }
                     });
  }

  static const Bf16* left_of(const std::byte* form, const float* a, size_t stride, size_t rows, size_t inner,
                             std::byte* scratch) {
    if (form) return Form(form, rows, inner).left();
    left_tiles(a, stride, rows, inner, reinterpret_cast<Bf16*>(scratch));
    return reinterpret_cast<const Bf16*>(scratch);
  }

  static constexpr NativeFunctions functions(const char* name, bool (*runs_here)()) {
    const auto may_be_cut = [](std::size_t) { return false; };  // sums of pairs
    return {name,
            runs_here,
            forward_bytes,
            backward_bytes,
            Family::kHasForms ? kNarrow + 1 : static_cast<size_t>(-1),
            Family::kHasForms ? Form::bytes : nullptr,
            scratch_bytes,
            pack,
            forward,
            backward_input,
            backward_weights,
            may_be_cut};
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
