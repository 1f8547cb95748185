#include "podium/interop/keras/refuse_hdf5.h"

#include <map>

#include "podium/core/error.h"
#include "podium/interop/foreign_text.h"
#include "podium/interop/keras/hdf5.h"

namespace podium::interop {
namespace {
constexpr const char* kKeras2 = "tf.saved_model.save(model, \"folder\")";
constexpr const char* kKeras3 = "model.export(\"folder\") or model.save(\"model.keras\")";

/// What can be read of them; a file that isn't as h5py writes it is refused all the same.
std::map<std::string, std::string> attributes_of(std::string_view bytes, const std::string& path) {
  try {
    return hdf5_attributes(bytes, path);
  } catch (const Error&) {
    return {};
  }
}

/// How to write a model, by the version of its Keras, which may not be known.
std::string advice(const std::string& version) {
  if (version.starts_with("2.")) return kKeras2;
  if (!version.empty()) return kKeras3;
  return std::string(kKeras3) + " in Keras 3, " + kKeras2 + " in Keras 2";
}
}  // namespace

void refuse_hdf5(std::string_view bytes, const std::string& path) {
  const auto attributes = attributes_of(bytes, path);
  const auto found = attributes.find("keras_version");
  const std::string version = found == attributes.end() ? "" : found->second;
  const std::string by = version.empty() ? "" : " of Keras " + printable(version, 20);
  const bool is_model = attributes.contains("model_config");
  const std::string what = path + ": is an HDF5 file" + by;
  if (path.ends_with(".weights.h5") || (!attributes.empty() && !is_model)) {
    throw Error(what +
                " that holds weights alone; in Python make the model, read this file by model.load_weights, then " +
                advice(version) + ", and import that");
  }
  const bool is_renamed = path.ends_with(".keras");
  throw Error(what + ", the older kind of Keras' files" +
              (is_renamed ? ", which TensorFlow before 2.13 writes under this name as well" : "") +
              "; in Python load the model, then " + advice(version) + ", and import that");
}
}  // namespace podium::interop
