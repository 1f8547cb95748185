// Any bytes are an Error or arrays, each an Error or numbers.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "podium/core/error.h"
#include "podium/interop/keras/hdf5.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    (void)podium::interop::hdf5_attributes({reinterpret_cast<const char*>(data), size}, "weights");
  } catch (const podium::Error&) {
  }
  try {
    const podium::interop::Hdf5 file({reinterpret_cast<const char*>(data), size}, "weights");
    for (const auto& path : file.paths()) {
      try {
        file.floats(path);
      } catch (const podium::Error&) {
      }
      try {
        file.integer(path);
      } catch (const podium::Error&) {
      }
    }
  } catch (const podium::Error&) {
  }
  return 0;
}
