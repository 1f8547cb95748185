#pragma once
#include <cstddef>
#include <span>
#include <string>

#include "podium/interop/import.h"

namespace podium::interop {
/// Reads a .keras archive, of Keras 3 or tf-keras: config.json says the layers, model.weights.h5 holds their weights.
/// Functional and Sequential models, also within each other; a subclass of Model says what it computes in Python
/// alone, and is refused. Throws Error as import_model does.
Imported read_keras(const std::string& path, const ImportOptions& options);
/// The same of bytes in memory; `what` begins the messages.
Imported read_keras(std::span<const std::byte> bytes, const std::string& what, const ImportOptions& options);
}  // namespace podium::interop
