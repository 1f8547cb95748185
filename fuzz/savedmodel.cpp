// Any bytes are an Error or a model. Two lengths of 32 bits, then saved_model.pb, a checkpoint's index, its data.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "fuzz/parts.h"
#include "podium/core/error.h"
#include "podium/interop/savedmodel/contents.h"
#include "podium/interop/savedmodel/read.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto parts = podium::fuzz::parts_of<3>({reinterpret_cast<const char*>(data), size});
  try {
    podium::interop::read_saved_model_contents(parts[0], "graph");
    std::optional<podium::interop::Bundle> variables;
    if (!parts[1].empty()) {
      variables.emplace(std::as_bytes(std::span(parts[1])), std::vector{std::as_bytes(std::span(parts[2]))}, "index");
    }
    const auto asset = [&](const std::string&) { return std::string(parts[2]); };
    podium::interop::read_saved_model(
        {.graph = parts[0], .variables = variables ? &*variables : nullptr, .asset = asset, .what = "graph"}, {});
  } catch (const podium::Error&) {
  }
  return 0;
}
