#include "podium/core/checksum.h"

#include <gtest/gtest.h>

#include <numeric>
#include <span>
#include <string>
#include <string_view>

#include "podium/core/error.h"
#include "tests/support/temporary_directory.h"

namespace podium {
namespace {
std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

/// What `seq 1 1000` prints: long enough for the hash's loop over blocks.
std::string thousand_lines() {
  std::string text;
  for (int i = 1; i <= 1000; ++i) text += std::to_string(i) + "\n";
  return text;
}

TEST(Checksum, IsWhatXxh128sumPrints) {  // golden: xxh128sum 0.8.1, Debian's
  EXPECT_EQ(checksum(bytes_of("Podium")), "49989e67ac5ceb6f4c031ce97276295b");
  EXPECT_EQ(checksum(bytes_of("")), "99aa06d3014798d86001c324468d497f");
  EXPECT_EQ(checksum(bytes_of(thousand_lines())), "8527d9296fb8f4a6764aaaecde28829e");
}

TEST(Checksum, IsTheSameHoweverTheBytesAreCut) {
  const std::string text = thousand_lines();
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{256}, std::size_t{1000}}) {
    Checksum sum;
    for (std::size_t i = 0; i < text.size(); i += piece) sum.update(bytes_of(std::string_view(text).substr(i, piece)));
    EXPECT_EQ(sum.digits(), checksum(bytes_of(text))) << piece;
  }
  EXPECT_EQ(Checksum().digits(), checksum({}));
}

TEST(Checksum, OfAFileIsThatOfItsBytes) {
  const tests::TemporaryDirectory directory;
  tests::write_text(directory / "a", thousand_lines());
  EXPECT_EQ(file_checksum(directory / "a"), checksum(bytes_of(thousand_lines())));
  EXPECT_THROW(file_checksum(directory / "b"), Error);
}
}  // namespace
}  // namespace podium
