#include "podium/core/mapped_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <numeric>
#include <vector>

#include "podium/core/safetensors.h"
#include "tests/support/message_of.h"
#include "tests/support/temporary_directory.h"

namespace podium {
namespace {
/// Pages of the mapping that are in this process' memory now, by /proc/self/smaps' own count.
std::size_t resident_kilobytes(const void* address) {
  std::ifstream maps("/proc/self/smaps");
  const auto wanted = reinterpret_cast<std::uintptr_t>(address);
  bool here = false;
  for (std::string line; std::getline(maps, line);) {
    std::size_t begin = 0, end = 0, size = 0;
    if (std::sscanf(line.c_str(), "%zx-%zx ", &begin, &end) == 2) here = begin <= wanted && wanted < end;
    if (here && std::sscanf(line.c_str(), "Rss: %zu kB", &size) == 1) return size;
  }
  return 0;
}

TEST(MappedFile, RefusesAPipeAtOnce) {  // and does not wait for somebody to write into it
  const tests::TemporaryDirectory folder;
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  const std::string message = tests::message_of([&] { const MappedFile file(folder / "pipe"); });
  EXPECT_NE(message.find("is no regular file"), std::string::npos) << message;
}

TEST(MappedFile, GivesMemoryBackAndIsReadableStill) {
  const tests::TemporaryDirectory folder;
  std::vector<char> bytes(std::size_t{4} << 20);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 7 + i / 4096);
  std::ofstream(folder / "file").write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  const MappedFile file(folder / "file");
  ASSERT_TRUE(std::ranges::equal(file.text(), bytes));
  EXPECT_GE(resident_kilobytes(file.bytes().data()), 4096U);
  release_mapped(file.bytes().subspan(100, bytes.size() - 200));
  EXPECT_EQ(resident_kilobytes(file.bytes().data()), 0U);
  EXPECT_TRUE(std::ranges::equal(file.text(), bytes));
}

TEST(MappedFile, IsReadInPiecesOfWhichNoneStays) {
  const tests::TemporaryDirectory folder;
  std::vector<char> bytes((std::size_t{5} << 20) + 4321);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 7 + i / 4096);
  std::ofstream(folder / "file").write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  const MappedFile file(folder / "file");
  const auto odd = file.bytes().subspan(1234);  // pieces that end amid pages
  std::string read;
  std::size_t most = 0;
  read_in_pieces({odd, true}, [&](std::span<const std::byte> piece) {
    read.append(reinterpret_cast<const char*>(piece.data()), piece.size());
    most = std::max(most, resident_kilobytes(file.bytes().data()));
  });
  EXPECT_EQ(read, file.text().substr(1234));
  EXPECT_LE(most, 128U + 64U);
}

TEST(ByteView, OfMemoryIsReadInPiecesAndStays) {
  const std::vector<std::byte> bytes((std::size_t{3} << 20) + 1, std::byte{7});
  std::size_t pieces = 0, size = 0;
  read_in_pieces(std::span(bytes).subspan(1), [&](std::span<const std::byte> piece) {
    ++pieces;
    size += piece.size();
  });
  EXPECT_EQ(pieces, 24U);
  EXPECT_EQ(size, bytes.size() - 1);
  EXPECT_TRUE(std::ranges::all_of(bytes, [](std::byte byte) { return byte == std::byte{7}; }));
  read_in_pieces(std::span<const std::byte>(), [](std::span<const std::byte>) { FAIL(); });
}

TEST(MappedFile, IsCopiedTensorByTensorWithoutItsMemoryStaying) {
  const tests::TemporaryDirectory folder;
  std::vector<float> values(std::size_t{3} << 20);
  std::iota(values.begin(), values.end(), 0.0F);
  const TensorView tensors[] = {view_of("x", values)};
  std::ofstream(folder / "file") << safetensors_bytes(tensors);
  const Safetensors file(folder / "file");
  const AlignedFloats copy = file.take_floats("x");
  EXPECT_TRUE(std::ranges::equal(copy, values));
  EXPECT_LE(resident_kilobytes(file.floats("x").data()), 64U);
}
}  // namespace
}  // namespace podium
