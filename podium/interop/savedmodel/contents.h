#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace podium::interop {
/// What a SavedModel says of itself, Podium's or another program's. Texts are as they stand in the file.
struct SavedModelContents {
  struct Value {
    std::string name, type;  // "float [?, 1]"; ? is any size
  };
  struct Signature {
    std::string name;
    std::vector<Value> inputs, outputs;  // sorted by name
  };
  std::string tensorflow_version;  // that wrote it
  std::vector<std::string> tags;
  std::vector<Signature> signatures;  // sorted by name
  std::size_t variables = 0;
  std::vector<std::string> assets;    // files below assets/
  std::vector<std::string> problems;  // empty for a sound model
};

/// Looks at saved_model.pb, at its graph for serving if there are several. `what` begins the messages. Throws Error if
/// it is none.
SavedModelContents read_saved_model_contents(std::string_view graph, const std::string& what);
/// The same of a directory, where the index of its checkpoint is read and its assets looked for too.
SavedModelContents read_saved_model_contents(const std::string& directory);
}  // namespace podium::interop
