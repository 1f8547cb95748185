#pragma once
#include <array>
#include <cstddef>
#include <string_view>
#include <utility>
#include <variant>

namespace podium {
/// How the gradients of an id that a batch holds several times enter an optimizer's second moment.
enum class Duplicates {
  sum,            // (sum of g)^2: tf-keras, and Keras 3 on JAX and Torch
  sum_of_squares  // sum of g^2: Keras 3 on TensorFlow
};

/// The learning rate of step s (from 0), as a factor of `learning_rate`.
struct Schedule {
  enum class Kind { constant, cosine, step };
  Kind kind = Kind::constant;
  std::size_t warmup_steps = 0;    // rises linearly, s / warmup_steps (Keras' rule), before the kind takes over
  std::size_t decay_steps = 1000;  // cosine: from 1 to alpha over these steps; step: times alpha after every such many
  double alpha = 0.0;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("schedule", self.kind, "constant, cosine or step");
    visit("warmup_steps", self.warmup_steps, "steps over which the learning rate rises from 0");
    visit("decay_steps", self.decay_steps, "steps of the cosine, or between two falls");
    visit("alpha", self.alpha, "the cosine's last factor, or the factor of each fall");
  }
};

/// What every optimizer does around its rule, in Keras' order: clip, sum duplicates, decay weights, apply.
struct UpdateOptions {
  double clipvalue = 0.0;        // each number into [-clipvalue, clipvalue]; 0: off
  double clipnorm = 0.0;         // each tensor's gradient to this norm at most; 0: off
  double global_clipnorm = 0.0;  // all gradients together to this norm at most; 0: off
  double weight_decay = 0.0;     // w -= w * weight_decay * learning_rate before the rule (AdamW's decay)
  Duplicates duplicates = Duplicates::sum;
  bool lazy = false;  // leave rows that the batch lacks untouched, whatever the rule says
  Schedule schedule = {};

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("clipvalue", self.clipvalue, "clip each gradient value; 0 is off");
    visit("clipnorm", self.clipnorm, "clip each tensor's gradient norm; 0 is off");
    visit("global_clipnorm", self.global_clipnorm, "clip the norm of all gradients together; 0 is off");
    visit("weight_decay", self.weight_decay, "decoupled weight decay");
    visit("duplicates", self.duplicates, "sum or sum_of_squares: an id's several gradients in the second moment");
    visit("lazy", self.lazy, "leave rows that are not in the batch untouched");
    Schedule::fields(self.schedule, visit);
  }
};

/// m = momentum m - lr g; w += m, or with Nesterov w += momentum m - lr g. Without momentum w -= lr g.
struct Sgd {
  double learning_rate = 0.01, momentum = 0.0;
  bool nesterov = false;
  UpdateOptions update = {};
  static constexpr std::string_view kKind = "sgd";

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("learning_rate", self.learning_rate, "step size");
    visit("momentum", self.momentum, "share of the last step that goes on, from 0 to below 1");
    visit("nesterov", self.nesterov, "look ahead by the momentum");
    UpdateOptions::fields(self.update, visit);
  }
};

/// a += g^2; w -= lr g / sqrt(a + epsilon), or lr g / (sqrt(a) + epsilon) with epsilon_outside (the legacy Adagrad).
/// row_wise keeps one accumulator a row of a table: a += mean of g^2 over the row. Dense layers keep theirs by number.
struct Adagrad {
  double learning_rate = 0.001, initial_accumulator_value = 0.1, epsilon = 1e-7;
  bool epsilon_outside = false, row_wise = false;
  UpdateOptions update = {};
  static constexpr std::string_view kKind = "adagrad";

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("learning_rate", self.learning_rate, "step size");
    visit("initial_accumulator_value", self.initial_accumulator_value, "where the sums of squares begin");
    visit("epsilon", self.epsilon, "keeps the division finite");
    visit("epsilon_outside", self.epsilon_outside, "epsilon after the root: the legacy Adagrad");
    visit("row_wise", self.row_wise, "one sum of squares a table row instead of one a number");
    UpdateOptions::fields(self.update, visit);
  }
};

/// m += (g - m)(1 - beta_1); v += (g^2 - v)(1 - beta_2); w -= lr sqrt(1 - beta_2^t) / (1 - beta_1^t) m / (sqrt(v) +
/// epsilon). With update.weight_decay it is AdamW. Every row decays and moves at every step, as in Keras, unless
/// update.lazy.
struct Adam {
  double learning_rate = 0.001, beta_1 = 0.9, beta_2 = 0.999, epsilon = 1e-7;
  UpdateOptions update = {};
  static constexpr std::string_view kKind = "adam";

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("learning_rate", self.learning_rate, "step size");
    visit("beta_1", self.beta_1, "decay of the first moment");
    visit("beta_2", self.beta_2, "decay of the second moment");
    visit("epsilon", self.epsilon, "keeps the division finite");
    UpdateOptions::fields(self.update, visit);
  }
};

/// v = rho v + (1 - rho) g^2; step = lr g / sqrt(v - mean^2 if centered + epsilon); with momentum m = momentum m + step
/// and w -= m, else w -= step.
struct RmsProp {
  double learning_rate = 0.001, rho = 0.9, momentum = 0.0, epsilon = 1e-7;
  bool centered = false;
  UpdateOptions update = {};
  static constexpr std::string_view kKind = "rmsprop";

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("learning_rate", self.learning_rate, "step size");
    visit("rho", self.rho, "decay of the mean square");
    visit("momentum", self.momentum, "share of the last step that goes on");
    visit("epsilon", self.epsilon, "keeps the division finite");
    visit("centered", self.centered, "subtract the square of the mean gradient");
    UpdateOptions::fields(self.update, visit);
  }
};

/// Keras' FTRL-proximal; p = learning_rate_power.
/// a' = a + g^2; z += g + 2 l2_shrinkage w - (a'^-p - a^-p) / lr w; a = a';
/// q = a^-p / lr + 2 (l2 + beta / (2 lr)); w = (clip(z, -l1, l1) - z) / q
struct Ftrl {
  double learning_rate = 0.001, learning_rate_power = -0.5, initial_accumulator_value = 0.1;
  double l1_regularization_strength = 0.0, l2_regularization_strength = 0.0;
  double l2_shrinkage_regularization_strength = 0.0, beta = 0.0;
  UpdateOptions update = {};
  static constexpr std::string_view kKind = "ftrl";

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("learning_rate", self.learning_rate, "step size");
    visit("learning_rate_power", self.learning_rate_power, "how fast the step shrinks; at most 0");
    visit("initial_accumulator_value", self.initial_accumulator_value, "where the sums of squares begin");
    visit("l1_regularization_strength", self.l1_regularization_strength, "pulls weights to exactly 0");
    visit("l2_regularization_strength", self.l2_regularization_strength, "pulls weights towards 0");
    visit("l2_shrinkage_regularization_strength", self.l2_shrinkage_regularization_strength,
          "the same through the gradient");
    visit("beta", self.beta, "the paper's beta");
    UpdateOptions::fields(self.update, visit);
  }
};

using Optimizer = std::variant<Sgd, Adagrad, Adam, RmsProp, Ftrl>;
}  // namespace podium
