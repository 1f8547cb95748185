#pragma once
#include "podium/data/inspect.h"

namespace podium::data {
/// Gives each part that is not known yet to the column that looks most like it, and writes role and reason into the
/// columns. Names count first ("customer_id" is a user), then values: a time is in seconds or milliseconds since 1970,
/// a label is the last number of few values, user and item are the first two other columns whose values repeat.
void guess_roles(DataReport& report, const Roles& known);
}  // namespace podium::data
