#pragma once
#include "podium/classics/factors.h"
#include "podium/core/thread_pool.h"

namespace podium::classics {
struct MfOptions {
  std::size_t dim = 32;
  std::size_t epochs = 30;
  double learning_rate = 0.01;  // of labels scaled to a standard deviation of 1
  double l2 = 0.08;             // of biases and vectors, at every row that touches them
  std::uint64_t seed = 1;       // of the initial vectors and the order of rows; same seed and build, same bits
};

/// Matrix factorization with biases by stochastic gradient descent: rows in a seeded order, one at a time.
/// Throws Error as check(Ratings) does, and if dim is 0 or a number is not finite or negative.
/// Source: Koren, Bell, Volinsky, "Matrix Factorization Techniques for Recommender Systems", IEEE Computer 2009.
Factors fit_matrix_factorization(const Ratings& ratings, const MfOptions& options);

/// The options, epochs included, that predict `validation` best after a fit on `train`, out of a fixed grid (each
/// candidate runs until its validation error rises); ties to the earlier. Candidates run side by side in the pool.
struct TunedMf {
  MfOptions options;
  double validation_rmse = 0.0;
  std::size_t candidates = 0;
};
TunedMf tune_matrix_factorization(const Ratings& train, const Ratings& validation, std::uint64_t seed,
                                  ThreadPool& pool);
}  // namespace podium::classics
