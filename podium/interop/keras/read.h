#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "podium/interop/import.h"

namespace podium::interop {
/// Reads a .keras archive, of Keras 3 or tf-keras: config.json says the layers, model.weights.h5 holds their weights.
/// Functional and Sequential models, also within each other; a subclass of Model says what it computes in Python
/// alone, and is refused. Throws Error as import_model does.
Imported read_keras(const std::string& path, const ImportOptions& options);

/// An archive's parts.
struct KerasParts {
  std::string_view config;                                                   // config.json
  std::string_view weights;                                                  // model.weights.h5
  std::function<std::optional<std::string>(const std::string& name)> asset;  // another part, or nothing
  std::string keras_version = "3.0";                                         // tf-keras' begins with 2
  std::string what = ".keras";                                               // begins the messages
};
Imported read_keras(const KerasParts& parts, const ImportOptions& options);
}  // namespace podium::interop
