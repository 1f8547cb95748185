// Whatever happens to a model's bytes: an Error, or a model (where nothing checks the bytes), never a crash.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "podium/core/random.h"
#include "podium/interop/import.h"
#include "tests/interop/golden_models.h"
#include "tests/support/temporary_directory.h"

namespace podium::interop {
namespace {
using tests::golden_path;
using tests::TemporaryDirectory;

/// True if the import gave a model, whose scores can be computed.
bool gives_a_model(const std::string& path, const Table& rows) {
  try {
    const Imported imported = import_model(path);
    try {
      (void)imported.model.predict(rows);
    } catch (const Error&) {  // a column was renamed
    }
    return true;
  } catch (const Error&) {
    return false;
  }
}

class ImportDamage : public ::testing::TestWithParam<const char*> {
 protected:
  ImportDamage() : golden_(tests::golden_scores(std::string(GetParam()).substr(0, std::string(GetParam()).find('.')))) {
    std::filesystem::copy(golden_path(GetParam()), path_, std::filesystem::copy_options::recursive);
    if (std::filesystem::is_regular_file(path_)) files_.push_back(path_);
    if (files_.empty()) {
      for (const auto& entry : std::filesystem::recursive_directory_iterator(path_)) {
        if (entry.is_regular_file()) files_.push_back(entry.path().string());
      }
    }
  }

  TemporaryDirectory directory_;
  const std::string path_ = directory_ / GetParam();
  tests::GoldenScores golden_;
  std::vector<std::string> files_;
};

TEST_P(ImportDamage, AFlippedBitNeverCrashes) {
  const Random random(7);
  for (std::size_t f = 0; f < files_.size(); ++f) {
    const std::string text = tests::read_text(files_[f]);
    const bool is_checked = files_[f].find("variables.data") != std::string::npos;
    std::size_t accepted = 0;
    for (std::size_t sample = 0; sample < 300; ++sample) {
      std::string changed = text;
      const std::size_t position = random.below(text.size(), f, 2 * sample);
      changed[position] = static_cast<char>(changed[position] ^ (1 << random.below(8, f, 2 * sample + 1)));
      tests::write_text(files_[f], changed);
      accepted += gives_a_model(path_, golden_.rows) ? 1U : 0U;
    }
    if (files_[f].ends_with(".index")) {
      EXPECT_EQ(accepted, 0U) << files_[f];  // every byte but the footer's padding is checked
    }
    if (is_checked) {
      EXPECT_LT(accepted, 300U) << files_[f];
    }
    tests::write_text(files_[f], text);
  }
  EXPECT_TRUE(gives_a_model(path_, golden_.rows));
}

TEST_P(ImportDamage, ACutIsAnError) {
  const Random random(8);
  for (std::size_t f = 0; f < files_.size(); ++f) {
    const std::string text = tests::read_text(files_[f]);
    const bool has_an_end = files_[f].find("assets") == std::string::npos;  // a shorter list of lines is one too
    for (std::size_t sample = 0; sample < 60; ++sample) {
      const std::size_t size = sample == 0 ? text.size() - 1 : random.below(text.size(), f, sample);
      tests::write_text(files_[f], text.substr(0, size));
      const bool is_accepted = gives_a_model(path_, golden_.rows);
      if (has_an_end) {
        EXPECT_FALSE(is_accepted) << files_[f] << " cut to " << size;
      }
    }
    tests::write_text(files_[f], text);
  }
}

INSTANTIATE_TEST_SUITE_P(Exports, ImportDamage,
                         ::testing::Values("frozen", "tfrs", "tfrs_index", "tf_keras_file", "keras3_export",
                                           "keras3_file.keras"));
}  // namespace
}  // namespace podium::interop
