#include "podium/core/random.h"

#include <cmath>
#include <numbers>
#include <numeric>
#include <utility>

namespace podium {
namespace {
constexpr std::uint32_t kMultiplier0 = 0xD2511F53U, kMultiplier1 = 0xCD9E8D57U;
constexpr std::uint32_t kWeyl0 = 0x9E3779B9U, kWeyl1 = 0xBB67AE85U;
constexpr double kTo53Bits = 1.0 / 9007199254740992.0;  // 2^-53

double to_uniform(std::uint64_t bits) { return static_cast<double>(bits >> 11) * kTo53Bits; }
}  // namespace

std::array<std::uint32_t, 4> Random::block(std::uint64_t stream, std::uint64_t index) const {
  std::array<std::uint32_t, 4> counter = {static_cast<std::uint32_t>(index), static_cast<std::uint32_t>(index >> 32),
                                          static_cast<std::uint32_t>(stream), static_cast<std::uint32_t>(stream >> 32)};
  auto key0 = static_cast<std::uint32_t>(seed_), key1 = static_cast<std::uint32_t>(seed_ >> 32);
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t product0 = std::uint64_t{kMultiplier0} * counter[0];
    const std::uint64_t product1 = std::uint64_t{kMultiplier1} * counter[2];
    counter = {static_cast<std::uint32_t>(product1 >> 32) ^ counter[1] ^ key0, static_cast<std::uint32_t>(product1),
               static_cast<std::uint32_t>(product0 >> 32) ^ counter[3] ^ key1, static_cast<std::uint32_t>(product0)};
    key0 += kWeyl0;
    key1 += kWeyl1;
  }
  return counter;
}

std::uint64_t Random::at(std::uint64_t stream, std::uint64_t index) const {
  const auto words = block(stream, index);
  return (std::uint64_t{words[1]} << 32) | words[0];
}

double Random::uniform(std::uint64_t stream, std::uint64_t index) const { return to_uniform(at(stream, index)); }

double Random::normal(std::uint64_t stream, std::uint64_t index) const {
  const auto words = block(stream, index);
  // Box-Muller; 1 - u keeps the logarithm's argument above 0.
  const double u = 1.0 - to_uniform((std::uint64_t{words[1]} << 32) | words[0]);
  const double v = to_uniform((std::uint64_t{words[3]} << 32) | words[2]);
  return std::sqrt(-2.0 * std::log(u)) * std::cos(2.0 * std::numbers::pi * v);
}

std::uint64_t Random::below(std::uint64_t bound, std::uint64_t stream, std::uint64_t index) const {
  __extension__ using Wide = unsigned __int128;
  return static_cast<std::uint64_t>((static_cast<Wide>(at(stream, index)) * bound) >> 64);
}

std::vector<std::uint32_t> permutation(const Random& random, std::uint64_t stream, std::size_t count) {
  std::vector<std::uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0U);
  for (std::size_t i = count; i > 1; --i) std::swap(order[i - 1], order[random.below(i, stream, i)]);  // Fisher-Yates
  return order;
}
}  // namespace podium
