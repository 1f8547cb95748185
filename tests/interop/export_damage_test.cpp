// Whatever happens to the bytes of an export: with its MANIFEST everybody says so, without it nobody crashes.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "podium/core/random.h"
#include "podium/core/safetensors.h"
#include "podium/interop/import.h"
#include "podium/interop/inspect.h"
#include "podium/interop/onnx/write.h"
#include "podium/interop/savedmodel/write.h"
#include "podium/interop/weights/write.h"
#include "tests/interop/kinds.h"
#include "tests/support/temporary_directory.h"

namespace podium::interop {
namespace {
using tests::message_of, tests::TemporaryDirectory;

class ExportDamage : public testing::TestWithParam<std::string> {
 protected:
  ExportDamage() {
    const LoadedModel model{tests::model_of_kind("concat"), {}, "models/m/1"};
    if (GetParam() == "savedmodel") write_saved_model(model, path_, {});
    if (GetParam() == "onnx") write_onnx(model, path_, {.inline_bytes = 0});
    if (GetParam() == "safetensors") write_weights_safetensors(model, path_);
    if (GetParam() == "npz") write_weights_npz(model, path_);
  }

  /// Calls `look` 2,000 times, each with one bit of one file changed, or one file cut, anywhere in all of them.
  template <class Look>
  void damage(const Look& look) {
    std::vector<std::pair<std::string, std::string>> files;
    std::size_t total = 0;
    for (const auto& [name, text] : tests::contents_of(path_)) {
      files.emplace_back(name, text);
      total += text.size();
    }
    const Random random(7);
    for (std::size_t sample = 0; sample < 2000; ++sample) {
      std::size_t position = random.below(total, 0, sample);
      const auto file = std::ranges::find_if(files, [&](const auto& candidate) {
        if (position < candidate.second.size()) return true;
        position -= candidate.second.size();
        return false;
      });
      const std::uint64_t kind = random.below(9, 1, sample);
      std::string text = file->second;
      if (kind == 8) {
        text.resize(position);
      } else {
        text[position] = static_cast<char>(text[position] ^ (1 << kind));
      }
      tests::write_text(path_ + "/" + file->first, text);
      SCOPED_TRACE(file->first + (kind == 8 ? " cut at byte " : " changed at byte ") + std::to_string(position));
      look();
      tests::write_text(path_ + "/" + file->first, file->second);
    }
  }
  /// What inspecting says is wrong, or "".
  std::string problem() {
    try {
      const auto report = inspect_export(path_);
      if (!report) return "it is no export";
      EXPECT_FALSE(to_text(*report).empty());
      return problem_of(*report);
    } catch (const Error& error) {
      return error.what();
    }
  }

  TemporaryDirectory folder_;
  const std::string path_ = folder_ / "export";
};

TEST_P(ExportDamage, IsSaidWithItsManifest) {
  ASSERT_EQ(problem(), "");
  damage([&] {
    EXPECT_NE(problem(), "");
    if (GetParam() == "savedmodel") {
      EXPECT_THROW(import_model(path_), Error);
    }
  });
  EXPECT_EQ(problem(), "");
}

TEST_P(ExportDamage, NeverCrashesWithoutIt) {
  std::filesystem::remove(path_ + "/MANIFEST");
  ASSERT_EQ(problem(), "");
  const Table rows = tests::rows_of_kinds();
  std::size_t said = 0;
  damage([&] {
    said += problem().empty() ? 0U : 1U;
    (void)message_of([&] { (void)import_model(path_).model.predict(rows); });
    (void)message_of([&] { const Safetensors file(path_ + "/weights.safetensors"); });
  });
  const bool is_model = GetParam() == "savedmodel" || GetParam() == "onnx";  // whose cuts at least are seen
  EXPECT_EQ(said > 200, is_model) << said;
}

INSTANTIATE_TEST_SUITE_P(Formats, ExportDamage, testing::Values("savedmodel", "onnx", "safetensors", "npz"),
                         [](const auto& format) { return format.param; });
}  // namespace
}  // namespace podium::interop
