#include "podium/classics/baselines.h"

#include <chrono>
#include <cstdio>

#include "podium/classics/biases.h"
#include "podium/classics/matrix_factorization.h"
#include "podium/core/random.h"

namespace podium::classics {
namespace {
constexpr std::size_t kTooFewToTune = 50;
constexpr std::uint64_t kSampleStream = 1, kValidationStream = 2;

/// A part of other ratings, copied.
struct Part {
  std::vector<std::uint32_t> users, items;
  std::vector<float> labels;
  std::size_t user_rows = 0, item_rows = 0;

  explicit Part(const Ratings& like) : user_rows(like.user_rows), item_rows(like.item_rows) {}
  void add(const Ratings& from, std::size_t row) {
    users.push_back(from.users[row]);
    items.push_back(from.items[row]);
    labels.push_back(from.labels[row]);
  }
  Ratings view() const {
    return {.users = users, .items = items, .labels = labels, .user_rows = user_rows, .item_rows = item_rows};
  }
};

// Each row with the same chance, independently of the others.
Part sample(const Ratings& ratings, std::size_t about_rows, const Random& random) {
  const double share = static_cast<double>(about_rows) / static_cast<double>(ratings.rows());
  Part part(ratings);
  for (std::size_t row = 0; row < ratings.rows(); ++row) {
    if (random.uniform(kSampleStream, row) < share) part.add(ratings, row);
  }
  return part;
}

struct TuningParts {
  Part fit, validation;
};

TuningParts split_for_tuning(const Ratings& ratings, const Random& random) {
  TuningParts parts{.fit = Part(ratings), .validation = Part(ratings)};
  for (std::size_t row = 0; row < ratings.rows(); ++row) {
    (random.uniform(kValidationStream, row) < 0.1 ? parts.validation : parts.fit).add(ratings, row);
  }
  return parts;
}

template <class... Numbers>
std::string format(const char* pattern, Numbers... numbers) {
  std::string text(160, '\0');
  const int size = std::snprintf(text.data(), text.size(), pattern, numbers...);
  text.resize(static_cast<std::size_t>(size));
  return text;
}

/// Fits and predicts one baseline after another, each with its own time.
class Baselines {
 public:
  explicit Baselines(const Pairs& test) : test_(test) {}
  /// fit(note) gives the Factors and may say what it chose.
  template <class Fit>
  void add(const char* name, Fit&& fit) {
    const auto start = std::chrono::steady_clock::now();
    Baseline baseline{.name = name};
    baseline.predictions = fit(baseline.note).predict(test_);
    baseline.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    done_.push_back(std::move(baseline));
  }
  std::vector<Baseline> take() { return std::move(done_); }

 private:
  const Pairs& test_;
  std::vector<Baseline> done_;
};
}  // namespace

std::vector<Baseline> rating_baselines(const Ratings& train, const Pairs& test, const BaselineOptions& options) {
  check(train);
  check(test);
  const Random random(options.seed);
  const bool sampled = train.rows() > options.max_rows;
  const Part sampled_rows = sampled ? sample(train, options.max_rows, random) : Part(train);
  const Ratings rows = sampled ? sampled_rows.view() : train;
  const TuningParts parts = split_for_tuning(rows, random);
  const bool tune = rows.rows() >= kTooFewToTune && !parts.validation.labels.empty() && !parts.fit.labels.empty();
  ThreadPool pool(options.threads);

  Baselines baselines(test);
  baselines.add("global_mean", [&](std::string&) { return fit_global_mean(train); });
  baselines.add("item_mean", [&](std::string& note) {
    note = "damping 5";
    return fit_item_mean(train);
  });
  baselines.add("user_item_bias", [&](std::string& note) {
    BiasOptions chosen;
    if (tune) chosen = tune_biases(parts.fit.view(), parts.validation.view()).options;
    note = format("user damping %g, item damping %g", chosen.user_damping, chosen.item_damping);
    if (sampled) note += format("; tuned on %zu of %zu train rows", rows.rows(), train.rows());
    return fit_biases(train, chosen);
  });
  baselines.add("matrix_factorization", [&](std::string& note) {
    MfOptions chosen{.seed = options.seed};
    if (tune) {
      chosen = tune_matrix_factorization(parts.fit.view(), parts.validation.view(), options.seed, pool).options;
    }
    note = format("dim %zu, l2 %g, learning rate %g, %zu epochs", chosen.dim, chosen.l2, chosen.learning_rate,
                  chosen.epochs);
    if (sampled) note += format("; tuned and fitted on %zu of %zu train rows", rows.rows(), train.rows());
    return fit_matrix_factorization(rows, chosen);
  });
  return baselines.take();
}
}  // namespace podium::classics
