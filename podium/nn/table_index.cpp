#include "podium/nn/table_index.h"

#include <algorithm>

namespace podium::nn {
namespace {
constexpr std::uint32_t kDigitBits = 11, kDigits = 1U << kDigitBits;
}

std::uint32_t TableIndex::collect(const BatchView& batch, std::span<const graph::Lookup* const> lookups) {
  std::size_t count = 0;
  for (const graph::Lookup* lookup : lookups) {
    const Ids& ids = std::get<Ids>(batch.data->features[lookup->feature]);
    if (ids.offsets.empty()) {
      count += batch.rows.size();
    } else {
      for (const std::uint32_t row : batch.rows) count += ids.offsets[row + 1] - ids.offsets[row];
    }
  }
  keys_.resize(count);
  occurrences_.resize(count);
  std::uint32_t largest = 0;
  std::size_t at = 0;
  const auto put = [&](std::uint32_t id, std::uint32_t row, std::uint32_t lookup) {
    keys_[at] = id;
    occurrences_[at++] = {row, lookup};
    largest = std::max(largest, id);
  };
  for (std::uint32_t lookup = 0; lookup < lookups.size(); ++lookup) {
    const Ids& ids = std::get<Ids>(batch.data->features[lookups[lookup]->feature]);
    const auto rows = static_cast<std::uint32_t>(batch.rows.size());
    if (ids.offsets.empty()) {
      for (std::uint32_t row = 0; row < rows; ++row) put(ids.ids[batch.rows[row]], row, lookup);
      continue;
    }
    for (std::uint32_t row = 0; row < rows; ++row) {
      const std::uint32_t source = batch.rows[row];
      for (std::uint64_t i = ids.offsets[source]; i < ids.offsets[source + 1]; ++i) put(ids.ids[i], row, lookup);
    }
  }
  return largest;
}

void TableIndex::build(const BatchView& batch, std::span<const graph::Lookup* const> lookups) {
  const std::uint32_t largest = collect(batch, lookups);
  const std::size_t count = keys_.size();
  sorted_keys_.resize(count);
  sorted_occurrences_.resize(count);
  // Stable radix sort, so that the occurrences of one id stay in order.
  for (std::uint32_t shift = 0; shift < 32 && (largest >> shift) != 0; shift += kDigitBits) {
    counts_.assign(kDigits + 1, 0);
    for (const std::uint32_t key : keys_) ++counts_[((key >> shift) & (kDigits - 1)) + 1];
    for (std::uint32_t digit = 0; digit < kDigits; ++digit) counts_[digit + 1] += counts_[digit];
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint32_t place = counts_[(keys_[i] >> shift) & (kDigits - 1)]++;
      sorted_keys_[place] = keys_[i];
      sorted_occurrences_[place] = occurrences_[i];
    }
    std::swap(keys_, sorted_keys_);
    std::swap(occurrences_, sorted_occurrences_);
  }
  ids_.resize(count);
  begins_.resize(count + 1);
  std::size_t unique = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    const bool is_new = i == 0 || keys_[i] != keys_[i - 1];
    unique += is_new ? 1 : 0;
    ids_[unique - 1] = keys_[i];
    if (is_new) begins_[unique - 1] = i;
  }
  ids_.resize(unique);
  begins_.resize(unique + 1);
  begins_.back() = static_cast<std::uint32_t>(count);
}
}  // namespace podium::nn
