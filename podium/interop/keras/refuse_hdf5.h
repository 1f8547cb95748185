#pragma once
#include <string>
#include <string_view>

namespace podium::interop {
/// Throws the Error for an HDF5 file, which Podium does not import: with what its Keras, or both, can write in its
/// place, by what its attributes say of it.
[[noreturn]] void refuse_hdf5(std::string_view bytes, const std::string& path);
}  // namespace podium::interop
