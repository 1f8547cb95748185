#include "cli/stop.h"

#include <csignal>

namespace podium::cli {
namespace {
volatile std::sig_atomic_t requested = 0;  // a signal handler may touch nothing else

extern "C" void request_stop(int /*signal*/) { requested = 1; }
}  // namespace

void catch_stop_signals() {
  struct sigaction action {};
  action.sa_handler = request_stop;
  action.sa_flags = SA_RESETHAND | SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

bool stop_was_requested() { return requested != 0; }
}  // namespace podium::cli
