// Any bytes are an Error or tensors that can all be read.
#include "podium/core/safetensors.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "podium/core/error.h"

namespace {
/// Reads every byte, as one who uses the tensors would.
std::size_t touch(std::span<const std::byte> bytes) {
  std::size_t sum = 0;
  for (const std::byte byte : bytes) sum += std::to_integer<std::size_t>(byte);
  return sum;
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  volatile std::size_t sum = 0;
  try {
    const podium::Safetensors file(std::as_bytes(std::span(data, size)), "file");
    for (const podium::TensorView& tensor : file.tensors()) {
      sum = sum + touch(tensor.bytes);
      try {
        sum = sum + file.floats(tensor.name).size();
      } catch (const podium::Error&) {
      }
      try {
        const std::size_t slash = tensor.name.rfind('/');
        const podium::Strings strings = file.strings(tensor.name.substr(0, slash));
        for (std::size_t i = 0; i < strings.size(); ++i) sum = sum + strings[i].size();
      } catch (const podium::Error&) {
      }
    }
  } catch (const podium::Error&) {
  }
  return 0;
}
