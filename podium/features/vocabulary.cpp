#include "podium/features/vocabulary.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "podium/core/error.h"

namespace podium {
namespace {
std::uint64_t hash_of(std::string_view text) { return XXH3_64bits(text.data(), text.size()); }

/// The finalizer of SplitMix64: each bit of the value reaches each bit of the result.
std::uint64_t hash_of(std::int64_t value) {
  auto bits = static_cast<std::uint64_t>(value) + 0x9e3779b97f4a7c15U;
  bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9U;
  bits = (bits ^ (bits >> 27)) * 0x94d049bb133111ebU;
  return bits ^ (bits >> 31);
}

std::string shown(std::string_view text) { return "\"" + std::string(text) + "\""; }
std::string shown(std::int64_t value) { return std::to_string(value); }

void check_size(std::size_t values) {
  constexpr std::size_t kMost = std::numeric_limits<std::int32_t>::max();
  if (values > kMost) {
    throw Error("vocabulary: " + std::to_string(values) + " values; at most " + std::to_string(kMost) +
                " are supported");
  }
}

template <class Values>
features::HashSlots slots_of(const Values& values) {
  check_size(values.size());
  features::HashSlots slots(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::uint32_t number =
        slots.find_or_insert(hash_of(values[i]), [&](std::uint32_t other) { return values[other - 1] == values[i]; });
    if (number != i + 1) {
      throw Error("vocabulary: " + shown(values[i]) + " stands there twice, as number " + std::to_string(number) +
                  " and as number " + std::to_string(i + 1) + "; remove one");
    }
  }
  return slots;
}

template <class Values>
auto value_of(const Values& values, std::uint32_t index) {
  if (index == 0 || index > values.size()) {
    throw Error("vocabulary: index " + std::to_string(index) + " has no value; indices are 1 to " +
                std::to_string(values.size()) + ", and 0 is every unknown value's");
  }
  return values[index - 1];
}

/// A string with eight of its bytes as a number that sorts like them: most comparisons end there.
struct SortKey {
  std::uint64_t bytes = 0;
  std::string_view text;
  bool operator<(const SortKey& other) const { return bytes != other.bytes ? bytes < other.bytes : text < other.text; }
};

/// Bytes that all of the strings begin with, as in "user_1", "user_2".
std::size_t common_prefix(const std::vector<SortKey>& keys) {
  std::size_t length = keys.empty() ? 0 : keys.front().text.size();
  for (const auto& key : keys) {
    const auto least = std::min(length, key.text.size());
    length =
        static_cast<std::size_t>(std::mismatch(key.text.begin(), key.text.begin() + static_cast<std::ptrdiff_t>(least),
                                               keys.front().text.begin())
                                     .first -
                                 key.text.begin());
  }
  return length;
}

void sort_by_bytes(std::vector<SortKey>& keys) {
  const std::size_t skipped = common_prefix(keys);
  for (auto& [bytes, text] : keys) {
    for (std::size_t i = skipped; i < skipped + 8; ++i) {
      bytes = bytes << 8 | (i < text.size() ? static_cast<unsigned char>(text[i]) : 0U);
    }
  }
  std::sort(keys.begin(), keys.end());
}
}  // namespace

StringVocabulary::StringVocabulary(Strings values) : values_(std::move(values)), slots_(slots_of(values_)) {}

StringVocabulary StringVocabulary::of(const Strings& column, std::span<const std::uint32_t> rows) {
  // Distinct first, then sorted: a column has many rows and few values.
  features::HashSlots seen(1024);
  std::vector<SortKey> distinct;
  std::size_t bytes = 0;
  for (const std::uint32_t row : rows) {
    const std::string_view text = column[row];
    const std::uint32_t number =
        seen.find_or_insert(hash_of(text), [&](std::uint32_t other) { return distinct[other - 1].text == text; });
    if (number > distinct.size()) {
      check_size(number);
      distinct.push_back({0, text});
      bytes += text.size();
    }
  }
  sort_by_bytes(distinct);
  Strings values;
  values.reserve(distinct.size(), bytes);
  for (const auto& key : distinct) values.push_back(key.text);
  return StringVocabulary(std::move(values));
}

std::uint32_t StringVocabulary::index(std::string_view value) const {
  return slots_.find(hash_of(value), [&](std::uint32_t other) { return values_[other - 1] == value; });
}

std::string_view StringVocabulary::value(std::uint32_t index) const { return value_of(values_, index); }

IntegerVocabulary::IntegerVocabulary(std::vector<std::int64_t> values)
    : values_(std::move(values)), slots_(slots_of(values_)) {}

IntegerVocabulary IntegerVocabulary::of(std::span<const std::int64_t> column, std::span<const std::uint32_t> rows) {
  features::HashSlots seen(1024);
  std::vector<std::int64_t> distinct;
  for (const std::uint32_t row : rows) {
    const std::int64_t value = column[row];
    const std::uint32_t number =
        seen.find_or_insert(hash_of(value), [&](std::uint32_t other) { return distinct[other - 1] == value; });
    if (number > distinct.size()) {
      check_size(number);
      distinct.push_back(value);
    }
  }
  std::sort(distinct.begin(), distinct.end());
  return IntegerVocabulary(std::move(distinct));
}

std::uint32_t IntegerVocabulary::index(std::int64_t value) const {
  return slots_.find(hash_of(value), [&](std::uint32_t other) { return values_[other - 1] == value; });
}

std::int64_t IntegerVocabulary::value(std::uint32_t index) const { return value_of(values_, index); }
}  // namespace podium
