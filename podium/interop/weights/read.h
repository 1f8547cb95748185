#pragma once
#include <string>

#include "podium/interop/import.h"
#include "podium/interop/weights/layout.h"
#include "podium/interop/weights/tensor_file.h"

namespace podium::interop {
/// The model that weights (safetensors, one file or several by their index, or npz, told by its content) and a layout
/// of them make. Tensors that no layer names are left out with a note, whatever their type; another note says what
/// float16, bfloat16 and float64 become.
/// Throws Error for a tensor that is not there (with the nearest name), shapes that do not fit each other, a vocabulary
/// of more or fewer values than its table has rows for, a layer or column that nothing reads, a damaged file.
Imported import_weights(const std::string& path, const Layout& layout, const ImportOptions& options = {});
/// The same of a file that is open.
Imported import_weights(const TensorFile& file, const Layout& layout, const ImportOptions& options = {});
}  // namespace podium::interop
