#include "podium/core/strings.h"

#include <algorithm>

#include "podium/core/error.h"

namespace podium {
Strings::Strings(std::string bytes, std::vector<std::uint64_t> offsets)
    : bytes_(std::move(bytes)), offsets_(std::move(offsets)) {
  const bool whole = !offsets_.empty() && offsets_.front() == 0 && offsets_.back() == bytes_.size() &&
                     std::is_sorted(offsets_.begin(), offsets_.end());
  if (!whole) throw Error("strings: the offsets do not divide the " + std::to_string(bytes_.size()) + " bytes");
}
}  // namespace podium
