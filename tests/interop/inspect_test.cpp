#include "podium/interop/inspect.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "podium/interop/onnx/write.h"
#include "podium/interop/savedmodel/write.h"
#include "podium/interop/weights/write.h"
#include "tests/interop/onnx_kinds.h"

namespace podium::interop::tests {
namespace {
using podium::tests::TemporaryDirectory;

TEST(InspectExport, SaysWhatEachExportIsAndThatItIsSound) {
  const TemporaryDirectory folder;
  const LoadedModel model = loaded(kinds().front().model);
  write_saved_model(model, folder / "savedmodel", {});
  write_onnx(model, folder / "onnx", {});
  write_weights_safetensors(model, folder / "safetensors");
  write_weights_npz(model, folder / "npz");
  const std::pair<const char*, const char*> formats[] = {{"savedmodel", "a SavedModel"},
                                                         {"onnx", "an ONNX model"},
                                                         {"safetensors", "weights as safetensors"},
                                                         {"npz", "weights as npz"}};
  for (const auto& [name, format] : formats) {
    const auto report = inspect_export(folder / name);
    ASSERT_TRUE(report) << name;
    EXPECT_EQ(report->format, format);
    EXPECT_EQ(problem_of(*report), "") << name;
    EXPECT_NE(to_text(*report).find("sound: every checksum agrees"), std::string::npos);
  }
}

TEST(InspectExport, NamesTheFileThatChangedOrIsGone) {
  const TemporaryDirectory folder;
  write_saved_model(loaded(kinds().front().model), folder / "export", {});
  std::ofstream(folder / "export/variables/variables.index", std::ios::app) << "x";
  EXPECT_TRUE(problem_of(*inspect_export(folder / "export")).starts_with("variables/variables.index: "));
  std::filesystem::remove(folder / "export/saved_model.pb");
  const auto report = inspect_export(folder / "export");
  ASSERT_TRUE(report);
  EXPECT_TRUE(problem_of(*report).starts_with("saved_model.pb: ")) << problem_of(*report);
  EXPECT_NE(to_text(*report).find("not sound"), std::string::npos);
}

TEST(InspectExport, KnowsAnotherProgramsExportAndWhatIsNone) {
  const TemporaryDirectory folder;
  EXPECT_FALSE(inspect_export(folder / "nothing"));
  EXPECT_FALSE(inspect_export(folder.path()));
  std::ofstream(folder / "saved_model.pb") << "x";
  const auto report = inspect_export(folder.path());
  ASSERT_TRUE(report);
  EXPECT_NE(to_text(*report).find("another program's"), std::string::npos);
}
}  // namespace
}  // namespace podium::interop::tests
