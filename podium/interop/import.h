#pragma once
#include <string>
#include <vector>

#include "podium/model/model.h"
#include "podium/model/record.h"

namespace podium::interop {
struct ImportOptions {
  /// The columns' roles; where they are empty, guessed from the columns' names. A retrieval index has no name for its
  /// items: their column is called `item`, or "item".
  std::string user = {}, item = {};
  /// The output that is the prediction; the first of one column by default. And the signature of a SavedModel;
  /// "serving_default", "serve" or its only one by default.
  std::string output = {}, signature = {};
};

/// Another program's model as one of Podium's; save(model, record, directory) publishes it.
struct Imported {
  Model model;
  ModelRecord record;              // with Adagrad's accumulators in `resume` where the file has them
  std::vector<std::string> notes;  // what a user should know: what was guessed, left out or put in its place
};

/// Reads a model that another program wrote; `path` is a SavedModel (a directory with saved_model.pb, of TensorFlow,
/// TFRS, tf-keras or Keras 3; a ranking model, or TFRS' retrieval index BruteForce), or a .keras archive; weights alone
/// are read by weights/read.h. Data is read and nothing is run. A directory with a MANIFEST of Podium's is verified
/// against it first. Throws Error naming what is damaged, or the operation or layer that Podium has nothing for.
Imported import_model(const std::string& path, const ImportOptions& options = {});
}  // namespace podium::interop
