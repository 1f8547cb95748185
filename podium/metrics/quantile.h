#pragma once
#include <algorithm>
#include <cassert>
#include <span>

namespace podium::metrics {
/// The value below which `share` of sorted values lie, linear between neighbours (numpy's default).
/// sorted: at least one; share from 0 to 1.
inline double quantile(std::span<const double> sorted, double share) {
  assert(!sorted.empty() && share >= 0.0 && share <= 1.0);
  const double place = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const auto above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (place - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}
}  // namespace podium::metrics
