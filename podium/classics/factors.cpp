#include "podium/classics/factors.h"

#include <cmath>

namespace podium::classics {
float Factors::predict(std::uint32_t user, std::uint32_t item) const {
  float sum = mean;
  if (user < user_bias.size()) sum += user_bias[user];
  if (item < item_bias.size()) sum += item_bias[item];
  const std::size_t u = user * dim, i = item * dim;
  if (dim == 0 || u >= user_vectors.size() || i >= item_vectors.size()) return sum;
  for (std::size_t k = 0; k < dim; ++k) sum += user_vectors[u + k] * item_vectors[i + k];
  return sum;
}

std::vector<float> Factors::predict(const Pairs& pairs) const {
  check(pairs);
  std::vector<float> predictions(pairs.rows());
  for (std::size_t row = 0; row < pairs.rows(); ++row) predictions[row] = predict(pairs.users[row], pairs.items[row]);
  return predictions;
}

double rmse_of(const Factors& factors, const Ratings& ratings) {
  if (ratings.rows() == 0) return 0.0;
  double sum = 0.0;
  for (std::size_t row = 0; row < ratings.rows(); ++row) {
    const double error = factors.predict(ratings.users[row], ratings.items[row]) - double{ratings.labels[row]};
    sum += error * error;
  }
  return std::sqrt(sum / static_cast<double>(ratings.rows()));
}
}  // namespace podium::classics
