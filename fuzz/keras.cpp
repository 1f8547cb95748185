// Any bytes are an Error or a model. A length of 32 bits, then config.json, then model.weights.h5: an archive's
// checksums would hide them.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "fuzz/parts.h"
#include "podium/core/error.h"
#include "podium/interop/keras/read.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto parts = podium::fuzz::parts_of<2>({reinterpret_cast<const char*>(data), size});
  const auto asset = [&](const std::string&) { return std::optional(std::string(parts[1])); };
  try {
    podium::interop::read_keras({.config = parts[0], .weights = parts[1], .asset = asset, .what = "model"}, {});
  } catch (const podium::Error&) {
  }
  return 0;
}
