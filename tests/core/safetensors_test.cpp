#include "podium/core/safetensors.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "podium/core/error.h"
#include "tests/support/message_of.h"
#include "tests/support/temporary_directory.h"

namespace podium {
namespace {
std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

/// A file of this header and `data` bytes of zeros, at an address that suits every dtype.
struct File {
  explicit File(std::string_view header, std::size_t data = 0) : words((8 + header.size() + data + 7) / 8) {
    const std::uint64_t size = header.size();
    std::memcpy(words.data(), &size, 8);
    std::memcpy(words.data() + 1, header.data(), header.size());
    bytes = std::as_bytes(std::span(words)).first(8 + header.size() + data);
  }
  std::vector<std::uint64_t> words;
  std::span<const std::byte> bytes;
};

std::string error_of(std::string_view header, std::size_t data) {
  const File file(header, data);
  return tests::message_of([&] { const Safetensors tensors(file.bytes, "file"); });
}

template <class T>
TensorView view(std::string name, Dtype dtype, std::vector<std::size_t> shape, const std::vector<T>& values) {
  return {std::move(name), dtype, std::move(shape), std::as_bytes(std::span(values))};
}

TEST(Safetensors, ReadsWhatTheReferenceImplementationWrote) {  // golden/safetensors.py
  const Safetensors file(PODIUM_SOURCE_DIR "/tests/core/golden/safetensors.safetensors");
  EXPECT_EQ(file.tensors().size(), 8U);
  EXPECT_EQ(file.metadata().at("made_by"), "numpy");
  const auto kernel = file.floats("dense_0/kernel");
  ASSERT_EQ(kernel.size(), 12U);
  for (std::size_t i = 0; i < 12; ++i) EXPECT_EQ(kernel[i], static_cast<float>(i) / 8);
  EXPECT_EQ(file.tensor("dense_0/kernel").shape, (std::vector<std::size_t>{3, 4}));
  EXPECT_EQ(file.u32s("ids")[2], 0xFFFFFFFFU);
  EXPECT_EQ(file.u64s("offsets")[1], std::uint64_t{1} << 63U);
  EXPECT_EQ(file.i64s("times")[0], -1);
  EXPECT_EQ(file.u8s("text").size(), 6U);
  EXPECT_EQ(file.tensor("half").dtype, Dtype::f16);
  EXPECT_TRUE(file.tensor("empty").bytes.empty());
  EXPECT_TRUE(file.tensor("scalar").shape.empty());
}

TEST(Safetensors, WritesWhatTheReferenceImplementationReads) {  // python3 golden/safetensors.py --check FILE
  const std::vector<float> kernel = {0, .125, .25, .375, .5, .625, .75, .875, 1, 1.125, 1.25, 1.375};
  const std::vector<std::uint32_t> ids = {0, 1, 0xFFFFFFFFU};
  const std::vector<std::uint64_t> offsets = {0, std::uint64_t{1} << 63U};
  const std::vector<std::int64_t> times = {-1, std::int64_t{1} << 40U};
  const std::vector<std::uint16_t> half = {0x3800, 0xC000};
  const std::vector<double> scalar = {1.5};
  const std::string text = "naïve";
  const std::vector<TensorView> tensors = {view("offsets", Dtype::u64, {2}, offsets),
                                           view("times", Dtype::i64, {2}, times),
                                           view("scalar", Dtype::f64, {}, scalar),
                                           view("dense_0/kernel", Dtype::f32, {3, 4}, kernel),
                                           view("empty", Dtype::f32, {0, 5}, std::vector<float>{}),
                                           view("ids", Dtype::u32, {3}, ids),
                                           view("half", Dtype::f16, {2}, half),
                                           {"text", Dtype::u8, {6}, bytes_of(text)}};
  const std::string bytes = safetensors_bytes(tensors, {{"made_by", "numpy"}});
  // The reference writes the same tensors in the same order, so even the bytes are the same.
  EXPECT_EQ(bytes, tests::read_text(PODIUM_SOURCE_DIR "/tests/core/golden/safetensors.safetensors"));
  if (const char* path = std::getenv("PODIUM_WRITE_SAFETENSORS")) tests::write_text(path, bytes);
}

TEST(Safetensors, StringsComeBack) {
  Strings strings;
  for (const std::string_view text : {"", "Amélie (2001)", "a\0b", ""}) strings.push_back(text);
  strings.push_back(std::string_view("a\0b", 3));
  const std::string bytes = safetensors_bytes(views_of("item", strings));
  const Safetensors file(bytes_of(bytes), "file");
  EXPECT_EQ(file.strings("item"), strings);
  EXPECT_THROW(file.strings("user"), Error);
  EXPECT_EQ(Safetensors(bytes_of(safetensors_bytes({})), "file").tensors().size(), 0U);
}

TEST(Safetensors, RefusesStringsWithFallingOffsets) {
  const std::vector<std::uint64_t> offsets = {0, 2, 1, 3};
  const std::string text = "abc";
  const std::string bytes = safetensors_bytes(
      std::vector<TensorView>{view_of("item/offsets", offsets), {"item/bytes", Dtype::u8, {3}, bytes_of(text)}});
  EXPECT_THROW(Safetensors(bytes_of(bytes), "file").strings("item"), Error);
}

TEST(Safetensors, TheHeaderIsPaddedToEightBytes) {
  const std::vector<float> values = {1, 2, 3};
  for (const std::string name : {"a", "ab", "abc", "abcd", "abcde"}) {
    EXPECT_EQ(safetensors_header(std::vector<TensorView>{view_of(name, values)}).size() % 8, 0U) << name;
  }
}

TEST(Safetensors, RefusesToWriteWhatDoesNotFit) {
  const std::vector<float> values = {1, 2, 3};
  EXPECT_THROW(safetensors_header(std::vector<TensorView>{view_of("a", values), view_of("a", values)}), Error);
  EXPECT_THROW(safetensors_header(std::vector<TensorView>{view_of("a", {2}, values)}), Error);
  EXPECT_THROW(safetensors_header(std::vector<TensorView>{view_of("\xFF", values)}), Error);
}

TEST(Safetensors, TypedAccessNamesTheTensorAndBothTypes) {
  const File file(
      R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}, "b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}})",
      6);
  const Safetensors tensors(file.bytes, "file");
  try {
    tensors.floats("a");
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "file: tensor \"a\" holds U8, not F32");
  }
  EXPECT_THROW(tensors.floats("b"), Error);  // not at a multiple of 4
  EXPECT_THROW(tensors.floats("c"), Error);
}

TEST(Safetensors, RefusesEveryUnsoundHeader) {
  const auto contains = [](const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos ? ::testing::AssertionSuccess() : ::testing::AssertionFailure() << text;
  };
  EXPECT_EQ(error_of(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 8), "no error");
  EXPECT_TRUE(contains(error_of(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 7), "cut or damaged"));
  EXPECT_TRUE(contains(error_of(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 9), "after the last"));
  EXPECT_TRUE(contains(error_of(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[1,9]}})", 9), "gap"));
  EXPECT_TRUE(contains(error_of(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}})", 8), "cut or damaged"));
  EXPECT_TRUE(contains(error_of(R"({"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}})", 8), "shape"));
  EXPECT_TRUE(contains(error_of(R"({"a":{"dtype":"F32","shape":[4611686018427387905,4],"data_offsets":[0,16]}})", 16),
                       "shape"));
  EXPECT_TRUE(contains(error_of(R"({"a":{"dtype":"F33","shape":[2],"data_offsets":[0,8]}})", 8), "F33"));
  EXPECT_TRUE(contains(error_of(R"({"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}})", 8), "whole number"));
  EXPECT_TRUE(contains(error_of(R"({"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}})", 8), "whole number"));
  EXPECT_TRUE(contains(error_of(R"({"a":{"dtype":"F32","shape":[2]}})", 8), "dtype, shape and data_offsets"));
  EXPECT_TRUE(contains(error_of(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":1}})", 8), "nothing else"));
  EXPECT_TRUE(contains(error_of(R"({"a":1})", 0), "object"));
  EXPECT_TRUE(contains(error_of(R"([1])", 0), "JSON object"));
  EXPECT_TRUE(contains(error_of(R"({"a":)", 0), "valid JSON"));
  EXPECT_TRUE(contains(error_of(R"({"__metadata__":{"a":1}})", 0), "metadata"));
  EXPECT_TRUE(contains(
      error_of(
          R"({"a":{"dtype":"U8","shape":[],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[],"data_offsets":[0,1]}})",
          1),
      "twice"));
  EXPECT_TRUE(contains(
      error_of(
          R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}})",
          3),
      "overlaps"));
  EXPECT_TRUE(contains(error_of("{\"a\":" + std::string(100, '[') + std::string(100, ']') + "}", 0), "nests deeper"));
}

TEST(Safetensors, PassesOverDtypesThatItDoesNotReadIfAskedTo) {
  const std::string a = R"("a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},)";
  const auto error = [&](const std::string& other, std::size_t size, OtherDtypes others = OtherDtypes::passed_over) {
    const File file("{" + a + other + "}", size);
    return tests::message_of([&] {
      const Safetensors tensors(file.bytes, "file", others);
      EXPECT_EQ(tensors.tensors().size(), 1U);
      ASSERT_EQ(tensors.unread().size(), 1U);
      EXPECT_EQ(tensors.unread().front().name, "b");
      EXPECT_FALSE(tensors.has("b"));
    });
  };
  const auto b = [](const std::string& dtype, const std::string& shape, std::size_t end) {
    return R"("b":{"dtype":)" + dtype + R"(,"shape":)" + shape + R"(,"data_offsets":[2,)" + std::to_string(end) + "]}";
  };
  EXPECT_EQ(error(b(R"("F8_E4M3")", "[3]", 5), 5), "no error");
  EXPECT_EQ(error(b(R"("C64")", "[2]", 18), 18), "no error");
  EXPECT_EQ(error(b(R"("F4")", "[3,2]", 5), 5), "no error");  // 6 elements of 4 bits
  EXPECT_EQ(error(b(R"("F6_E2M3")", "[4]", 5), 5), "no error");
  EXPECT_EQ(error(b(R"("Q3_K")", "[1000]", 5), 5), "no error") << "nobody knows how large that is";
  const auto has = [&](const std::string& message, const char* part) {
    EXPECT_NE(message.find(part), std::string::npos) << message;
  };
  has(error(b(R"("F8_E4M3")", "[3]", 5), 5, OtherDtypes::refused), "unknown dtype");
  has(error(b(R"("F8_E5M2")", "[4]", 5), 5), "shape");
  has(error(b(R"("C64")", "[3]", 18), 18), "shape");
  has(error(b(R"("F4")", "[3]", 4), 4), "shape");  // 12 bits are no bytes
  has(error(b(R"("F4")", "[4611686018427387904,4]", 5), 5), "shape");
  has(error(b(R"("Q3_K")", "[1]", 9), 5), "cut or damaged");
  has(error(b(R"("Q3_K")", "[1]", 4), 5), "after the last");
  has(error(R"("b":{"dtype":"Q3_K","shape":[1],"data_offsets":[1,5]})", 5), "overlaps");
  has(error(b("7", "[1]", 5), 5), "unknown dtype");
}

TEST(Safetensors, RefusesAHeaderLongerThanTheFile) {
  EXPECT_THROW(Safetensors(bytes_of("short"), "file"), Error);
  EXPECT_THROW(Safetensors(bytes_of("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF{}"), "file"), Error);
  EXPECT_THROW(Safetensors(bytes_of(std::string_view("\3\0\0\0\0\0\0\0{}", 10)), "file"), Error);
}

TEST(Safetensors, EveryCutOfAFileIsAnError) {
  const std::string whole = tests::read_text(PODIUM_SOURCE_DIR "/tests/core/golden/safetensors.safetensors");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_THROW(Safetensors(bytes_of(whole).first(size), "file"), Error) << size;
  }
}
}  // namespace
}  // namespace podium
