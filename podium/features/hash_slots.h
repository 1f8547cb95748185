#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace podium::features {
/// Open addressing with linear probing from 32 bits of a hash to a number from 1 up; at most half full. The values
/// themselves live with the caller, who says which of two of them are equal. A slot holds the hash bits above the
/// number, so that a probe past other values seldom has to look at them, and growing needs no hash again.
class HashSlots {
 public:
  HashSlots() = default;
  explicit HashSlots(std::size_t expected) : slots_(std::bit_ceil(2 * (expected < 8 ? 8 : expected))) {}

  /// The number of the value that `equal(number)` accepts, or 0.
  template <class Equal>
  std::uint32_t find(std::uint64_t hash, const Equal& equal) const {
    if (slots_.empty()) return 0;
    const std::uint64_t tag = hash >> 32;
    for (std::size_t place = home(tag);; place = (place + 1) & (slots_.size() - 1)) {
      const std::uint64_t slot = slots_[place];
      if (slot == 0) return 0;
      if (slot >> 32 == tag && equal(number(slot))) return number(slot);
    }
  }

  /// The same; if there is none, the value gets the next number: size() + 1 before the call.
  template <class Equal>
  std::uint32_t find_or_insert(std::uint64_t hash, const Equal& equal) {
    if (2 * (size_ + 1) > slots_.size()) grow();
    const std::uint64_t tag = hash >> 32;
    for (std::size_t place = home(tag);; place = (place + 1) & (slots_.size() - 1)) {
      const std::uint64_t slot = slots_[place];
      if (slot == 0) {
        slots_[place] = tag << 32 | ++size_;
        return static_cast<std::uint32_t>(size_);
      }
      if (slot >> 32 == tag && equal(number(slot))) return number(slot);
    }
  }

  std::size_t size() const { return size_; }

 private:
  static std::uint32_t number(std::uint64_t slot) { return static_cast<std::uint32_t>(slot); }
  /// The tag's highest bits: they stay where they are when the table doubles.
  std::size_t home(std::uint64_t tag) const { return tag >> (32 - std::countr_zero(slots_.size())); }

  void grow() {
    HashSlots larger(slots_.size());
    for (const std::uint64_t slot : slots_) {
      if (slot == 0) continue;
      std::size_t place = larger.home(slot >> 32);
      while (larger.slots_[place] != 0) place = (place + 1) & (larger.slots_.size() - 1);
      larger.slots_[place] = slot;
    }
    slots_.swap(larger.slots_);
  }

  std::vector<std::uint64_t> slots_;  // a power of two, at most 2^32; 0 is empty
  std::size_t size_ = 0;
};
}  // namespace podium::features
