#pragma once
#include <cassert>
#include <limits>
#include <memory>

#include "podium/core/error.h"
#include "podium/metrics/accumulator.h"

namespace podium::metrics {
/// finish(mean of term(prediction, label) over all rows), summed in double in the order of the rows.
template <class Term, class Finish>
class MeanOf final : public Accumulator {
 public:
  MeanOf(Term term, Finish finish) : term_(term), finish_(finish) {}

  void add(std::span<const float> predictions, std::span<const float> labels) override {
    assert(predictions.size() == labels.size());
    for (std::size_t row = 0; row < predictions.size(); ++row) {
      sum_ += term_(static_cast<double>(predictions[row]), static_cast<double>(labels[row]));
    }
    rows_ += static_cast<double>(predictions.size());
  }
  double result() const override {
    return rows_ == 0.0 ? std::numeric_limits<double>::quiet_NaN() : finish_(sum_ / rows_);
  }
  std::vector<double> state() const override { return {sum_, rows_}; }
  void restore(std::span<const double> state) override {
    if (state.size() != 2) throw Error("metric state: a mean has 2 numbers; this checkpoint is of another metric");
    sum_ = state[0];
    rows_ = state[1];
  }

 private:
  Term term_;
  Finish finish_;
  double sum_ = 0.0, rows_ = 0.0;
};

template <class Term, class Finish>
std::unique_ptr<Accumulator> mean_of(Term term, Finish finish) {
  return std::make_unique<MeanOf<Term, Finish>>(term, finish);
}
template <class Term>
std::unique_ptr<Accumulator> mean_of(Term term) {
  return mean_of(term, [](double mean) { return mean; });
}
}  // namespace podium::metrics
