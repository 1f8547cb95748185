// Any bytes are an Error or a map from tensors to files below the index's folder.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "podium/core/error.h"
#include "podium/interop/file_below.h"
#include "podium/interop/weights/shards.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)podium::interop::is_shard_index(text);
  try {
    for (const auto& [tensor, file] : podium::interop::parse_shard_index(text, "index")) {
      if (!podium::interop::problem_of_path(file).empty()) std::abort();
    }
  } catch (const podium::Error&) {
  }
  return 0;
}
