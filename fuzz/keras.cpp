// Any bytes are an Error or a model: the version of Keras, config.json and model.weights.h5, without the archive, whose
// checksums would hide them.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "fuzz/parts.h"
#include "podium/core/error.h"
#include "podium/interop/keras/read.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto parts = podium::fuzz::parts_of<3>({reinterpret_cast<const char*>(data), size});
  const auto asset = [&](const std::string&) { return std::optional(std::string(parts[2])); };
  try {
    podium::interop::read_keras({.config = parts[1],
                                 .weights = parts[2],
                                 .asset = asset,
                                 .keras_version = std::string(parts[0]),
                                 .what = "model"},
                                {});
  } catch (const podium::Error&) {
  }
  return 0;
}
