#pragma once
#include <cassert>
#include <functional>
#include <memory>

#include "podium/core/error.h"
#include "podium/metrics/accumulator.h"

namespace podium::metrics {
/// Keeps all rows and hands them to a function at the end.
class Collector final : public Accumulator {
 public:
  using Function = std::function<double(std::span<const float> predictions, std::span<const float> labels)>;
  explicit Collector(Function function) : function_(std::move(function)) {}

  void add(std::span<const float> predictions, std::span<const float> labels) override {
    assert(predictions.size() == labels.size());
    predictions_.insert(predictions_.end(), predictions.begin(), predictions.end());
    labels_.insert(labels_.end(), labels.begin(), labels.end());
  }
  double result() const override { return function_(predictions_, labels_); }
  std::vector<double> state() const override {
    std::vector<double> state(predictions_.begin(), predictions_.end());
    state.insert(state.end(), labels_.begin(), labels_.end());
    return state;
  }
  void restore(std::span<const double> state) override {
    if (state.size() % 2 != 0) throw Error("metric state: labels and predictions differ in number");
    const auto to_float = [](double value) { return static_cast<float>(value); };
    predictions_.clear();
    labels_.clear();
    for (const double value : state.first(state.size() / 2)) predictions_.push_back(to_float(value));
    for (const double value : state.last(state.size() / 2)) labels_.push_back(to_float(value));
  }

 private:
  Function function_;
  std::vector<float> predictions_, labels_;
};
}  // namespace podium::metrics
