#include "podium/interop/import.h"

#include "podium/core/error.h"
#include "podium/core/files.h"
#include "podium/core/manifest.h"
#include "podium/core/mapped_file.h"
#include "podium/interop/keras/read.h"
#include "podium/interop/keras/refuse_hdf5.h"
#include "podium/interop/savedmodel/read.h"

namespace podium::interop {
namespace {
/// A directory with a MANIFEST of ours says whether it is still what was written. Files that others put beside it
/// (TF Serving's warm-up requests, a README) are passed over.
void verify(const std::string& directory) {
  std::string changed;
  for (const FileCheck& file : check_directory(directory)) {
    if (file.problem.empty() || !file.is_listed) continue;
    changed += (changed.empty() ? "" : "; ") + file.path + ": " + file.problem;
  }
  if (!changed.empty()) throw Error(directory + ": is not what its " + kManifestName + " says: " + changed);
}

/// Keras' older files, whatever their name: TensorFlow before 2.13 writes them where save() is told a .keras file.
bool is_hdf5(std::string_view bytes) { return bytes.starts_with("\x89HDF\r\n\x1a\n"); }
}  // namespace

Imported import_model(const std::string& path, const ImportOptions& options) {
  if (!path_exists(path)) throw Error(path + ": is not there; give a SavedModel's directory or a .keras file");
  if (!is_directory(path)) {
    if (!options.signature.empty())
      throw Error(path + ": has no signatures, as a SavedModel has; leave out --signature");
    if (const MappedFile file(path); is_hdf5(file.text())) refuse_hdf5(file.text(), path);
    if (path.ends_with(".keras")) return read_keras(path, options);
    if (path.ends_with(".safetensors") || path.ends_with(".npz") || path.ends_with(".index.json")) {
      throw Error(path + ": holds weights alone; say what they mean by --recipe layout.toml (podium import --help)");
    }
    throw Error(
        path +
        ": is nothing that Podium imports; give a SavedModel's directory, a .keras file, or weights with --recipe");
  }
  if (path_exists(path + "/model.json")) throw Error(path + ": is a model of Podium's already; use it as it is");
  if (path_exists(path + "/" + kManifestName)) verify(path);
  if (path_exists(path + "/saved_model.pb")) return read_saved_model(path, options);
  if (path_exists(path + "/saved_model.cpb")) {
    throw Error(path +
                "/saved_model.cpb: is a SavedModel in several files, which Podium does not read; write it with "
                "experimental_image_format=False");
  }
  throw Error(path + ": holds no saved_model.pb; give a SavedModel's directory or a .keras file");
}
}  // namespace podium::interop
