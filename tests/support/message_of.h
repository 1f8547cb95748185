#pragma once
#include <string>

#include "podium/core/error.h"

namespace podium::tests {
/// What the Error says that a call throws; "no error" if it throws none.
template <class Call>
std::string message_of(const Call& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}
}  // namespace podium::tests
