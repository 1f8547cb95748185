#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "podium/interop/onnx/write.h"
#include "podium/interop/savedmodel/write.h"
#include "podium/interop/weights/write.h"
#include "podium/model/save.h"
#include "tests/interop/kinds.h"

namespace podium::interop {
namespace {
using tests::contents_of, tests::TemporaryDirectory;

/// Every kind of export of a model, by file.
std::map<std::string, std::string> exports_of(const ModelView& model, const std::string& folder) {
  write_saved_model(model, folder + "/savedmodel", {.with_optimizer = true});
  write_onnx(model, folder + "/inside", {});
  write_onnx(model, folder + "/outside", {.inline_bytes = 0});
  write_weights_safetensors(model, folder + "/safetensors");
  write_weights_npz(model, folder + "/npz");
  return contents_of(folder);
}

TEST(StoredModel, IsExportedToTheBytesOfTheLoadedOne) {
  const TemporaryDirectory folder;
  LoadedModel made = tests::loaded(tests::model_of_kind("everything"));
  for (const nn::Tensor& tensor : made.model.weights().tensors) {
    made.record.resume.push_back(view_of(tensor.name + "/accumulator", tensor.shape, tensor.values));
  }
  made.record.resume_state =
      nlohmann::json{{"step", 30},
                     {"optimizer", {{"kind", "adagrad"}, {"learning_rate", 0.25}, {"epsilon_outside", false}}}}
          .dump();
  const std::string path = save(made.model, made.record, folder / "model");
  const auto from_memory = exports_of(load_all(path), folder / "from_memory");
  EXPECT_EQ(from_memory.size(), 13U);
  EXPECT_EQ(exports_of(load_stored(path), folder / "from_file"), from_memory);
}
}  // namespace
}  // namespace podium::interop
