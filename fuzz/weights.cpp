// Any bytes are an Error or a model. A length of 32 bits, then a layout, then a file of weights, safetensors or npz.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "fuzz/parts.h"
#include "podium/core/error.h"
#include "podium/interop/weights/read.h"
#include "podium/recipe/layout.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using podium::interop::Layout;
  const auto parts = podium::fuzz::parts_of<2>({reinterpret_cast<const char*>(data), size});
  try {
    const Layout layout = podium::recipe::parse_layout(parts[0], "fuzz.toml");
    const auto opens_a_file = [](const Layout::Column& column) {
      return std::holds_alternative<Layout::File>(column.values);
    };
    if (std::ranges::any_of(layout.columns, opens_a_file)) return 0;
    const podium::interop::TensorFile file(std::as_bytes(std::span(parts[1])), "weights");
    (void)podium::interop::import_weights(file, layout);
  } catch (const podium::Error&) {
  }
  return 0;
}
