// Steps, weights, activations, losses and schedules against the real Keras: golden/make_golden.py wrote the values.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "podium/nn/activation.h"
#include "podium/nn/loss.h"
#include "podium/nn/training_step.h"
#include "tests/nn/tiny.h"

namespace podium::nn {
namespace {
using nlohmann::json;

json golden(const std::string& name) {
  std::ifstream file(std::string(PODIUM_SOURCE_DIR) + "/tests/nn/golden/" + name + ".json");
  return json::parse(file);
}

// Sets an option from a run's JSON; what no option asked for would be a golden that tests nothing.
struct FromJson {
  const json& object;
  std::size_t& used;
  template <class Value>
  void operator()(const char* name, Value& value, const char*) const {
    if (!object.contains(name)) return;
    ++used;
    if constexpr (std::is_same_v<Value, Duplicates>) {
      value = object.at(name) == "sum_of_squares" ? Duplicates::sum_of_squares : Duplicates::sum;
    } else if constexpr (!std::is_same_v<Value, Schedule::Kind>) {
      object.at(name).get_to(value);
    }
  }
};

template <class Kind>
Optimizer read(const json& object) {
  Kind options;
  std::size_t used = 1;  // "kind"
  Kind::fields(options, FromJson{object, used});
  EXPECT_EQ(used, object.size()) << object;
  return options;
}

Optimizer optimizer_of(const json& object) {
  const std::string kind = object.at("kind");
  if (kind == "sgd") return read<Sgd>(object);
  if (kind == "adagrad") return read<Adagrad>(object);
  if (kind == "adam") return read<Adam>(object);
  if (kind == "rmsprop") return read<RmsProp>(object);
  return read<Ftrl>(object);
}

void expect_near(const AlignedFloats& found, const std::vector<float>& wanted, double tolerance,
                 const std::string& what) {
  ASSERT_EQ(found.size(), wanted.size()) << what;
  for (std::size_t i = 0; i < wanted.size(); ++i)
    EXPECT_NEAR(found[i], wanted[i], tolerance) << what << '[' << i << ']';
}

void expect_run(const json& file, const json& run) {
  GraphBuilder builder;
  const std::size_t dim = file.at("dim");
  auto value = builder.concat({builder.embed("user_id", dim), builder.embed("movie_title", dim)});
  for (const std::size_t units : file.at("hidden")) value = builder.dense(value, units, relu);
  builder.output("label", builder.dense(value, 1));
  graph::Graph graph = builder.graph();
  graph.tables[0].rows = file.at("rows").at("user_id");
  graph.tables[1].rows = file.at("rows").at("movie_title");

  Weights weights = initialize(graph, 1);
  for (Tensor& tensor : weights.tensors) {
    const auto values = file.at("initial").at(tensor.name).get<std::vector<float>>();
    ASSERT_EQ(values.size(), tensor.values.size());
    std::ranges::copy(values, tensor.values.begin());
  }
  const auto labels = file.at("data").at("label").get<std::vector<float>>();
  Batch batch{labels.size(), {Ids{file.at("data").at("user_id"), {}}, Ids{file.at("data").at("movie_title"), {}}}};
  const auto rows = numbers_to(labels.size());
  const Optimizer optimizer = optimizer_of(run.at("optimizer"));
  ThreadPool pool(2);
  TrainingStep step(graph, weights, optimizer, gemm_kernel(""), pool, 1);
  const std::size_t batch_size = file.at("batch_size");
  std::vector<double> losses;
  std::vector<float> predictions(batch_size);
  for (std::size_t epoch = 0; epoch < file.at("epochs"); ++epoch) {
    for (std::size_t first = 0; first < rows.size(); first += batch_size) {
      const std::size_t count = std::min(batch_size, rows.size() - first);
      losses.push_back(step.run({&batch, std::span(rows).subspan(first, count)}, labels, mean_squared_error,
                                std::span(predictions).first(count))
                           .loss);
    }
  }
  const auto wanted = run.at("losses").get<std::vector<double>>();
  ASSERT_EQ(losses.size(), wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) EXPECT_NEAR(losses[i], wanted[i], 1e-5 * wanted[i]) << "step " << i;
  for (const Tensor& tensor : weights.tensors) {
    expect_near(tensor.values, run.at("final").at(tensor.name).get<std::vector<float>>(), 2e-5, tensor.name);
  }
}

TEST(Golden, EveryOptimizerStepsAsKerasDoes) {
  const json file = golden("optimizers");
  ASSERT_GE(file.at("runs").size(), 15U);
  for (const json& run : file.at("runs")) {
    SCOPED_TRACE(run.at("name").get<std::string>());
    expect_run(file, run);
  }
}

TEST(Golden, ClippingAndDecayStepAsKerasDoes) {
  const json file = golden("clipping");
  ASSERT_GE(file.at("runs").size(), 10U);
  for (const json& run : file.at("runs")) {
    SCOPED_TRACE(run.at("name").get<std::string>());
    expect_run(file, run);
  }
}

TEST(Golden, ActivationsAndTheirDerivatives) {
  const std::vector<std::string> names = {"linear", "relu", "sigmoid",    "tanh", "gelu",
                                          "selu",   "elu",  "leaky_relu", "swish"};
  const json file = golden("functions");
  ASSERT_EQ(file.at("activations").size(), names.size());
  for (const json& one : file.at("activations")) {
    const std::string name = one.at("name");
    const auto activation = static_cast<graph::Activation>(std::ranges::find(names, name) - names.begin());
    const auto x = one.at("x").get<std::vector<float>>(), y = one.at("y").get<std::vector<float>>();
    const auto slope = one.at("dy_dx").get<std::vector<float>>();
    auto found = x;
    activate(activation, {found.data(), 1, found.size()});
    std::vector<float> gradient(x.size(), 1.0F);
    activation_gradient(activation, {found.data(), 1, x.size()}, {x.data(), 1, x.size()},
                        {gradient.data(), 1, x.size()});
    for (std::size_t i = 0; i < x.size(); ++i) {
      EXPECT_NEAR(found[i], y[i], 2e-6 * std::max(1.0F, std::abs(y[i]))) << name << " of " << x[i];
      EXPECT_NEAR(gradient[i], slope[i], 2e-6) << name << " at " << x[i];
    }
  }
}

TEST(Golden, LossesAndTheirGradients) {
  std::size_t compared = 0;
  const json file = golden("functions");
  for (const json& one : file.at("losses")) {
    const json& options = one.at("options");
    if (options.value("delta", 1.0) != 1.0 || !options.value("from_logits", true)) continue;  // not ours
    ++compared;
    const auto predictions = one.at("predictions").get<std::vector<float>>();
    const auto labels = one.at("labels").get<std::vector<float>>(),
               wanted = one.at("gradient").get<std::vector<float>>();
    std::vector<float> losses(labels.size()), gradients(labels.size());
    loss_named(one.at("name").get<std::string>()).function(predictions, labels, losses, gradients);
    double sum = 0.0;
    const auto count = static_cast<double>(labels.size());
    for (std::size_t i = 0; i < labels.size(); ++i) {
      sum += losses[i];
      EXPECT_NEAR(gradients[i] / count, wanted[i], 1e-6) << one.at("name");
    }
    EXPECT_NEAR(sum / count, one.at("loss").get<double>(), 1e-5 * sum / count) << one.at("name");
  }
  EXPECT_EQ(compared, 4U);
}

TEST(Golden, SchedulesFollowKeras) {
  std::size_t compared = 0;
  const json file = golden("functions");
  for (const json& one : file.at("schedules")) {
    const json& options = one.at("options");
    const bool cosine = one.at("name") == "cosine";
    const bool step = one.at("name") == "exponential" && options.at("staircase").get<bool>();
    const bool warms = options.contains("warmup_target");
    if (!(cosine || step) || (warms && options.at("initial_learning_rate") != 0.0)) continue;  // not ours
    ++compared;
    Sgd sgd{.learning_rate = options.at(warms ? "warmup_target" : "initial_learning_rate")};
    sgd.update.schedule.kind = cosine ? Schedule::Kind::cosine : Schedule::Kind::step;
    sgd.update.schedule.decay_steps = options.at("decay_steps");
    sgd.update.schedule.warmup_steps = options.value("warmup_steps", std::size_t{0});
    sgd.update.schedule.alpha = cosine ? options.value("alpha", 0.0) : options.at("decay_rate").get<double>();
    const auto steps = one.at("steps").get<std::vector<std::uint64_t>>();
    for (std::size_t i = 0; i < steps.size(); ++i) {
      EXPECT_NEAR(step_factors(sgd, steps[i]).learning_rate, one.at("values")[i].get<double>(), 1e-7)
          << options << steps[i];
    }
  }
  EXPECT_GE(compared, 4U);
}
}  // namespace
}  // namespace podium::nn
