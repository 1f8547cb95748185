// Any text is an Error or a description that is written and read again as the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "podium/core/error.h"
#include "podium/model/description.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace podium::model;
  std::string first;
  try {
    first = write_description(read_description({reinterpret_cast<const char*>(data), size}, "model.json"));
  } catch (const podium::Error&) {
    return 0;
  }
  if (write_description(read_description(first, "model.json")) != first) std::abort();
  return 0;
}
