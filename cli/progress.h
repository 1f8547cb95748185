#pragma once
#include <chrono>
#include <cstddef>
#include <string>

namespace podium::cli {
/// Tells on stderr how far something is: a bar with the time left on a terminal, once it has taken a second; plain
/// lines elsewhere; nothing if quiet. Whatever is on the terminal's line goes before anything else is printed.
class Progress {
 public:
  explicit Progress(bool is_quiet);
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// A new part begins: "read", "fit" ...; times start again.
  void start(const std::string& part);
  /// `done` of `all` units of the part; `detail` stands behind the bar.
  void update(std::size_t done, std::size_t all, const std::string& detail);
  /// A line that stays: always in a pipe; on a terminal it is left to the final table.
  void line(const std::string& text);
  /// A line that stays, on a terminal too.
  void warn(const std::string& text);
  /// Takes the bar from the terminal.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;
  bool is_quiet_, is_terminal_, is_shown_ = false;
  std::string part_;
  Clock::time_point begin_ = Clock::now(), last_ = {};
};

/// "0:07", "12:31", "1:02:45"
std::string clock_text(double seconds);
}  // namespace podium::cli
