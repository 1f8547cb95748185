#pragma once
// Internal: includes what protoc made.
#include <cstddef>
#include <deque>
#include <string>
#include <vector>

#include "podium/core/publish.h"
#include "podium/interop/onnx/builder.h"
#include "podium/interop/proto/onnx.pb.h"

namespace podium::interop::onnx {
/// The files of a model: model.onnx, and model.onnx.data if the weights are outside. They look into the weights, which
/// are never copied, and into this object, which stays where it is.
class ModelFiles {
 public:
  /// model: all but the graph. The large tensors go into model.onnx, or, if `outside`, into model.onnx.data, each at a
  /// multiple of 4,096 bytes, so that a reader may map them. Throws Error if model.onnx would be 2 GB or more.
  ModelFiles(const ModelProto& model, const GraphProto& graph, const std::vector<Initializer>& large, bool outside);
  ModelFiles(const ModelFiles&) = delete;
  ModelFiles& operator=(const ModelFiles&) = delete;

  const std::vector<NewFile>& files() const { return files_; }

 private:
  std::span<const std::byte> keep(std::string bytes);

  std::deque<std::string> frames_;  // what stands between the weights; a deque leaves them where they are
  std::vector<NewFile> files_;
};
}  // namespace podium::interop::onnx
