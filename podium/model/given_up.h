#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace podium {
/// What Podium's training cannot keep of another program's: the names of ModelRecord::gives_up and train.give_up.
enum class GivenUp : std::uint8_t {
  sharing,        // one weight in several places, which has a copy in each here
  freezing,       // weights that are not trained
  constants,      // numbers that are no weights there, and are weights here
  normalization,  // by the statistics of each batch in training, by constants otherwise
  regularizers,   // what is added to the loss
  constraints,    // what is done to weights after each step
  gradients,      // where they stop
  dropout,        // of a kind that is not Podium's
};
inline constexpr std::array<std::string_view, 8> kGivenUpNames = {
    "sharing", "freezing", "constants", "normalization", "regularizers", "constraints", "gradients", "dropout"};
static_assert(kGivenUpNames.size() == static_cast<std::size_t>(GivenUp::dropout) + 1);

constexpr std::string_view name_of(GivenUp what) { return kGivenUpNames[static_cast<std::size_t>(what)]; }
}  // namespace podium
