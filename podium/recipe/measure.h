#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "podium/model/model.h"
#include "podium/recipe/prepare.h"
#include "podium/recipe/run.h"
#include "podium/train/evaluation.h"

namespace podium::recipe {
/// Adds the time of its own life to a number of seconds.
class Timed {
 public:
  explicit Timed(double& seconds) : seconds_(seconds) {}
  ~Timed() { seconds_ += std::chrono::duration<double>(Clock::now() - begin_).count(); }
  Timed(const Timed&) = delete;
  Timed& operator=(const Timed&) = delete;

 private:
  using Clock = std::chrono::steady_clock;
  double& seconds_;
  Clock::time_point begin_ = Clock::now();
};

/// The rows that are not test rows, train rows first: what baselines may learn from, as the model does.
struct TrainedOn {
  std::vector<std::uint32_t> users, items;
  std::vector<float> labels;
};
TrainedOn trained_on(const EncodedRows& train, const EncodedRows& validation);

/// What a model is measured on.
struct Measured {
  const IdFeature &user, &item;
  TrainedOn rows;
  const EncodedRows& test;
  bool baselines = true;    // beside it, fitted on `rows`
  std::size_t threads = 0;  // 0: all cores; never changes the result
};
/// Measures a model on the test rows; training and `podium evaluate` both do it here.
Evaluation measure(const Recipe& recipe, const Model& model, const Measured& on, RunSeconds& seconds, Watcher& watcher);
}  // namespace podium::recipe
