// How many floating-point operations a second can this machine's cores do at the very most?
//   fma_peak THREADS   prints {"threads": N, "gflops": best of 20 tries of about 50 ms}
// Every thread multiplies and adds in registers alone, in enough independent chains to fill both FMA units. bench/run
// compiles it with -O3 -march=native and shows every training beside it.
#include <algorithm>
#include <barrier>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

#if defined(__AVX512F__)
constexpr int kBytes = 64, kChains = 20;  // of 32 registers
#else
constexpr int kBytes = 32, kChains = 12;  // of 16 registers
#endif
using Vector [[gnu::vector_size(kBytes)]] = float;
constexpr int kLanes = kBytes / 4;

// x = x * a + b so often that nothing else counts; the result is returned so that the compiler must keep it.
float chains(long rounds) {
  Vector x[kChains];
  for (int i = 0; i < kChains; ++i) {
    x[i] = Vector{} + static_cast<float>(i);
  }
  Vector a = Vector{} + 0.999F, b = Vector{} + 0.001F;
  for (long round = 0; round < rounds; ++round) {
    asm volatile("" : "+x"(a), "+x"(b));
#pragma GCC unroll 32
    for (int i = 0; i < kChains; ++i) {
      x[i] = x[i] * a + b;
    }
  }
  float sum = 0;
  for (const Vector& each : x) {
    sum += each[0];
  }
  return sum;
}

using Clock = std::chrono::steady_clock;

int main(int count, char** arguments) {
  const int threads = count > 1 ? std::max(1, std::atoi(arguments[1])) : 1;
  constexpr long kRounds = 4'000'000;
  constexpr int kTries = 20;
  volatile float sink = 0;
  double best = 0;
  for (int t = 0; t < kTries; ++t) {
    // Each worker takes its own times: the main thread may be woken late.
    std::vector<Clock::time_point> begun(threads), ended(threads);
    std::barrier meeting(threads);
    {
      std::vector<std::jthread> workers;
      for (int i = 0; i < threads; ++i) {
        workers.emplace_back([&, i] {
          meeting.arrive_and_wait();
          begun[i] = Clock::now();
          sink = chains(kRounds);
          ended[i] = Clock::now();
        });
      }
    }
    const std::chrono::duration<double> seconds = std::ranges::max(ended) - std::ranges::min(begun);
    best = std::max(best, 2.0 * kLanes * kChains * static_cast<double>(kRounds) * threads / seconds.count());
  }
  std::printf("{\"threads\": %d, \"gflops\": %.1f}\n", threads, best / 1e9);
}
