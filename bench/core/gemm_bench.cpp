// How near to the CPU's multiply-add peak do the products of a training step come?
//
// The peak is measured in the same run, right before and after every step, by a loop that touches registers only; what
// is printed is the median of the steps' shares, so that a clock that drifts or a busy neighbour disturbs both alike.
// Only useful operations count: 2 rows in out per product, nothing for epilogues and padding. The peak is float32's,
// for bf16 kernels too. Pin it to one core: taskset -c 1 gemm_bench.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <string>
#include <vector>

#include "podium/core/gemm.h"
#include "podium/core/random.h"

namespace podium {
namespace {
/// This thread's time on the CPU: what neighbours take away doesn't count.
double now() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

/// Sixteen independent chains hide the latency of a multiply-add on any CPU we know. Operations per second.
template <class Vector>
[[gnu::always_inline]] inline double multiply_add_rate() {
  constexpr int kChains = sizeof(Vector) == 64 ? 16 : 12, kRounds = 20000;
  Vector sums[kChains] = {}, x = Vector{} + 0.999F, y = Vector{} + 1e-3F;
  const auto start = now();
  for (int round = 0; round < kRounds; ++round) {
#pragma GCC unroll 16
    for (auto& sum : sums) {
      sum = sum * x + y;
#if defined(__x86_64__)
      asm volatile("" : "+v"(sum));
#else
      asm volatile("" : "+w"(sum));
#endif
    }
  }
  const double seconds = now() - start;
  return 2.0 * kRounds * kChains * static_cast<double>(sizeof(Vector) / sizeof(float)) / seconds;
}

typedef float Wide [[gnu::vector_size(64)]];
typedef float Half [[gnu::vector_size(32)]];
typedef float Quarter [[gnu::vector_size(16)]];
#if defined(__x86_64__)
[[gnu::target("avx512f,prefer-vector-width=512"), gnu::noinline]] double peak_512() {
  return multiply_add_rate<Wide>();
}
[[gnu::noinline]] double peak_256() { return multiply_add_rate<Half>(); }
double peak() { return __builtin_cpu_supports("avx512f") ? peak_512() : peak_256(); }
#else
double peak() { return multiply_add_rate<Quarter>(); }
#endif

AlignedFloats normal(std::size_t size, std::uint64_t seed, double scale) {
  AlignedFloats values(size);
  const Random random(seed);
  for (std::size_t i = 0; i < size; ++i) values[i] = static_cast<float>(scale * random.normal(0, i));
  return values;
}

/// A perceptron's tile: relu in all layers but the last, dx written over the activation it belongs to.
class Mlp {
 public:
  Mlp(const GemmKernel& kernel, std::vector<std::size_t> widths, std::size_t rows)
      : kernel_(kernel), widths_(std::move(widths)), rows_(rows) {
    for (std::size_t layer = 0; layer < widths_.size(); ++layer)
      values_.push_back(normal(rows * widths_[layer], layer, 1));
    dx_.resize(rows * widths_[0]);
    for (std::size_t layer = 0; layer + 1 < widths_.size(); ++layer) {
      const std::size_t in = widths_[layer], out = widths_[layer + 1];
      const auto weights = normal(in * out, 10 + layer, 1 / std::sqrt(static_cast<double>(in)));
      kernel_.pack(weights.data(), in, out, packed_.emplace_back());
      bias_.emplace_back(out, 0.1F);
      dweights_.emplace_back(in * out);
      dbias_.emplace_back(out);
    }
  }

  void step() {
    for (std::size_t layer = 0; layer < packed_.size(); ++layer) {
      kernel_.forward(value(layer), packed_[layer], bias_[layer].data(), layer + 1 < packed_.size(), value(layer + 1),
                      scratch_, {.x = form(layer), .result = form(layer + 1)});
    }
    for (std::size_t layer = packed_.size(); layer-- > 0;) {
      const MatrixView x = value(layer), dz = value(layer + 1);
      kernel_.backward_weights(x, dz, dweights_[layer].data(), dbias_[layer].data(), scratch_,
                               {.x = form(layer), .dz = gradient_form(layer + 1)});
      if (layer > 0) {
        kernel_.backward_input(dz, packed_[layer], x, x, scratch_,
                               {.x = form(layer), .dz = gradient_form(layer + 1), .result = gradient_form(layer)});
      } else {
        kernel_.backward_input(dz, packed_[layer], {}, {dx_.data(), rows_, widths_[0]}, scratch_,
                               {.dz = gradient_form(layer + 1)});
      }
    }
  }

  double operations() const {
    double sum = 0;
    for (const auto& weights : dweights_) sum += 6.0 * static_cast<double>(rows_) * static_cast<double>(weights.size());
    return sum;
  }
  void clear_gradients() {
    for (auto& weights : dweights_) std::ranges::fill(weights, 0.0F);
  }
  const AlignedFloats& dx() const { return dx_; }
  const AlignedFloats& dweights() const { return dweights_.front(); }

 private:
  /// Of what one layer writes and the next reads.
  GemmForm* gradient_form(std::size_t layer) {
    const bool is_between = layer > 0 && layer < packed_.size();
    return is_between && widths_[layer] >= kernel_.least_formed() ? &forms_[layer] : nullptr;
  }
  GemmForm* form(std::size_t layer) {
    return gradient_form(layer) && widths_[layer + 1] >= kernel_.least_formed() ? &forms_[layer] : nullptr;
  }
  MatrixView value(std::size_t layer) { return {values_[layer].data(), rows_, widths_[layer]}; }

  const GemmKernel& kernel_;
  std::vector<std::size_t> widths_;
  std::size_t rows_;
  std::vector<AlignedFloats> values_, bias_, dweights_, dbias_;
  std::vector<PackedWeights> packed_;
  std::vector<GemmForm> forms_ = std::vector<GemmForm>(widths_.size());
  AlignedFloats dx_;
  GemmScratch scratch_;
};

/// Right before fast: root mean square of the difference from the scalar kernel, relative to that of the values.
double difference(const AlignedFloats& got, const AlignedFloats& want) {
  double differences = 0, squares = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    differences += std::pow(static_cast<double>(got[i]) - want[i], 2);
    squares += std::pow(static_cast<double>(want[i]), 2);
  }
  return std::sqrt(differences / squares);
}

void training_step(benchmark::State& state, const std::string& kernel, const std::vector<std::size_t>& widths) {
  const auto rows = static_cast<std::size_t>(state.range(0));
  Mlp mlp(gemm_kernel(kernel), widths, rows);
  if (rows == 128) {
    Mlp truth(gemm_kernel("scalar"), widths, rows);
    mlp.step();
    truth.step();
    const double allowed = kernel.ends_with("bf16") ? 0.1 : 1e-3;  // an activation near 0 may be masked in one alone
    if (difference(mlp.dx(), truth.dx()) > allowed || difference(mlp.dweights(), truth.dweights()) > allowed)
      return state.SkipWithError("differs from the scalar kernel");
  }
  std::vector<double> shares;
  double fastest = 1e30;
  for (auto _ : state) {
    const double before = peak();
    const auto start = now();
    mlp.step();
    const double seconds = now() - start;
    state.SetIterationTime(seconds);
    shares.push_back(mlp.operations() / seconds / std::max(before, peak()));
    fastest = std::min(fastest, seconds);
    mlp.clear_gradients();
  }
  std::ranges::sort(shares);
  state.counters["peak_share"] = shares[shares.size() / 2];
  state.counters["best_GFLOPS"] = mlp.operations() / fastest * 1e-9;
}

int register_all() {
  const std::pair<const char*, std::vector<std::size_t>> models[] = {{"seed job 64-256-64-1", {64, 256, 64, 1}},
                                                                     {"wide job 653-512-256-1", {653, 512, 256, 1}}};
  for (const auto& [name, widths] : models) {
    for (const auto& kernel : gemm_kernels()) {
      if (kernel == "scalar") continue;
      auto* bench = benchmark::RegisterBenchmark(
          (std::string("training step/") + name + "/" + kernel).c_str(),
          [kernel, widths = widths](benchmark::State& state) { training_step(state, kernel, widths); });
      bench->Arg(128)->Arg(256)->Arg(512)->UseManualTime()->Unit(benchmark::kMicrosecond)->MinTime(0.2);
    }
  }
  return 0;
}
const int registered = register_all();
}  // namespace
}  // namespace podium
