#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>

#include "podium/interop/proto/tensorflow.pb.h"
#include "podium/interop/savedmodel/saved_state.h"

namespace podium::interop {
/// Numbers that a graph computes from its constants and variables alone, whatever it is asked: the factor and the
/// constant of a normalization, the size of a table.
class KnownNumbers {
 public:
  KnownNumbers(const GraphView& graph, const SavedState& state) : graph_(graph), state_(state) {}

  /// Nothing if an input has a part in the value, or an operation that is not read here. What is computed has no
  /// source; a variable or a constant as it stands has its own. Throws Error as SavedState does.
  std::optional<Array> floats(const GraphValue& value) const;
  /// A single whole number, likewise; also one of the sizes of a constant or a variable.
  std::optional<std::int64_t> integer(GraphValue value) const;

 private:
  std::optional<Array> computed(const GraphValue& value, std::size_t depth, std::size_t& steps) const;

  const GraphView& graph_;
  const SavedState& state_;
};
}  // namespace podium::interop
