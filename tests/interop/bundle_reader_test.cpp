// A checkpoint's index by hand, as LevelDB's page on its tables says it.
#include "podium/interop/savedmodel/bundle_reader.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "podium/interop/crc32c.h"
#include "podium/interop/savedmodel/table_reader.h"
#include "tests/interop/golden_models.h"
#include "tests/support/temporary_directory.h"

namespace podium::interop {
namespace {
using tests::message_of;

std::string varint(std::uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>((value & 0x7F) | 0x80);
  return bytes + static_cast<char>(value);
}

std::string fixed32(std::uint32_t value) {
  std::string bytes(sizeof value, '\0');
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}

std::uint32_t masked_crc(const std::string& bytes) { return masked(crc32c(std::as_bytes(std::span(bytes)))); }

/// Entries that share what they can with the one before; one restart.
std::string block_of(const std::vector<std::pair<std::string, std::string>>& entries) {
  std::string block, last;
  for (const auto& [key, value] : entries) {
    std::size_t shared = 0;
    while (shared < last.size() && shared < key.size() && last[shared] == key[shared]) ++shared;
    block += varint(shared) + varint(key.size() - shared) + varint(value.size()) + key.substr(shared) + value;
    last = key;
  }
  return block + fixed32(0) + fixed32(1);
}

/// Snappy's format with literals alone, of at most 60 bytes each.
std::string snappy_of(const std::string& plain) {
  std::string bytes = varint(plain.size());
  for (std::size_t at = 0; at < plain.size(); at += 60) {
    const std::string piece = plain.substr(at, 60);
    bytes += static_cast<char>((piece.size() - 1) << 2);
    bytes += piece;
  }
  return bytes;
}

/// Appends a block; returns its handle.
std::string append(std::string& file, std::string block, char type) {
  if (type == 1) block = snappy_of(block);
  const std::string handle = varint(file.size()) + varint(block.size());
  block += type;
  file += block + fixed32(masked_crc(block));
  return handle;
}

std::string table_of(const std::vector<std::vector<std::pair<std::string, std::string>>>& blocks, char type) {
  std::string file;
  std::vector<std::pair<std::string, std::string>> index;
  for (const auto& entries : blocks) index.emplace_back(entries.back().first, append(file, block_of(entries), type));
  std::string footer = append(file, block_of({}), type) + append(file, block_of(index), type);
  footer.resize(40);
  const std::uint64_t magic = 0xdb4775248b80fb57U;
  file += footer;
  file.append(reinterpret_cast<const char*>(&magic), sizeof magic);
  return file;
}

std::span<const std::byte> bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

const std::vector<std::vector<std::pair<std::string, std::string>>> kBlocks = {
    {{"", "header"}, {"apple", "1"}, {"apples", "22"}}, {{"apply", ""}, {"b", std::string(200, 'x')}}};

TEST(TableReader, ReadsPlainAndSnappyBlocks) {
  for (const char type : {'\0', '\1'}) {
    const auto entries = read_table(bytes_of(table_of(kBlocks, type)), "index");
    ASSERT_EQ(entries.size(), 5U);
    EXPECT_EQ(entries.at(""), "header");
    EXPECT_EQ(entries.at("apples"), "22");
    EXPECT_EQ(entries.at("apply"), "");
    EXPECT_EQ(entries.at("b"), std::string(200, 'x'));
  }
}

TEST(TableReader, RefusesKeysThatDoNotRise) {
  const std::string file = table_of({{{"b", ""}, {"a", ""}}}, 0);
  EXPECT_NE(message_of([&] { read_table(bytes_of(file), "index"); }).find("rise"), std::string::npos);
}

TEST(TableReader, RefusesAnUnknownCompression) {
  EXPECT_NE(message_of([] { read_table(bytes_of(table_of(kBlocks, 2)), "index"); }).find("compressed"),
            std::string::npos);
}

TEST(TableReader, AFlippedBitIsAnErrorButInThePadding) {
  for (const char type : {'\0', '\1'}) {
    const std::string file = table_of(kBlocks, type);
    const auto entries = read_table(bytes_of(file), "index");
    for (std::size_t bit = 0; bit < 8 * file.size(); ++bit) {
      std::string changed = file;
      changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
      try {
        EXPECT_EQ(read_table(bytes_of(changed), "index"), entries) << bit;
      } catch (const Error&) {
      }
    }
  }
}

// BundleHeaderProto {num_shards}, BundleEntryProto {dtype, shape {dim {size}}, shard_id, offset, size, crc32c, slices}.
std::string header_of(int shards) { return std::string("\x08") + varint(static_cast<std::uint64_t>(shards)); }
std::string entry_of(int shard, std::size_t offset, const std::string& bytes, const std::string& more = "") {
  const std::string dim = "\x08" + varint(bytes.size() / 4);
  const std::string shape = "\x12" + varint(dim.size()) + dim;
  return std::string("\x08\x01\x12") + varint(shape.size()) + shape + "\x18" +
         varint(static_cast<std::uint64_t>(shard)) + "\x20" + varint(offset) + "\x28" + varint(bytes.size()) + "\x35" +
         fixed32(masked_crc(bytes)) + more;
}

std::string floats(const std::vector<float>& values) {
  std::string bytes(values.size() * sizeof(float), '\0');
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

TEST(BundleReader, ReadsTensorsOfSeveralFiles) {
  const std::string first = floats({1, 2, 3}), second = floats({-4, 5});
  const std::string index =
      table_of({{{"", header_of(2)}, {"a", entry_of(0, 0, first)}, {"b", entry_of(1, 0, second)}}}, 1);
  const Bundle bundle(bytes_of(index), {bytes_of(first), bytes_of(second)}, "bundle");
  EXPECT_EQ(bundle.floats("a").values, (std::vector<float>{1, 2, 3}));
  EXPECT_EQ(bundle.floats("b").values, (std::vector<float>{-4, 5}));
  EXPECT_EQ(bundle.floats("b").shape, std::vector<std::size_t>{2});
  EXPECT_NE(message_of([&] { (void)bundle.floats("c"); }).find("\"c\""), std::string::npos);
  EXPECT_NE(message_of([&] { (void)bundle.integers("a"); }).find("whole"), std::string::npos);
}

TEST(BundleReader, RefusesAVariableInSlicesByName) {
  const std::string data = floats({1, 2});
  const std::string index =
      table_of({{{"", header_of(1)}, {"part", entry_of(0, 0, data, std::string("\x3a\x00", 2))}}}, 0);
  const Bundle bundle(bytes_of(index), {bytes_of(data)}, "bundle");
  const std::string message = message_of([&] { (void)bundle.floats("part"); });
  EXPECT_NE(message.find("slices"), std::string::npos) << message;
  EXPECT_NE(message.find("\"part\""), std::string::npos) << message;
}

TEST(BundleReader, RefusesATensorThatLeavesItsFileOrIsDamaged) {
  const std::string data = floats({1, 2});
  const auto open = [&](const std::string& entry) { return table_of({{{"", header_of(1)}, {"a", entry}}}, 0); };
  const std::string beyond = open(entry_of(0, 4, data));
  EXPECT_NE(message_of([&] { Bundle(bytes_of(beyond), {bytes_of(data)}, "b"); }).find("leaves its file"),
            std::string::npos);
  const std::string elsewhere = open(entry_of(1, 0, data));
  EXPECT_NE(message_of([&] { Bundle(bytes_of(elsewhere), {bytes_of(data)}, "b"); }).find("not there"),
            std::string::npos);
  const std::string sound = open(entry_of(0, 0, data)), other = floats({1, 3});
  const Bundle bundle(bytes_of(sound), {bytes_of(other)}, "b");
  EXPECT_NE(message_of([&] { (void)bundle.floats("a"); }).find("checksum"), std::string::npos);
}

TEST(BundleReader, ReadsTextAsTensorFlowWritesIt) {
  const Bundle bundle(tests::golden_path("tfrs/variables/variables"));
  const auto objects = bundle.strings("_CHECKPOINTABLE_OBJECT_GRAPH");
  ASSERT_EQ(objects.size(), 1U);
  EXPECT_NE(objects[0].find("trainable_variables"), std::string::npos);
}
}  // namespace
}  // namespace podium::interop
