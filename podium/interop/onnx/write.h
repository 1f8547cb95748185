#pragma once
#include <cstdint>
#include <string>

#include "podium/model/load.h"

namespace podium::interop {
enum class OnnxGraph : std::uint8_t {
  predict,  // features of rows -> output_1 [rows, 1]
  rank      // a user and k -> the k best items and their scores
};
struct OnnxOptions {
  OnnxGraph graph = OnnxGraph::predict;
  std::int64_t opset = 17;
};

/// Writes the model as `to`/model.onnx, with model.onnx.data beside it above 1 GB, and a MANIFEST, complete or not at
/// all. Throws Error if it can't be written or if the opset is not one of those that are supported.
void write_onnx(const LoadedModel& model, const std::string& to, const OnnxOptions& options);
}  // namespace podium::interop
