#pragma once
#include <cstddef>

#include "podium/graph/graph.h"

namespace podium::nn {
/// What each of a row's vectors is multiplied by before they are summed.
float combiner_scale(graph::Combiner combiner, std::size_t ids);

/// Asks for a row of `dim` floats that will be read soon: rows in no order are not foreseen by the hardware.
inline void fetch_row(const float* row, std::size_t dim) {
  for (std::size_t c = 0; c < dim; c += 16) __builtin_prefetch(row + c);
}
}  // namespace podium::nn
