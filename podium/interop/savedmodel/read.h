#pragma once
#include <functional>
#include <string>
#include <string_view>

#include "podium/interop/import.h"
#include "podium/interop/savedmodel/bundle_reader.h"

namespace podium::interop {
/// A SavedModel's parts; who reads a directory maps its files.
struct SavedModelParts {
  std::string_view graph;                                     // saved_model.pb
  const Bundle* variables = nullptr;                          // null: a frozen model, whose weights stand in the graph
  std::function<std::string(const std::string& name)> asset;  // the contents of assets/NAME; throws Error
  std::string what = "saved_model.pb";                        // begins the messages
  std::string_view keras_metadata = {};                       // keras_metadata.pb, which tf-keras alone writes
};

/// Reads a directory with saved_model.pb. Throws Error as import_model does.
Imported read_saved_model(const std::string& directory, const ImportOptions& options);
/// The same from its parts.
Imported read_saved_model(const SavedModelParts& parts, const ImportOptions& options);
}  // namespace podium::interop
