#include "podium/classics/ratings.h"

#include <cmath>
#include <string>

namespace podium::classics {
namespace {
void check_ids(std::span<const std::uint32_t> ids, std::size_t rows, const char* what) {
  for (std::size_t row = 0; row < ids.size(); ++row) {
    if (ids[row] < rows) continue;
    throw Error("ratings, row " + std::to_string(row) + ": " + what + " index " + std::to_string(ids[row]) + " of " +
                std::to_string(rows) + "; encode the rows with the features that counted them");
  }
}
}  // namespace

void check(const Ratings& ratings) {
  const std::size_t rows = ratings.labels.size();
  if (rows == 0) throw Error("ratings: no rows to fit on; give at least one");
  if (ratings.users.size() != rows || ratings.items.size() != rows) {
    throw Error("ratings: " + std::to_string(ratings.users.size()) + " users, " + std::to_string(ratings.items.size()) +
                " items and " + std::to_string(rows) + " labels; give one of each per row");
  }
  check_ids(ratings.users, ratings.user_rows, "user");
  check_ids(ratings.items, ratings.item_rows, "item");
  for (std::size_t row = 0; row < rows; ++row) {
    if (std::isfinite(ratings.labels[row])) continue;
    throw Error("ratings, row " + std::to_string(row) + ": the label is not a finite number; drop or mend the row");
  }
}

void check(const Pairs& pairs) {
  if (pairs.users.size() == pairs.items.size()) return;
  throw Error("pairs: " + std::to_string(pairs.users.size()) + " users and " + std::to_string(pairs.items.size()) +
              " items; give one of each per row");
}
}  // namespace podium::classics
