#include "cli/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <iostream>

namespace podium::cli {
namespace {
constexpr double kPatience = 1.0, kBetweenUpdates = 0.1;  // seconds

std::size_t terminal_columns() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

std::string bar(double share, std::size_t width) {
  const auto full = static_cast<std::size_t>(share * static_cast<double>(width));
  std::string text;
  for (std::size_t i = 0; i < width; ++i) text += i < full ? "━" : "─";
  return text;
}
}  // namespace

std::string clock_text(double seconds) {
  const auto whole = std::lround(std::clamp(seconds, 0.0, 3.6e6));
  std::array<char, 32> text{};
  if (whole < 3600) {
    std::snprintf(text.data(), text.size(), "%ld:%02ld", whole / 60, whole % 60);
  } else {
    std::snprintf(text.data(), text.size(), "%ld:%02ld:%02ld", whole / 3600, whole / 60 % 60, whole % 60);
  }
  return text.data();
}

Progress::Progress(bool is_quiet) : is_quiet_(is_quiet), is_terminal_(isatty(STDERR_FILENO) != 0) {}

void Progress::start(const std::string& part) {
  clear();
  part_ = part;
  begin_ = Clock::now();
  last_ = {};
}

void Progress::update(std::size_t done, std::size_t all, const std::string& detail) {
  if (is_quiet_ || !is_terminal_ || all == 0) return;
  const auto now = Clock::now();
  const double elapsed = std::chrono::duration<double>(now - begin_).count();
  if (elapsed < kPatience || std::chrono::duration<double>(now - last_).count() < kBetweenUpdates) return;
  last_ = now;
  const double share = static_cast<double>(std::min(done, all)) / static_cast<double>(all);
  std::string tail = " " + std::to_string(static_cast<int>(share * 100.0)) + " %";
  if (share > 0.0) tail += "  " + clock_text(elapsed * (1.0 - share) / share) + " left";
  if (!detail.empty()) tail += "  " + detail;
  constexpr std::size_t kBar = 20;
  const std::size_t columns = terminal_columns(), head = part_.size() + 1;
  const std::size_t width = columns > head + kBar + 20 ? kBar : 0;  // a narrow terminal gets the numbers alone
  const std::size_t room = columns > head + width ? columns - head - width - 1 : 0;
  const std::string text = part_ + " " + bar(share, width) + tail.substr(0, room);
  std::cerr << "\r\033[K" << text << std::flush;
  is_shown_ = true;
}

void Progress::line(const std::string& text) {
  if (!is_quiet_ && !is_terminal_) std::cerr << text << '\n';
}

void Progress::warn(const std::string& text) {
  clear();
  if (!is_quiet_) std::cerr << "podium: " << text << '\n';
}

void Progress::clear() {
  if (is_shown_) std::cerr << "\r\033[K" << std::flush;
  is_shown_ = false;
}
}  // namespace podium::cli
