#pragma once
#include <stdexcept>
#include <string>

namespace podium {
/// What is wrong with something that came from outside (a file, a flag, an array): where, what was
/// found, what to do. Doors translate it once: the command line prints it and exits with 1.
class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& message) : std::runtime_error(message) {}
};
}  // namespace podium
