#include "podium/nn/optimizer.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>
#include <string_view>
#include <type_traits>

#include "podium/core/error.h"

namespace podium::nn {
namespace {
// The slots of each kind: name and first value.
struct Slot {
  std::string_view name;
  double initial = 0.0;
};
std::vector<Slot> slots_of(const Sgd& rule) {
  return rule.momentum > 0.0 ? std::vector<Slot>{{"momentum"}} : std::vector<Slot>{};
}
std::vector<Slot> slots_of(const Adagrad& rule) { return {{"accumulator", rule.initial_accumulator_value}}; }
std::vector<Slot> slots_of(const Adam&) { return {{"m"}, {"v"}}; }
std::vector<Slot> slots_of(const RmsProp& rule) {
  std::vector<Slot> slots = {{"velocity"}};
  if (rule.momentum > 0.0) slots.push_back({"momentum"});
  if (rule.centered) slots.push_back({"average"});
  return slots;
}
std::vector<Slot> slots_of(const Ftrl& rule) { return {{"accumulator", rule.initial_accumulator_value}, {"linear"}}; }

std::vector<Slot> kinds_of(const Optimizer& optimizer) {
  return std::visit([](const auto& options) { return slots_of(options); }, optimizer);
}

void require(bool holds, const char* kind, const char* what) {
  if (!holds) throw Error(std::string("optimizer ") + kind + ": " + what);
}

void check_update(const UpdateOptions& update, const char* kind) {
  const int clips = (update.clipvalue > 0.0) + (update.clipnorm > 0.0) + (update.global_clipnorm > 0.0);
  require(clips <= 1, kind, "give at most one of clipvalue, clipnorm and global_clipnorm");
  require(update.clipvalue >= 0.0 && update.clipnorm >= 0.0 && update.global_clipnorm >= 0.0, kind,
          "a clip below 0; 0 is off");
  require(update.weight_decay >= 0.0, kind, "weight_decay must be at least 0");
  require(update.schedule.kind == Schedule::Kind::constant || update.schedule.decay_steps > 0, kind,
          "decay_steps must be at least 1");
}

bool is_share(double value) { return value >= 0.0 && value < 1.0; }

double schedule_factor(const Schedule& schedule, std::uint64_t step) {
  if (step < schedule.warmup_steps) {
    return static_cast<double>(step) / static_cast<double>(schedule.warmup_steps);
  }
  const auto after = static_cast<double>(step - schedule.warmup_steps);
  const double part = after / static_cast<double>(std::max<std::size_t>(schedule.decay_steps, 1));
  switch (schedule.kind) {
    case Schedule::Kind::constant:
      return 1.0;
    case Schedule::Kind::cosine: {
      const double cosine = 0.5 * (1.0 + std::cos(std::numbers::pi * std::min(part, 1.0)));
      return (1.0 - schedule.alpha) * cosine + schedule.alpha;
    }
    case Schedule::Kind::step:
      return std::pow(schedule.alpha, std::floor(part));
  }
  return 1.0;
}

// ---- the rules: what a weight, its gradient and its slots become. Loops over numbers, written to be vectorized. ----
struct Numbers {
  float* weights;
  const float* gradient;
  const float* squares;  // null: the gradient's own
  float* const* slots;
  std::size_t count;
  float square(std::size_t i) const { return squares != nullptr ? squares[i] : gradient[i] * gradient[i]; }
};

void rule(const Sgd& options, const StepFactors& factors, const Numbers& n) {
  const float rate = factors.learning_rate, momentum = static_cast<float>(options.momentum);
  if (options.momentum == 0.0) {
    for (std::size_t i = 0; i < n.count; ++i) n.weights[i] -= rate * n.gradient[i];
    return;
  }
  float* velocity = n.slots[0];
  for (std::size_t i = 0; i < n.count; ++i) {
    const float move = -rate * n.gradient[i];
    velocity[i] = momentum * velocity[i] + move;
    n.weights[i] += options.nesterov ? momentum * velocity[i] + move : velocity[i];
  }
}

void rule(const Adagrad& options, const StepFactors& factors, const Numbers& n) {
  const float rate = factors.learning_rate, epsilon = static_cast<float>(options.epsilon);
  const float inside = options.epsilon_outside ? 0.0F : epsilon, outside = options.epsilon_outside ? epsilon : 0.0F;
  float* sums = n.slots[0];
  if (n.squares == nullptr) {
    for (std::size_t i = 0; i < n.count; ++i) {
      sums[i] += n.gradient[i] * n.gradient[i];
      n.weights[i] -= rate * n.gradient[i] / (std::sqrt(sums[i] + inside) + outside);
    }
    return;
  }
  for (std::size_t i = 0; i < n.count; ++i) {
    sums[i] += n.squares[i];
    n.weights[i] -= rate * n.gradient[i] / (std::sqrt(sums[i] + inside) + outside);
  }
}

void rule_by_row(const Adagrad& options, const StepFactors& factors, const Numbers& n) {
  const float epsilon = static_cast<float>(options.epsilon);
  float sum = 0.0F;
  for (std::size_t i = 0; i < n.count; ++i) sum += n.square(i);
  n.slots[0][0] += sum / static_cast<float>(n.count);
  const float root = options.epsilon_outside ? std::sqrt(n.slots[0][0]) + epsilon : std::sqrt(n.slots[0][0] + epsilon);
  const float rate = factors.learning_rate / root;
  for (std::size_t i = 0; i < n.count; ++i) n.weights[i] -= rate * n.gradient[i];
}

void rule(const Adam& options, const StepFactors& factors, const Numbers& n) {
  const float keep_1 = static_cast<float>(1.0 - options.beta_1), keep_2 = static_cast<float>(1.0 - options.beta_2);
  const float epsilon = static_cast<float>(options.epsilon), rate = factors.adam_rate;
  float *first = n.slots[0], *second = n.slots[1];
  for (std::size_t i = 0; i < n.count; ++i) {
    first[i] += (n.gradient[i] - first[i]) * keep_1;
    second[i] += (n.square(i) - second[i]) * keep_2;
    n.weights[i] -= rate * first[i] / (std::sqrt(second[i]) + epsilon);
  }
}

void rule(const RmsProp& options, const StepFactors& factors, const Numbers& n) {
  const float rho = static_cast<float>(options.rho), epsilon = static_cast<float>(options.epsilon);
  const float momentum = static_cast<float>(options.momentum), rate = factors.learning_rate;
  float* squares = n.slots[0];
  float* velocity = options.momentum > 0.0 ? n.slots[1] : nullptr;
  float* mean = options.centered ? n.slots[options.momentum > 0.0 ? 2 : 1] : nullptr;
  for (std::size_t i = 0; i < n.count; ++i) {
    squares[i] = rho * squares[i] + (1.0F - rho) * n.square(i);
    float variance = squares[i];
    if (mean != nullptr) {
      mean[i] = rho * mean[i] + (1.0F - rho) * n.gradient[i];
      variance -= mean[i] * mean[i];
    }
    float move = rate * n.gradient[i] / std::sqrt(variance + epsilon);
    if (velocity != nullptr) move = velocity[i] = momentum * velocity[i] + move;
    n.weights[i] -= move;
  }
}

void rule(const Ftrl& options, const StepFactors& factors, const Numbers& n) {
  const float power = static_cast<float>(-options.learning_rate_power), rate = factors.learning_rate;
  if (rate == 0.0F) return;  // a schedule's zero: the rule divides by the rate, and its limit is to move nothing
  const float l1 = static_cast<float>(options.l1_regularization_strength);
  const float l2 =
      static_cast<float>(options.l2_regularization_strength) + static_cast<float>(options.beta) / (2.0F * rate);
  const float shrinkage = 2.0F * static_cast<float>(options.l2_shrinkage_regularization_strength);
  const auto raised = [power](float x) { return power == 0.5F ? std::sqrt(x) : std::pow(x, power); };
  float *sums = n.slots[0], *linear = n.slots[1];
  for (std::size_t i = 0; i < n.count; ++i) {
    const float before = raised(sums[i]);
    sums[i] += n.square(i);
    const float after = raised(sums[i]);
    linear[i] += n.gradient[i] + shrinkage * n.weights[i] - (after - before) / rate * n.weights[i];
    n.weights[i] = (std::clamp(linear[i], -l1, l1) - linear[i]) / (after / rate + 2.0F * l2);
  }
}
}  // namespace

void check(const Optimizer& optimizer) {
  std::visit(
      [](const auto& options) {
        const char* kind = options.kKind.data();
        require(options.learning_rate > 0.0 && std::isfinite(options.learning_rate), kind,
                "learning_rate must be above 0");
        check_update(options.update, kind);
        using Kind = std::decay_t<decltype(options)>;
        if constexpr (std::is_same_v<Kind, Sgd>) {
          require(is_share(options.momentum), kind, "momentum must be from 0 to below 1");
        } else if constexpr (std::is_same_v<Kind, Adagrad>) {
          require(options.initial_accumulator_value >= 0.0, kind, "initial_accumulator_value must be at least 0");
          require(options.epsilon >= 0.0, kind, "epsilon must be at least 0");
        } else if constexpr (std::is_same_v<Kind, Adam>) {
          require(is_share(options.beta_1) && is_share(options.beta_2), kind,
                  "beta_1 and beta_2 must be from 0 to below 1");
          require(options.epsilon >= 0.0, kind, "epsilon must be at least 0");
        } else if constexpr (std::is_same_v<Kind, RmsProp>) {
          require(is_share(options.rho) && is_share(options.momentum), kind,
                  "rho and momentum must be from 0 to below 1");
          require(options.epsilon >= 0.0, kind, "epsilon must be at least 0");
        } else {
          require(options.learning_rate_power <= 0.0, kind, "learning_rate_power must be at most 0");
          require(options.initial_accumulator_value > 0.0, kind, "initial_accumulator_value must be above 0");
          require(options.l1_regularization_strength >= 0.0 && options.l2_regularization_strength >= 0.0 &&
                      options.l2_shrinkage_regularization_strength >= 0.0 && options.beta >= 0.0,
                  kind, "regularization strengths and beta must be at least 0");
        }
      },
      optimizer);
}

const UpdateOptions& update_options(const Optimizer& optimizer) {
  return std::visit([](const auto& options) -> const UpdateOptions& { return options.update; }, optimizer);
}

bool slots_by_row(const Optimizer& optimizer, const graph::Graph& graph, std::size_t tensor) {
  const auto* adagrad = std::get_if<Adagrad>(&optimizer);
  return adagrad != nullptr && adagrad->row_wise && tensor < graph.tables.size();
}

std::size_t slot_count(const Optimizer& optimizer) { return kinds_of(optimizer).size(); }

std::vector<std::size_t> slot_shape(const Optimizer& optimizer, const graph::Graph& graph, std::size_t tensor,
                                    std::vector<std::size_t> shape) {
  if (slots_by_row(optimizer, graph, tensor)) shape.resize(1);
  return shape;
}

OptimizerState initial_state(const Optimizer& optimizer, const graph::Graph& graph) {
  OptimizerState state;
  const auto kinds = kinds_of(optimizer);
  for (const auto& parameter : graph::parameters(graph)) {
    auto& slots = state.slots.emplace_back();
    const auto shape = slot_shape(optimizer, graph, state.slots.size() - 1, parameter.shape);
    for (const Slot& kind : kinds) {
      slots.push_back({parameter.name + "/" + std::string(kind.name), shape,
                       AlignedFloats(size_of(shape), static_cast<float>(kind.initial))});
    }
  }
  return state;
}

bool moves_absent_rows(const Optimizer& optimizer) {
  if (update_options(optimizer).lazy) return false;
  if (update_options(optimizer).weight_decay > 0.0) return true;
  if (const auto* sgd = std::get_if<Sgd>(&optimizer)) return sgd->momentum > 0.0;
  return !std::holds_alternative<Adagrad>(optimizer);
}

StepFactors step_factors(const Optimizer& optimizer, std::uint64_t step) {
  StepFactors factors;
  const double rate = std::visit([](const auto& options) { return options.learning_rate; }, optimizer) *
                      schedule_factor(update_options(optimizer).schedule, step);
  factors.learning_rate = static_cast<float>(rate);
  if (const auto* adam = std::get_if<Adam>(&optimizer)) {
    const auto count = static_cast<double>(step + 1);
    factors.adam_rate = static_cast<float>(rate * std::sqrt(1.0 - std::pow(adam->beta_2, count)) /
                                           (1.0 - std::pow(adam->beta_1, count)));
  }
  return factors;
}

void apply(const Optimizer& optimizer, const StepFactors& factors, float* weights, const float* gradient,
           const float* squares, float* const* slots, std::size_t count, bool by_row) {
  if (const double decay = update_options(optimizer).weight_decay; decay > 0.0) {
    const float share = static_cast<float>(decay) * factors.learning_rate;
    for (std::size_t i = 0; i < count; ++i) weights[i] -= weights[i] * share;
  }
  const Numbers numbers{weights, gradient, squares, slots, count};
  if (by_row) {
    rule_by_row(std::get<Adagrad>(optimizer), factors, numbers);
  } else {
    std::visit([&](const auto& options) { rule(options, factors, numbers); }, optimizer);
  }
}
}  // namespace podium::nn
