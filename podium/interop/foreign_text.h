#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace podium::interop {
/// Text out of another program's file as a terminal may show it: control characters and what is no UTF-8 as \xNN,
/// and "..." in the place of what goes beyond `most` bytes.
std::string printable(std::string_view text, std::size_t most = 160);
/// The same between quotes, for messages.
std::string in_quotes(std::string_view text);
}  // namespace podium::interop
