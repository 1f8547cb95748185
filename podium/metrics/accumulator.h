#pragma once
#include <span>
#include <vector>

namespace podium {
/// Takes in rows batch by batch and tells a metric of all of them. The order of the rows and their cut into calls are
/// the caller's: the same calls give the same bits.
class Accumulator {
 public:
  virtual ~Accumulator() = default;
  /// predictions, labels: [rows] each.
  virtual void add(std::span<const float> predictions, std::span<const float> labels) = 0;
  /// The metric of all rows so far; NaN where it has no meaning, as of no rows.
  virtual double result() const = 0;
  /// All that was taken in, so that an interrupted evaluation goes on bit for bit.
  virtual std::vector<double> state() const = 0;
  /// Replaces what was taken in. Throws Error if `state` is of another kind of accumulator.
  virtual void restore(std::span<const double> state) = 0;
};
}  // namespace podium
