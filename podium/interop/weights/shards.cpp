#include "podium/interop/weights/shards.h"

#include <filesystem>
#include <set>
#include <utility>

#include "podium/core/error.h"
#include "podium/core/json.h"
#include "podium/interop/file_below.h"
#include "podium/interop/foreign_text.h"

namespace podium::interop {
namespace {
constexpr std::size_t kMostFiles = 10'000;  // each stays mapped
constexpr std::size_t kMostTensors = 10'000'000;

bool is_pickle(std::string_view file) {
  return file.ends_with(".bin") || file.ends_with(".pt") || file.ends_with(".pth");
}

/// `name`, a file that the index names, with its folder.
std::string path_of(const std::string& index, const std::string& name) {
  const std::string folder = std::filesystem::path(index).parent_path().string(),
                    where = index + ": its file " + in_quotes(name);
  try {
    if (!size_below(folder, name)) throw Error("is not there; it has to lie beside the index");
  } catch (const Error& error) {
    const std::string advice =
        std::string_view(error.what()).ends_with("link") ? "; copy the folder by cp -rL, which follows links" : "";
    throw Error(where + " " + error.what() + advice);
  }
  return (std::filesystem::path(folder) / name).string();
}
}  // namespace

bool is_shard_index(std::string_view bytes) {
  const auto first = bytes.find_first_not_of(" \t\r\n");
  // A safetensors file begins with a number of 64 bits below 100,000,000: its eighth byte is 0, which no JSON has.
  return first != std::string_view::npos && bytes[first] == '{' &&
         bytes.substr(0, 8).find('\0') == std::string_view::npos;
}

std::map<std::string, std::string> parse_shard_index(std::string_view text, const std::string& what) {
  const auto json = parse_json<nlohmann::json>(text, what, {.depth = 8, .keys = kMostTensors});
  const auto map = json.is_object() ? json.find("weight_map") : json.end();
  if (!json.is_object() || map == json.end() || !map->is_object() || map->empty()) {
    throw Error(what + ": is JSON without a weight_map; the index of several .safetensors files has one");
  }
  std::map<std::string, std::string> files;
  for (const auto& [tensor, file] : map->items()) {
    if (!file.is_string())
      throw Error(what + ": the file of tensor " + in_quotes(tensor) + " is no text; the index is damaged");
    const auto& name = file.get_ref<const std::string&>();
    if (is_pickle(name)) {
      throw Error(what + ": is the index of files like " + in_quotes(name) +
                  ", pickles of torch.save, which would have to be run; write them by "
                  "model.save_pretrained(folder, safe_serialization=True), and give its model.safetensors.index.json");
    }
    if (const std::string problem = problem_of_path(name); !problem.empty()) {
      throw Error(what + ": the file " + in_quotes(name) + " of tensor " + in_quotes(tensor) + " " + problem +
                  "; it has to lie beside the index");
    }
    files.emplace(tensor, name);
  }
  return files;
}

Shards::Shards(const std::string& path, std::string_view text) : path_(path) {
  const auto wanted = parse_shard_index(text, path);
  std::set<std::string> files;
  for (const auto& [tensor, file] : wanted) files.insert(file);
  if (files.size() > kMostFiles) {
    throw Error(path + ": names " + std::to_string(files.size()) + " files; Podium opens " +
                std::to_string(kMostFiles) + " at most");
  }
  for (const std::string& file : files) {
    const auto added = files_.emplace(file, Safetensors(path_of(path, file), OtherDtypes::passed_over)).first;
    const auto add = [&](const std::string& tensor) {
      const auto [place, is_new] = places_.emplace(tensor, file);
      if (is_new) return;
      throw Error(path + ": tensor " + in_quotes(tensor) + " is in " + in_quotes(place->second) + " and in " +
                  in_quotes(file) + "; are these files of two models?");
    };
    for (const TensorView& tensor : added->second.tensors()) add(tensor.name);
    for (const UnreadTensor& tensor : added->second.unread()) add(tensor.name);
  }
  for (const auto& [tensor, file] : wanted) {
    const auto place = places_.find(tensor);
    if (place != places_.end() && place->second == file) continue;
    throw Error(path + ": tensor " + in_quotes(tensor) + " is not in " + in_quotes(file) + " but " +
                (place == places_.end() ? "nowhere" : "in " + in_quotes(place->second)) +
                "; the index belongs to other files");
  }
}

std::vector<std::string> Shards::names() const {
  std::vector<std::string> names;
  for (const auto& [tensor, file] : places_) names.push_back(tensor);
  return names;
}

const Safetensors& Shards::of(const std::string& name) const {
  const auto place = places_.find(name);
  if (place == places_.end()) throw Error(path_ + ": there is no tensor " + in_quotes(name));
  return files_.at(place->second);
}
}  // namespace podium::interop
