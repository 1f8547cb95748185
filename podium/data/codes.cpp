#include "podium/data/codes.h"

#include <algorithm>
#include <bit>
#include <string_view>
#include <unordered_map>

namespace podium::data {
namespace {
std::string_view key(std::string_view text) { return text; }
std::int64_t key(std::int64_t value) { return value; }
std::uint64_t key(double value) { return std::bit_cast<std::uint64_t>(value); }  // NaN equals itself here

template <class Key>
class Numbering {
 public:
  std::uint32_t operator()(Key value) {
    return numbers_.try_emplace(value, static_cast<std::uint32_t>(numbers_.size())).first->second;
  }

 private:
  std::unordered_map<Key, std::uint32_t> numbers_;
};
}  // namespace

std::vector<std::uint32_t> codes_of(const Column& column, const std::vector<std::uint32_t>& rows) {
  std::vector<std::uint32_t> codes;
  codes.reserve(rows.size());
  std::visit(
      [&](const auto& values) {
        Numbering<decltype(key(values[0]))> number;
        for (const auto row : rows) codes.push_back(number(key(values[row])));
      },
      column.values);
  return codes;
}

std::vector<std::uint32_t> codes_of_pairs(const std::vector<std::uint32_t>& left,
                                          const std::vector<std::uint32_t>& right) {
  std::vector<std::uint32_t> codes;
  codes.reserve(left.size());
  Numbering<std::uint64_t> number;
  for (std::size_t i = 0; i < left.size(); ++i) codes.push_back(number((std::uint64_t{left[i]} << 32U) | right[i]));
  return codes;
}

std::size_t distinct(const std::vector<std::uint32_t>& codes) {
  return codes.empty() ? 0 : std::size_t{*std::ranges::max_element(codes)} + 1;
}
}  // namespace podium::data
