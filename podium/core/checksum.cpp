#include "podium/core/checksum.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <array>

#include "podium/core/mapped_file.h"

namespace podium {
namespace {
std::string to_digits(XXH128_hash_t hash) {
  XXH128_canonical_t canonical;  // big-endian, the order in which it is printed
  XXH128_canonicalFromHash(&canonical, hash);
  constexpr std::array<char, 17> kDigits = {"0123456789abcdef"};
  std::string digits;
  for (const unsigned char byte : canonical.digest) {
    digits.push_back(kDigits[byte >> 4U]);
    digits.push_back(kDigits[byte & 15U]);
  }
  return digits;
}
}  // namespace

struct Checksum::State {
  XXH3_state_t xxh3;
};

Checksum::Checksum() : state_(std::make_unique<State>()) { XXH3_128bits_reset(&state_->xxh3); }
Checksum::Checksum(Checksum&&) noexcept = default;
Checksum& Checksum::operator=(Checksum&&) noexcept = default;
Checksum::~Checksum() = default;

void Checksum::update(std::span<const std::byte> bytes) {
  if (!bytes.empty()) XXH3_128bits_update(&state_->xxh3, bytes.data(), bytes.size());
}

std::string Checksum::digits() const { return to_digits(XXH3_128bits_digest(&state_->xxh3)); }

std::string checksum(std::span<const std::byte> bytes) { return to_digits(XXH3_128bits(bytes.data(), bytes.size())); }

std::string file_checksum(const std::string& path) { return checksum(MappedFile(path).bytes()); }
}  // namespace podium
