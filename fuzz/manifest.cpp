// Any text is an Error or exactly what its own content is written as.
#include "podium/core/manifest.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "podium/core/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    if (podium::manifest_text(podium::parse_manifest(text, "MANIFEST")) != text) std::abort();
  } catch (const podium::Error&) {
  }
  return 0;
}
