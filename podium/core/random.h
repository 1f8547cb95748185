#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace podium {
/// Counter-based random numbers (Philox 4x32-10): what is drawn at a place depends on the seed and the
/// place alone, never on who draws it or in which order.
/// Source: Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3", SC 2011.
class Random {
 public:
  explicit Random(std::uint64_t seed) : seed_(seed) {}
  std::uint64_t seed() const { return seed_; }

  /// Four independent words of place (stream, index).
  std::array<std::uint32_t, 4> block(std::uint64_t stream, std::uint64_t index) const;
  /// 64 bits at place (stream, index).
  std::uint64_t at(std::uint64_t stream, std::uint64_t index) const;
  /// A double in [0, 1) at place (stream, index); 53 bits.
  double uniform(std::uint64_t stream, std::uint64_t index) const;
  /// A standard normal at place (stream, index).
  double normal(std::uint64_t stream, std::uint64_t index) const;
  /// A whole number in [0, bound) at place (stream, index), without bias beyond 2^-64 * bound. bound > 0.
  std::uint64_t below(std::uint64_t bound, std::uint64_t stream, std::uint64_t index) const;
  /// An independent generator, for a part that has a name or number of its own.
  Random fork(std::uint64_t stream) const { return Random(at(stream, 0x9e3779b97f4a7c15U)); }

 private:
  std::uint64_t seed_;
};

/// The numbers 0 to count - 1 in a random order, every order as likely as any other; count below 2^32.
std::vector<std::uint32_t> permutation(const Random& random, std::uint64_t stream, std::size_t count);
}  // namespace podium
