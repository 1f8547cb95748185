#include "podium/interop/savedmodel/bundle_write.h"

#include <gtest/gtest.h>

#include <utility>

#include "podium/interop/savedmodel/sorted_table.h"
#include "tests/interop/bundle_of.h"

namespace podium::interop::savedmodel {
namespace {
using tests::bundle_of, tests::entries_of, tests::read_text;

std::string contents(const NewFile& file) {
  std::string all = file.head;
  for (const ByteView& piece : file.pieces) {
    all.append(reinterpret_cast<const char*>(piece.bytes.data()), piece.bytes.size());
  }
  return all;
}

const std::vector<float> kMatrix = {1, 2, 3, 4, 5, 6};
const std::int64_t kSteps = 30;

std::vector<NewFile> golden_files() {
  const std::vector<TensorView> tensors = {
      view_of("variables/0/.ATTRIBUTES/VARIABLE_VALUE", {2, 3}, kMatrix),
      {"optimizer/_iterations/.ATTRIBUTES/VARIABLE_VALUE", Dtype::i64, {}, std::as_bytes(std::span(&kSteps, 1))}};
  return bundle_files("bundle", "objects", tensors);
}

TEST(BundleFiles, EqualTensorFlowsByteForByte) {
  const std::string golden = std::string(PODIUM_SOURCE_DIR) + "/tests/interop/golden/";
  for (const NewFile& file : golden_files()) EXPECT_EQ(contents(file), read_text(golden + file.path)) << file.path;
}

TEST(BundleFiles, LookIntoTheTensorsInsteadOfCopyingThem) {
  const auto files = golden_files();
  EXPECT_EQ(files[1].pieces[0].bytes.data(), std::as_bytes(std::span(kMatrix)).data());
}

TEST(SortedTable, HoldsEveryEntryOverManyBlocks) {
  std::map<std::string, std::string> entries = {{"", "the first key is empty"}};
  for (int i = 0; i < 5000; ++i)
    entries["key/" + std::to_string(i)] = std::string(static_cast<std::size_t>(i % 300), 'v');
  const std::vector<std::pair<std::string, std::string>> sorted(entries.begin(), entries.end());
  const std::string table = sorted_table(sorted);
  EXPECT_GT(table.size(), std::size_t{2} * 262144);  // so there are several
  EXPECT_EQ(entries_of(table), entries);
}

TEST(SortedTable, MayBeEmpty) { EXPECT_TRUE(entries_of(sorted_table({})).empty()); }

TEST(SortedTable, TakesKeysWithoutASuccessor) {
  const std::vector<std::pair<std::string, std::string>> entries = {{"\xFF", "1"}, {"\xFF\xFF", "2"}};
  EXPECT_EQ(entries_of(sorted_table(entries)).size(), 2U);
}
}  // namespace
}  // namespace podium::interop::savedmodel
