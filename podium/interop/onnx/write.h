#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

#include "podium/model/view.h"

namespace podium::interop {
enum class OnnxGraph : std::uint8_t {
  predict,  // features of rows -> output_1 [rows, 1]
  rank      // a user and k -> the k best items and their scores
};
struct OnnxOptions {
  OnnxGraph graph = OnnxGraph::predict;
  std::int64_t opset = 17;  // 17 to 21
  /// Weights of more bytes than this in all go to model.onnx.data: readers of protobuf stop at 2 GB, some at 1 GB.
  std::size_t inline_bytes = std::size_t{1} << 30;
};

/// Writes the model as `to`/model.onnx, with model.onnx.data beside it where the weights are many, and a MANIFEST,
/// complete or not at all. Weights are written from where they are, without a copy. Names of inputs and outputs:
/// docs/from-podium-to-onnx-runtime.md. Throws Error if it can't be written, if the opset is not one of those that are
/// supported, or if a rank graph is asked of a model that needs more than a user and an item.
void write_onnx(const ModelView& model, const std::string& to, const OnnxOptions& options);
}  // namespace podium::interop
