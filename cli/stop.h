#pragma once

namespace podium::cli {
/// From here on the first Ctrl-C (SIGINT) or SIGTERM only asks to stop; the second ends the process as usual.
void catch_stop_signals();
/// Whether it was asked.
bool stop_was_requested();
}  // namespace podium::cli
