#include <gtest/gtest.h>
#include <zip.h>

#include <filesystem>
#include <map>
#include <set>

#include "podium/core/manifest.h"
#include "podium/core/safetensors.h"
#include "podium/interop/weights/npz.h"
#include "podium/interop/weights/tensors.h"
#include "podium/interop/weights/write.h"
#include "tests/interop/kinds.h"

namespace podium::interop::tests {
namespace {
using podium::tests::loaded;
using podium::tests::message_of;
using podium::tests::read_text;
using podium::tests::TemporaryDirectory;

/// All entries of an archive by libzip, which verifies each entry's length and CRC.
std::map<std::string, std::string> unzip(const std::string& path) {
  std::map<std::string, std::string> entries;
  int error = 0;
  zip_t* archive = zip_open(path.c_str(), ZIP_RDONLY | ZIP_CHECKCONS, &error);
  EXPECT_NE(archive, nullptr) << "libzip's error " << error;
  if (archive == nullptr) return entries;
  for (zip_int64_t i = 0; i < zip_get_num_entries(archive, 0); ++i) {
    zip_stat_t stat;
    EXPECT_EQ(zip_stat_index(archive, i, 0, &stat), 0);
    EXPECT_EQ(stat.comp_method, ZIP_CM_STORE);
    std::string bytes(stat.size, '\0');
    zip_file_t* file = zip_fopen_index(archive, i, 0);
    EXPECT_EQ(zip_fread(file, bytes.data(), bytes.size()), static_cast<zip_int64_t>(bytes.size())) << stat.name;
    char beyond = 0;
    EXPECT_EQ(zip_fread(file, &beyond, 1), 0) << stat.name << ": its checksum is wrong";
    zip_fclose(file);
    entries[stat.name] = bytes;
  }
  zip_discard(archive);
  return entries;
}

std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

TEST(Npz, HoldsEveryArrayAsNumpyReadsIt) {
  const TemporaryDirectory folder;
  const LoadedModel model = loaded(podium::tests::small_model());
  write_weights_npz(model, folder / "npz");
  const auto entries = unzip(folder / "npz/weights.npz");
  const ModelTensors tensors(model);
  EXPECT_EQ(entries.size(), tensors.views().size());
  for (const TensorView& view : tensors.views()) {
    ASSERT_TRUE(entries.contains(view.name + ".npy")) << view.name;
    const std::string& npy = entries.at(view.name + ".npy");
    EXPECT_EQ(npy.substr(0, 8), std::string("\x93NUMPY\x01\x00", 8));
    const std::size_t head = 10 + static_cast<unsigned char>(npy[8]) + 256U * static_cast<unsigned char>(npy[9]);
    EXPECT_EQ(head % 64, 0U);
    EXPECT_EQ(npy[head - 1], '\n');
    EXPECT_EQ(npy.substr(head), text_of(view.bytes)) << view.name;
  }
  // As numpy.save writes them.
  EXPECT_NE(entries.at("embedding/user/weight.npy").find("{'descr': '<f4', 'fortran_order': False, 'shape': (4, 4), }"),
            std::string::npos);
  EXPECT_NE(entries.at("dense_0/bias.npy").find("{'descr': '<f4', 'fortran_order': False, 'shape': (3,"),
            std::string::npos);
  EXPECT_NE(entries.at("vocabulary/year/values.npy").find("'<i8'"), std::string::npos);
  EXPECT_NE(entries.at("vocabulary/title/bytes.npy").find("'|u1'"), std::string::npos);
  for (const auto& check : check_directory(folder / "npz")) EXPECT_EQ(check.problem, "") << check.path;
}

TEST(Npz, RefusesWhatItCannotHold) {
  const TensorView half{"x", Dtype::bf16, {1}, {}};
  EXPECT_NE(message_of([&] { npy_head(half); }).find("safetensors"), std::string::npos);
  // 260 times the same 16 MB.
  const std::vector<std::byte> page(std::size_t{1} << 24);
  const std::vector<TensorView> many(260, TensorView{"x", Dtype::u8, {page.size()}, page});
  EXPECT_NE(message_of([&] { const NpzFile npz("weights.npz", many); }).find("4 GB"), std::string::npos);
}

TEST(WeightsSafetensors, HoldsWeightsAndVocabularies) {
  const TemporaryDirectory folder;
  const Model model = podium::tests::small_model();
  write_weights_safetensors(loaded(model), folder / "st");
  const Safetensors file(folder / "st/weights.safetensors");
  std::set<std::string> names;
  for (const auto& tensor : file.tensors()) names.insert(tensor.name);
  EXPECT_EQ(names,
            (std::set<std::string>{"bias_0/bias", "dense_0/bias", "dense_0/kernel", "dense_1/bias", "dense_1/kernel",
                                   "embedding/title/weight", "embedding/user/weight", "embedding/year/weight",
                                   "vocabulary/title/bytes", "vocabulary/title/offsets", "vocabulary/user/bytes",
                                   "vocabulary/user/offsets", "vocabulary/year/values"}));
  for (const auto& tensor : model.weights().tensors) {
    const auto found = file.floats(tensor.name);
    EXPECT_TRUE(std::ranges::equal(found, tensor.values)) << tensor.name;
    EXPECT_EQ(file.tensor(tensor.name).shape, tensor.shape);
  }
  const auto& titles = std::get<StringVocabulary>(model.features().encoders[1]).values();
  EXPECT_EQ(text_of(file.u8s("vocabulary/title/bytes")), titles.bytes());
  EXPECT_TRUE(std::ranges::equal(file.i64s("vocabulary/title/offsets"), titles.offsets()));
}

TEST(Weights, ReplaceAnExportAndNothingElse) {
  const TemporaryDirectory folder;
  const Model model = podium::tests::small_model();
  write_weights_npz(loaded(model), folder / "out");
  write_weights_safetensors(loaded(model), folder / "out");
  EXPECT_FALSE(std::filesystem::exists(folder / "out/weights.npz"));
  std::filesystem::create_directory(folder / "mine");
  podium::tests::write_text(folder / "mine/notes.txt", "mine");
  EXPECT_THROW(write_weights_npz(loaded(model), folder / "mine"), Error);
  EXPECT_EQ(read_text(folder / "mine/notes.txt"), "mine");
}
}  // namespace
}  // namespace podium::interop::tests
