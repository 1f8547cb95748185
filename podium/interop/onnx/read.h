#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace podium::interop {
/// What an ONNX model says of itself, Podium's or another program's. Texts are as they stand in the file.
struct OnnxContents {
  struct Value {
    std::string name, type;  // "float [batch, 1]"; ? is a size that has no name
  };
  /// A file beside the model with data of tensors.
  struct DataFile {
    std::string location;     // as the model names it
    std::size_t tensors = 0;  // whose data is in it
    std::uint64_t bytes = 0;  // of these, as far as the file has them
  };
  std::int64_t ir_version = 0;
  std::map<std::string, std::int64_t> opsets;  // by the operators' domain; ONNX's own is "ai.onnx"
  std::string producer, producer_version;
  std::vector<Value> inputs, outputs;                         // inputs without those that an initializer gives
  std::map<std::string, std::size_t> operators;               // "Gemm", "ai.onnx.ml.LabelEncoder" to its nodes,
                                                              // also within branches, loops and functions
  std::size_t initializers = 0;                               // of the main graph, branches and loops
  std::uint64_t initializer_bytes = 0;                        // in the file and beside it
  std::vector<DataFile> files;                                // sorted by location
  std::vector<std::pair<std::string, std::string>> metadata;  // metadata_props
  std::vector<std::string> problems;                          // empty for a sound model; the first 20
};

/// Bytes of a file below the model's directory; nothing if it is not there. Throws Error with a reason as size_below.
using SizeOfFile = std::function<std::optional<std::uint64_t>(const std::string& location)>;

/// Looks at a model; runs nothing, and of the data beside it asks only how long it is. What fits together badly (a
/// tensor's data and its shape, a place in a file and the file, a location outside the directory) is in `problems`.
///   model  the bytes of a .onnx file; what they say is held in memory, with the weights that stand in it
///   what   begins the messages
/// Throws Error if they are no ONNX model.
OnnxContents read_onnx(std::string_view model, const SizeOfFile& size_of, const std::string& what);
/// The same of a file and the directory that it lies in.
OnnxContents read_onnx(const std::string& path);
}  // namespace podium::interop
