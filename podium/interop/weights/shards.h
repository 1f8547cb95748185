#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "podium/core/safetensors.h"

namespace podium::interop {
/// Whether these are the bytes of JSON, as an index of several files is, and of no safetensors file.
bool is_shard_index(std::string_view bytes);

/// Tensor to file: what Hugging Face's tools write beside weights that they spread over several files,
/// {"metadata": {...}, "weight_map": {TENSOR: FILE, ...}}. Throws Error that begins with `what` if the text is
/// not such an index, if a file's path leaves the index's folder, or if the files are torch.save's, which are pickles:
/// reading those would run code.
std::map<std::string, std::string> parse_shard_index(std::string_view text, const std::string& what);

/// The tensors of several safetensors files as if they were one's.
class Shards {
 public:
  /// Maps every file that the index at `path` names; `text` is what it holds. Throws Error as parse_shard_index does,
  /// for a file that is not there, leaves the folder by a link or is not sound, for a tensor that is not in its file,
  /// and for one that two files have.
  Shards(const std::string& path, std::string_view text);

  /// Sorted.
  std::vector<std::string> names() const;
  /// The file that holds the tensor. Throws Error if `name` is not in names().
  const Safetensors& of(const std::string& name) const;

 private:
  std::string path_;
  std::map<std::string, Safetensors> files_;   // by name
  std::map<std::string, std::string> places_;  // tensor to file
};
}  // namespace podium::interop
