#pragma once
#include <google/protobuf/message_lite.h>
#include <google/protobuf/stubs/common.h>
#if GOOGLE_PROTOBUF_VERSION < 4022000
#include <google/protobuf/stubs/logging.h>
#endif

#include <cstddef>
#include <string_view>

namespace podium::interop {
/// Parses a message that may come from anyone; false if it is none. Protobuf would complain on stderr as well.
inline bool parse(google::protobuf::MessageLite& message, std::string_view bytes) {
#if GOOGLE_PROTOBUF_VERSION < 4022000
  const google::protobuf::LogSilencer silence;
#endif
  constexpr std::size_t kMost = 0x7FFFFFFF;
  return bytes.size() <= kMost && message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}
}  // namespace podium::interop
