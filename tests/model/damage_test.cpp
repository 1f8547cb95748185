// Whatever happens to a saved model's bytes, loading says so.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "podium/core/publish.h"
#include "podium/core/random.h"
#include "podium/model/load.h"
#include "podium/model/save.h"
#include "tests/model/small_model.h"

namespace podium {
namespace {
using tests::message_of;
using tests::TemporaryDirectory;

class Damage : public ::testing::Test {
 protected:
  Damage() {
    save(tests::small_model(), tests::small_record(), directory_ / "ranking");
    for (const auto& [name, text] : tests::contents_of(version_)) files_.emplace_back(name, text);
  }
  void write(const std::string& name, const std::string& text) { tests::write_text(version_ + "/" + name, text); }
  std::string load_message() {
    return message_of([&] { load(directory_ / "ranking"); });
  }

  TemporaryDirectory directory_;
  const std::string version_ = directory_ / "ranking/1";
  std::vector<std::pair<std::string, std::string>> files_;
};

TEST_F(Damage, AnyFlippedBitIsAnError) {
  std::size_t total = 0;
  for (const auto& [name, text] : files_) total += text.size();
  const Random random(7);
  for (std::size_t sample = 0; sample < 2000; ++sample) {
    std::size_t position = random.below(total, 0, sample);
    const auto file = std::ranges::find_if(files_, [&](const auto& candidate) {
      if (position < candidate.second.size()) return true;
      position -= candidate.second.size();
      return false;
    });
    std::string text = file->second;
    text[position] = static_cast<char>(text[position] ^ (1 << random.below(8, 1, sample)));
    write(file->first, text);
    EXPECT_THROW(load(directory_ / "ranking"), Error) << file->first << " at byte " << position;
    write(file->first, file->second);
  }
  EXPECT_EQ(load_message(), "no error");
}

TEST_F(Damage, AnyCutIsAnError) {
  const Random random(8);
  for (const auto& [name, text] : files_) {
    for (std::size_t sample = 0; sample < 40; ++sample) {
      const std::size_t size = sample == 0 ? text.size() - 1 : random.below(text.size(), 0, sample);
      write(name, text.substr(0, size));
      EXPECT_THROW(load(directory_ / "ranking"), Error) << name << " cut to " << size;
    }
    write(name, text);
  }
  EXPECT_EQ(load_message(), "no error");
}

TEST_F(Damage, AMissingFileIsNamed) {
  for (const auto& [name, text] : files_) {
    std::filesystem::remove(version_ + "/" + name);
    EXPECT_NE(load_message().find(name), std::string::npos) << load_message();
    EXPECT_NE(load_message(), "no error");
    write(name, text);
  }
}

TEST_F(Damage, AChangedFileIsNamed) {
  write("weights.safetensors", "other");
  EXPECT_EQ(load_message(), version_ +
                                "/weights.safetensors: is not what was written: its checksum differs; copy the "
                                "directory again or train anew");
}

TEST_F(Damage, AFileTooMuchIsNamed) {
  write("notes.txt", "mine");
  EXPECT_EQ(load_message(), version_ + "/notes.txt: is not in the MANIFEST; copy the directory again or train anew");
}

TEST_F(Damage, FilesOfTwoModelsDoNotMix) {  // each whole, the MANIFEST made anew, but they do not fit
  const TemporaryDirectory other;
  {
    GraphBuilder builder;
    builder.output("rating", builder.dense(builder.embed("title", 4), 1));
    const Table table = tests::small_table();
    save(Model(builder, fit_features(builder.graph(), table), {.item = "title"}), other / "ranking");
  }
  for (const std::string name : {"weights.safetensors", "vocabulary.safetensors"}) {
    std::vector<NewFile> mixed;
    for (const auto& [path, text] : files_) {
      if (path != "MANIFEST")
        mixed.push_back({path, path == name ? tests::read_text(other / "ranking/1/" + name) : text, {}});
    }
    const std::string version = publish_version(real_files(), directory_ / "ranking", mixed);
    EXPECT_NE(load_message().find(version + "/" + name), std::string::npos) << load_message();
  }
}
}  // namespace
}  // namespace podium
