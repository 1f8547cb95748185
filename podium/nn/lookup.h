#pragma once
#include <cstddef>

#include "podium/graph/graph.h"

namespace podium::nn {
/// What each of a row's vectors is multiplied by before they are summed.
float combiner_scale(graph::Combiner combiner, std::size_t ids);
}  // namespace podium::nn
