#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace podium::fuzz {
/// Several parts of one input: the lengths of all but the last, 32 bits each, then the parts.
template <std::size_t N>
std::array<std::string_view, N> parts_of(std::string_view bytes) {
  std::array<std::string_view, N> parts;
  std::array<std::uint32_t, N - 1> lengths{};
  if (bytes.size() < sizeof lengths) return parts;
  std::memcpy(lengths.data(), bytes.data(), sizeof lengths);
  bytes.remove_prefix(sizeof lengths);
  for (std::size_t i = 0; i + 1 < N; ++i) {
    parts[i] = bytes.substr(0, std::min<std::size_t>(lengths[i], bytes.size()));
    bytes.remove_prefix(parts[i].size());
  }
  parts[N - 1] = bytes;
  return parts;
}
}  // namespace podium::fuzz
