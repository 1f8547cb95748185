#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "podium/core/safetensors.h"
#include "podium/core/strings.h"

namespace podium {
/// A file that a model learnt from.
struct Source {
  std::string path;  // as the recipe gave it, made absolute
  std::string role;  // "path", "train", "test" ...: the recipe's key
  std::uint64_t rows = 0;
  std::string checksum;  // XXH3-128 of its bytes, see checksum.h
  friend bool operator==(const Source&, const Source&) = default;
};

/// Who has seen what. User index u (of the user feature's vocabulary, 0 for unknown) saw items[offsets[u]] to
/// items[offsets[u + 1] - 1]; an item is an index into ModelRecord::candidates.
struct History {
  std::vector<std::uint64_t> offsets;  // [vocabulary size + 2]
  std::vector<std::uint32_t> items;    // [interactions]
  std::vector<std::int64_t> times;     // the same, or empty
  friend bool operator==(const History&, const History&) = default;
};

/// What a model directory holds beside the model: where it comes from, how good it is, and what a later training or a
/// recommendation needs. Everything may be empty.
struct ModelRecord {
  std::vector<Source> sources;
  std::string split, recipe, metrics;  // JSON; into model.json, so they must not hold times, threads or machine
  std::string run;                     // JSON: times, threads, machine
  std::string report;                  // HTML
  Strings candidates;  // distinct values of the item column; if empty, saving takes the item's vocabulary
  std::optional<History> history;
  std::vector<TensorView> resume;  // optimizer slots; the bytes are `storage`'s, or the caller's until save returns
  std::string resume_state;        // JSON beside them: step, optimizer ...
  /// What of another program's training this model cannot say: by the names that train.give_up takes, which part has
  /// it. A training that goes on from the model refuses until its recipe names each.
  std::map<std::string, std::string> gives_up;
  std::shared_ptr<const void> storage;
};
}  // namespace podium
