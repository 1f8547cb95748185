// Any bytes are an Error or a model whose text a terminal may show and whose JSON is valid. Every file beside the model
// has 4,096 bytes.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "podium/core/error.h"
#include "podium/core/utf8.h"
#include "podium/interop/file_below.h"
#include "podium/interop/inspect.h"
#include "podium/interop/onnx/read.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto size_of = [](const std::string& location) -> std::optional<std::uint64_t> {
    const std::string problem = podium::interop::problem_of_path(location);
    if (!problem.empty()) throw podium::Error(problem);
    return location == "gone" ? std::nullopt : std::optional<std::uint64_t>(4096);
  };
  try {
    podium::interop::ExportReport report;
    report.onnx = podium::interop::read_onnx({reinterpret_cast<const char*>(data), size}, size_of, "model");
    const std::string text = to_text(report);
    const auto is_control = [](char c) { return static_cast<unsigned char>(c) < ' ' && c != '\n'; };
    if (std::ranges::any_of(text, is_control) || podium::utf8_prefix(text) != text.size()) std::abort();
    if (!nlohmann::json::accept(to_json(report))) std::abort();
  } catch (const podium::Error&) {
  }
  return 0;
}
