#include "podium/core/gemm.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "podium/core/error.h"
#include "podium/core/random.h"

namespace podium {
namespace {
/// A matrix with memory of its own, whose rows are `stride` floats apart.
struct Matrix {
  Matrix(std::size_t row_count, std::size_t col_count, std::size_t gap = 0)
      : values(std::max<std::size_t>(row_count * (col_count + gap), 1)),
        rows(row_count),
        cols(col_count),
        stride(col_count + gap) {}
  MatrixView view() { return {values.data(), rows, cols, stride}; }
  MatrixView part(std::size_t first, std::size_t count) {
    return {values.data() + first * stride, count, cols, stride};
  }
  AlignedFloats values;
  std::size_t rows, cols, stride;
};

enum class Fill { small_integers, normal };

/// Small integers: every sum of them is exact, in any order and with bf16 inputs.
Matrix filled(std::size_t rows, std::size_t cols, std::size_t gap, Fill fill, std::uint64_t seed) {
  Matrix matrix(rows, cols, gap);
  const Random random(seed);
  for (std::size_t i = 0; i < matrix.values.size(); ++i) {
    matrix.values[i] = fill == Fill::normal ? static_cast<float>(random.normal(0, i))
                                            : static_cast<float>(random.below(7, 0, i)) - 3.0F;
  }
  return matrix;
}

/// A layer's whole step on one tile by one kernel.
struct Step {
  Matrix y, dx, dweights;
  std::vector<float> dbias;
};
struct Shape {
  std::size_t rows, in, out, gap;
  bool bias, relu, mask;
};

Step run(const GemmKernel& kernel, const Shape& s, Fill fill) {
  Matrix x = filled(s.rows, s.in, s.gap, fill, 1), weights = filled(s.in, s.out, 0, fill, 2);
  Matrix dz = filled(s.rows, s.out, s.gap, fill, 3), bias = filled(1, s.out, 0, fill, 4);
  // Beyond a row's end lies what must neither be read into a result nor written.
  for (Matrix* matrix : {&x, &dz})
    for (std::size_t row = 0; row < s.rows; ++row)
      for (std::size_t col = matrix->cols; col < matrix->stride; ++col)
        matrix->values[row * matrix->stride + col] = NAN;
  Step step{Matrix(s.rows, s.out, s.gap), filled(s.rows, s.in, s.gap, fill, 5), filled(s.in, s.out, 0, fill, 6), {}};
  std::ranges::fill(step.y.values, -77.0F);
  const auto start = filled(1, s.out, 0, fill, 7);
  step.dbias.assign(start.values.begin(), start.values.end());

  PackedWeights packed;
  GemmScratch scratch;
  kernel.pack(weights.values.data(), s.in, s.out, packed);
  kernel.forward(x.view(), packed, s.bias ? bias.values.data() : nullptr, s.relu, step.y.view(), scratch);
  // With a mask, dx is written over the activation that masks it.
  const ConstMatrixView activation = s.mask ? ConstMatrixView(step.dx.view()) : ConstMatrixView();
  kernel.backward_input(dz.view(), packed, activation, step.dx.view(), scratch);
  kernel.backward_weights(x.view(), dz.view(), step.dweights.values.data(), s.bias ? step.dbias.data() : nullptr,
                          scratch);
  return step;
}

/// Differences of up to `tolerance` times the size of a sum of `terms` random products.
void expect_near(const AlignedFloats& got, const AlignedFloats& want, double tolerance, std::size_t terms,
                 const std::string& what) {
  ASSERT_EQ(got.size(), want.size());
  const double allowed = tolerance * std::sqrt(static_cast<double>(terms) + 1.0);
  for (std::size_t i = 0; i < got.size(); ++i) {
    if (got[i] == want[i] || std::abs(got[i] - want[i]) <= allowed) continue;
    FAIL() << what << " at " << i << ": " << got[i] << ", scalar " << want[i];
  }
}

void expect_equal_to_scalar(const GemmKernel& kernel, const Shape& s, Fill fill, double tolerance) {
  const std::string what = std::string(kernel.name()) + " rows " + std::to_string(s.rows) + " in " +
                           std::to_string(s.in) + " out " + std::to_string(s.out) + ", ";
  const Step got = run(kernel, s, fill), want = run(gemm_kernel("scalar"), s, fill);
  expect_near(got.y.values, want.y.values, tolerance, s.in, what + "y");
  expect_near(got.dx.values, want.dx.values, tolerance, s.out, what + "dx");
  expect_near(got.dweights.values, want.dweights.values, tolerance, s.rows, what + "dweights");
  expect_near({got.dbias.begin(), got.dbias.end()}, {want.dbias.begin(), want.dbias.end()}, tolerance, s.rows,
              what + "dbias");
}

double tolerance(const GemmKernel& kernel) { return kernel.name().ends_with("bf16") ? 3e-2 : 2e-5; }

class Gemm : public testing::TestWithParam<std::string> {
 protected:
  const GemmKernel& kernel() const { return gemm_kernel(GetParam()); }
};

TEST(GemmScalar, FollowsTheFormulasOnNumbersDoneByHand) {
  const auto& kernel = gemm_kernel("scalar");
  const float weights[] = {1, 2, 3, 4, 5, 6};  // [3, 2]
  const float x[] = {1, 0, -1, 2, 1, 0};       // [2, 3]
  const float bias[] = {1, 5}, dz[] = {1, -1, 2, 0}, activation[] = {1, 0, 2, -1, 3, 1};
  PackedWeights packed;
  GemmScratch scratch;
  kernel.pack(weights, 3, 2, packed);
  float y[4];
  kernel.forward({x, 2, 3}, packed, bias, false, {y, 2, 2}, scratch);
  EXPECT_EQ(std::vector<float>(y, y + 4), (std::vector<float>{-3, 1, 6, 13}));  // 1-5+1, 2-6+5, 2+3+1, 4+4+5
  kernel.forward({x, 2, 3}, packed, bias, true, {y, 2, 2}, scratch);
  EXPECT_EQ(std::vector<float>(y, y + 4), (std::vector<float>{0, 1, 6, 13}));
  float dx[6];
  kernel.backward_input({dz, 2, 2}, packed, {activation, 2, 3}, {dx, 2, 3}, scratch);
  EXPECT_EQ(std::vector<float>(dx, dx + 6), (std::vector<float>{-1, 0, -1, 0, 6, 10}));  // row 0: -1 each; row 1: 2 W
  float dweights[6] = {10, 0, 0, 0, 0, 0}, dbias[2] = {1, 1};
  kernel.backward_weights({x, 2, 3}, {dz, 2, 2}, dweights, dbias, scratch);
  EXPECT_EQ(std::vector<float>(dweights, dweights + 6), (std::vector<float>{15, -1, 2, 0, -1, 1}));
  EXPECT_EQ(std::vector<float>(dbias, dbias + 2), (std::vector<float>{4, 0}));
}

TEST_P(Gemm, EqualsScalarOnSmallIntegersAroundEveryWidthOfAVector) {
  const std::size_t widths[] = {1, 2, 3, 8, 9, 15, 16, 17, 31, 32, 33, 47, 64, 65};
  bool flip = false;
  for (const std::size_t in : widths) {
    for (const std::size_t out : widths) {
      for (const std::size_t rows : {1, 2, 13, 14, 17, 33, 40}) {
        flip = !flip;
        expect_equal_to_scalar(kernel(), {rows, in, out, flip ? 3U : 0U, in % 2 == 0, flip, out % 2 == 1},
                               Fill::small_integers, 0.0);
        if (HasFatalFailure()) return;
      }
    }
  }
}

TEST_P(Gemm, AgreesWithScalarOnRandomNumbers) {
  for (const Shape& shape : {Shape{128, 64, 256, 0, true, true, true}, Shape{300, 256, 64, 0, true, true, true},
                             Shape{257, 64, 1, 0, true, false, true}, Shape{513, 45, 77, 5, false, true, false},
                             Shape{70, 1000, 33, 0, true, false, true}, Shape{300, 1100, 100, 0, true, true, true},
                             Shape{33, 7, 1100, 1, true, true, true}}) {
    expect_equal_to_scalar(kernel(), shape, Fill::normal, tolerance(kernel()));
  }
}

TEST_P(Gemm, KeepsMemoryBeyondTheRowsAsItWas) {
  const Step step = run(kernel(), {20, 19, 21, 4, true, true, false}, Fill::normal);
  for (std::size_t row = 0; row < 20; ++row)
    for (std::size_t col = 21; col < 25; ++col) EXPECT_EQ(step.y.values[row * 25 + col], -77.0F);
}

/// forward and backward_input of rows [first, first + count) of the same 320 rows.
std::pair<Matrix, Matrix> rows_of(const GemmKernel& kernel, std::size_t in, std::size_t out, std::size_t first,
                                  std::size_t count) {
  Matrix x = filled(320, in, 0, Fill::normal, 1), dz = filled(320, out, 0, Fill::normal, 2);
  Matrix weights = filled(in, out, 0, Fill::normal, 3), bias = filled(1, out, 0, Fill::normal, 4);
  Matrix y(count, out), dx = filled(count, in, 0, Fill::normal, 5);
  for (float& value : dx.values) value = 1.0F;
  PackedWeights packed;
  GemmScratch scratch;
  kernel.pack(weights.values.data(), in, out, packed);
  kernel.forward(x.part(first, count), packed, bias.values.data(), true, y.view(), scratch);
  kernel.backward_input(dz.part(first, count), packed, dx.view(), dx.view(), scratch);
  return {std::move(y), std::move(dx)};
}

TEST_P(Gemm, GivesARowTheSameBitsInAnyTileAtAnyPlace) {
  for (const auto& [in, out] : {std::pair<std::size_t, std::size_t>{64, 256},
                                {256, 64},
                                {64, 1},
                                {1, 40},
                                {70, 5},
                                {33, 10},
                                {600, 19},
                                {5, 700}}) {
    const auto [all_y, all_dx] = rows_of(kernel(), in, out, 0, 320);
    for (const auto& [first, count] : {std::pair<std::size_t, std::size_t>{0, 1},
                                       {5, 1},
                                       {17, 1},
                                       {319, 1},
                                       {2, 7},
                                       {13, 7},
                                       {100, 128},
                                       {1, 128},
                                       {11, 300},
                                       {20, 300},
                                       {3, 65}}) {
      const auto [y, dx] = rows_of(kernel(), in, out, first, count);
      EXPECT_EQ(std::memcmp(y.values.data(), &all_y.values[first * out], count * out * sizeof(float)), 0)
          << GetParam() << " y " << in << " " << out << " rows " << first << " + " << count;
      EXPECT_EQ(std::memcmp(dx.values.data(), &all_dx.values[first * in], count * in * sizeof(float)), 0)
          << GetParam() << " dx " << in << " " << out << " rows " << first << " + " << count;
    }
  }
}

TEST_P(Gemm, RepeatsItselfBitForBitWithNewMemory) {
  const Shape shape{150, 67, 129, 1, true, true, true};
  const Step once = run(kernel(), shape, Fill::normal), again = run(kernel(), shape, Fill::normal);
  const auto same = [](const AlignedFloats& a, const AlignedFloats& b) {
    return std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
  };
  EXPECT_TRUE(same(once.y.values, again.y.values));
  EXPECT_TRUE(same(once.dx.values, again.dx.values));
  EXPECT_TRUE(same(once.dweights.values, again.dweights.values));
  EXPECT_EQ(once.dbias, again.dbias);
}

/// Two layers' whole step, in -> middle (relu) -> out, with forms between them or without.
struct TwoLayers {
  Matrix y, dx, dweights1, dweights2;
  std::vector<float> dbias1, dbias2;
};
TwoLayers two_layers(const GemmKernel& kernel, std::size_t rows, std::size_t in, std::size_t middle, std::size_t out,
                     bool with_forms) {
  Matrix x = filled(rows, in, 0, Fill::normal, 1), dz = filled(rows, out, 0, Fill::normal, 2);
  Matrix weights1 = filled(in, middle, 0, Fill::normal, 3), weights2 = filled(middle, out, 0, Fill::normal, 4);
  Matrix bias = filled(1, middle, 0, Fill::normal, 5), h(rows, middle);
  TwoLayers step{Matrix(rows, out),   Matrix(rows, in),           Matrix(in, middle),
                 Matrix(middle, out), std::vector<float>(middle), std::vector<float>(out)};
  PackedWeights packed1, packed2;
  kernel.pack(weights1.values.data(), in, middle, packed1);
  kernel.pack(weights2.values.data(), middle, out, packed2);
  GemmScratch scratch;
  GemmForm memory;
  memory.bytes.resize(1 << 20, std::byte{0xFF});  // NaNs: what a form doesn't set must not count
  GemmForm* gradient_form = with_forms && middle >= kernel.least_formed() ? &memory : nullptr;
  GemmForm* form = gradient_form && out >= kernel.least_formed() ? &memory : nullptr;
  if (form) std::ranges::fill(h.values, NAN);
  kernel.forward(x.view(), packed1, bias.values.data(), true, h.view(), scratch, {.result = form});
  kernel.forward(h.view(), packed2, nullptr, false, step.y.view(), scratch, {.x = form});
  kernel.backward_weights(h.view(), dz.view(), step.dweights2.values.data(), step.dbias2.data(), scratch, {.x = form});
  kernel.backward_input(dz.view(), packed2, h.view(), h.view(), scratch, {.x = form, .result = gradient_form});
  if (gradient_form) std::ranges::fill(h.values, NAN);
  kernel.backward_weights(x.view(), h.view(), step.dweights1.values.data(), step.dbias1.data(), scratch,
                          {.dz = gradient_form});
  kernel.backward_input(h.view(), packed1, {}, step.dx.view(), scratch, {.dz = gradient_form});
  return step;
}

TEST_P(Gemm, GivesTheSameBitsByFormsAsByMatrices) {
  if (kernel().least_formed() > 1000) return;  // it has none
  for (const std::size_t rows : {1, 2, 7, 8, 17, 31, 33, 64, 250}) {
    for (const auto& [in, middle, out] :
         {std::array<std::size_t, 3>{64, 256, 64}, {64, 64, 1}, {20, 9, 9}, {33, 40, 50}, {16, 48, 8}, {5, 17, 100}}) {
      const TwoLayers got = two_layers(kernel(), rows, in, middle, out, true);
      const TwoLayers want = two_layers(kernel(), rows, in, middle, out, false);
      const std::string what = std::to_string(rows) + " rows, " + std::to_string(middle) + " to " + std::to_string(out);
      EXPECT_EQ(got.y.values, want.y.values) << what;
      EXPECT_EQ(got.dx.values, want.dx.values) << what;
      EXPECT_EQ(got.dweights1.values, want.dweights1.values) << what;
      EXPECT_EQ(got.dweights2.values, want.dweights2.values) << what;
      EXPECT_EQ(got.dbias1, want.dbias1) << what;
      EXPECT_EQ(got.dbias2, want.dbias2) << what;
    }
  }
}

TEST_P(Gemm, LetsANanThroughReluAndKeepsItInItsRow) {
  Matrix x = filled(40, 64, 0, Fill::normal, 1), weights = filled(64, 48, 0, Fill::normal, 2), y(40, 48);
  x.values[17 * 64 + 5] = NAN;
  PackedWeights packed;
  GemmScratch scratch;
  kernel().pack(weights.values.data(), 64, 48, packed);
  kernel().forward(x.view(), packed, nullptr, true, y.view(), scratch);
  for (std::size_t i = 0; i < y.values.size(); ++i) EXPECT_EQ(std::isnan(y.values[i]), i / 48 == 17) << i;
}

TEST_P(Gemm, HasTheSameBitsWhereAProductMayBeCut) {
  const GemmKernel& kernel = gemm_kernel(GetParam());
  GemmScratch scratch;
  for (const std::size_t out : {1, 8, 9, 32, 70}) {
    if (!kernel.may_be_cut(out)) continue;
    for (const std::size_t in : {2, 40, 300}) {
      for (const std::size_t cut : {std::size_t{1}, in / 2, in - 1}) {
        Matrix x = filled(20, in, 3, Fill::normal, 1), weights = filled(in, out, 0, Fill::normal, 2),
               bias = filled(1, out, 0, Fill::normal, 3), whole(20, out), parts(20, out), sums(1, out);
        PackedWeights packed, first, second;
        kernel.pack(weights.values.data(), in, out, packed);
        kernel.pack(weights.values.data(), cut, out, first);
        kernel.pack(weights.values.data() + cut * out, in - cut, out, second);
        kernel.forward(x.view(), packed, bias.values.data(), true, whole.view(), scratch);
        for (std::size_t row = 0; row < 20; ++row) {
          const float* values = x.view().row(row).data();
          kernel.forward({values, 1, cut}, first, bias.values.data(), false, sums.view(), scratch);
          kernel.forward({values + cut, 1, in - cut}, second, sums.values.data(), true, parts.part(row, 1), scratch);
        }
        EXPECT_EQ(whole.values, parts.values) << in << " x " << out << " cut at " << cut;
      }
    }
  }
}

TEST_P(Gemm, DoesNothingForNoRows) {
  const Step step = run(kernel(), {0, 20, 30, 0, true, true, true}, Fill::normal);
  EXPECT_EQ(step.dweights.values, filled(20, 30, 0, Fill::normal, 6).values);
}

INSTANTIATE_TEST_SUITE_P(Kernels, Gemm, testing::ValuesIn(gemm_kernels()),
                         [](const auto& param) { return param.param; });

TEST(GemmKernels, AreNamedBestFirstAndEndWithTheTruth) {
  const auto names = gemm_kernels();
  EXPECT_EQ(names.back(), "scalar");
  EXPECT_EQ(gemm_kernel("auto").name(), gemm_kernel("").name());
  EXPECT_FALSE(gemm_kernel("auto").name().ends_with("bf16"));
  for (const auto& name : names) EXPECT_EQ(gemm_kernel(name).name(), name);
}

TEST(GemmKernels, RefuseAnUnknownNameAndSayWhichThereAre) {
  try {
    gemm_kernel("avx1024");
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("avx1024"), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("scalar"), std::string::npos);
  }
}
}  // namespace
}  // namespace podium
