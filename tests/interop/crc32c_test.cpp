#include "podium/interop/crc32c.h"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

namespace podium::interop {
namespace {
std::span<const std::byte> bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

TEST(Crc32c, EqualsTheStandardsExamples) {  // RFC 3720, appendix B.4
  EXPECT_EQ(crc32c(std::vector<std::byte>(32, std::byte{0})), 0x8a9136aaU);
  EXPECT_EQ(crc32c(std::vector<std::byte>(32, std::byte{0xff})), 0x62a8ab43U);
  std::vector<std::byte> rising(32);
  for (std::size_t i = 0; i < rising.size(); ++i) rising[i] = static_cast<std::byte>(i);
  EXPECT_EQ(crc32c(rising), 0x46dd794eU);
  EXPECT_EQ(crc32c(bytes("123456789")), 0xe3069283U);
}

TEST(Crc32c, GoesOnWhereItStopped) {
  const std::string_view text = "all that is read in one go or in two is the same";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    EXPECT_EQ(crc32c(bytes(text.substr(cut)), crc32c(bytes(text.substr(0, cut)))), crc32c(bytes(text))) << cut;
  }
}

TEST(Crc32c, MaskingIsNotTheIdentityAndNotItsOwnInverse) {  // as google/leveldb:util/crc32c_test.cc asks
  const std::uint32_t crc = crc32c(bytes("foo"));
  EXPECT_NE(masked(crc), crc);
  EXPECT_NE(masked(masked(crc)), crc);
}
}  // namespace
}  // namespace podium::interop
