// Any bytes are an Error or a checkpoint whose tensors are each an Error or numbers. A length of 32 bits, then the
// index, then its data.
#include <cstddef>
#include <cstdint>
#include <span>

#include "fuzz/parts.h"
#include "podium/core/error.h"
#include "podium/interop/savedmodel/bundle_reader.h"

namespace {
template <class Read>
void attempt(const Read& read) {
  try {
    read();
  } catch (const podium::Error&) {
  }
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto parts = podium::fuzz::parts_of<2>({reinterpret_cast<const char*>(data), size});
  attempt([&] {
    const podium::interop::Bundle bundle(std::as_bytes(std::span(parts[0])), {std::as_bytes(std::span(parts[1]))}, "b");
    for (const auto& name : bundle.names()) {
      attempt([&] { bundle.floats(name); });
      attempt([&] { bundle.integers(name); });
      attempt([&] { bundle.strings(name); });
    }
  });
  return 0;
}
