#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "podium/core/strings.h"
#include "podium/features/hash_slots.h"

namespace podium {
/// Distinct strings and the index of each: the first string has index 1; index 0 is every other string's.
/// Immutable, so any number of threads may look up. At most 2^31 - 1 strings.
class StringVocabulary {
 public:
  StringVocabulary() = default;
  /// Keeps the order given. Throws Error if a string stands there twice.
  explicit StringVocabulary(Strings values);
  /// Sorted (by bytes) unique values of some rows of a column; each row number below column.size().
  static StringVocabulary of(const Strings& column, std::span<const std::uint32_t> rows);

  std::size_t size() const { return values_.size(); }  // without the unknown index
  std::uint32_t index(std::string_view value) const;
  /// The string of an index from 1 to size(). Throws Error otherwise.
  std::string_view value(std::uint32_t index) const;
  const Strings& values() const { return values_; }

 private:
  Strings values_;
  features::HashSlots slots_;
};

/// The same for whole numbers; `of` sorts by value.
class IntegerVocabulary {
 public:
  IntegerVocabulary() = default;
  explicit IntegerVocabulary(std::vector<std::int64_t> values);
  static IntegerVocabulary of(std::span<const std::int64_t> column, std::span<const std::uint32_t> rows);

  std::size_t size() const { return values_.size(); }
  std::uint32_t index(std::int64_t value) const;
  std::int64_t value(std::uint32_t index) const;
  const std::vector<std::int64_t>& values() const { return values_; }

 private:
  std::vector<std::int64_t> values_;
  features::HashSlots slots_;
};
}  // namespace podium
