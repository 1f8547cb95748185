#include "podium/nn/table_index.h"

#include <algorithm>

namespace podium::nn {
namespace {
constexpr std::uint32_t kDigitBits = 11, kDigits = 1U << kDigitBits;
}

void TableIndex::build(const BatchView& batch, std::span<const graph::Lookup* const> lookups) {
  keys_.clear();
  occurrences_.clear();
  std::uint32_t largest = 0;
  for (std::uint32_t lookup = 0; lookup < lookups.size(); ++lookup) {
    const Ids& ids = std::get<Ids>(batch.data->features[lookups[lookup]->feature]);
    for (std::uint32_t row = 0; row < batch.rows.size(); ++row) {
      const std::uint32_t source = batch.rows[row];
      const std::uint64_t begin = ids.offsets.empty() ? source : ids.offsets[source];
      const std::uint64_t end = ids.offsets.empty() ? source + 1 : ids.offsets[source + 1];
      for (std::uint64_t i = begin; i < end; ++i) {
        keys_.push_back(ids.ids[i]);
        occurrences_.push_back({row, lookup});
        largest = std::max(largest, ids.ids[i]);
      }
    }
  }
  // Stable radix sort, so that the occurrences of one id stay in order.
  sorted_keys_.resize(keys_.size());
  sorted_occurrences_.resize(keys_.size());
  for (std::uint32_t shift = 0; shift < 32 && (largest >> shift) != 0; shift += kDigitBits) {
    counts_.assign(kDigits + 1, 0);
    for (const std::uint32_t key : keys_) ++counts_[((key >> shift) & (kDigits - 1)) + 1];
    for (std::uint32_t digit = 0; digit < kDigits; ++digit) counts_[digit + 1] += counts_[digit];
    for (std::size_t i = 0; i < keys_.size(); ++i) {
      const std::uint32_t place = counts_[(keys_[i] >> shift) & (kDigits - 1)]++;
      sorted_keys_[place] = keys_[i];
      sorted_occurrences_[place] = occurrences_[i];
    }
    std::swap(keys_, sorted_keys_);
    std::swap(occurrences_, sorted_occurrences_);
  }
  ids_.clear();
  begins_.clear();
  for (std::uint32_t i = 0; i < keys_.size(); ++i) {
    if (i == 0 || keys_[i] != keys_[i - 1]) {
      ids_.push_back(keys_[i]);
      begins_.push_back(i);
    }
  }
  begins_.push_back(static_cast<std::uint32_t>(keys_.size()));
}
}  // namespace podium::nn
