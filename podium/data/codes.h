#pragma once
#include <cstdint>
#include <vector>

#include "podium/core/table.h"

namespace podium::data {
/// Equal values have equal numbers: 0, 1, ... in the order of their first rows. One a row, so the number of distinct
/// values is the largest + 1.
std::vector<std::uint32_t> codes_of(const Column& column, const std::vector<std::uint32_t>& rows);
/// The same of pairs (left[i], right[i]).
std::vector<std::uint32_t> codes_of_pairs(const std::vector<std::uint32_t>& left,
                                          const std::vector<std::uint32_t>& right);
std::size_t distinct(const std::vector<std::uint32_t>& codes);
}  // namespace podium::data
