#include "podium/nn/weights.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "podium/core/error.h"
#include "podium/core/random.h"

namespace podium::nn {
namespace {
// Standard deviation of a normal cut at two standard deviations; Keras divides by it to keep the variance asked for.
constexpr double kTruncatedDeviation = 0.87962566103423978;

std::uint64_t hash_of(std::string_view name) {  // FNV-1a
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char letter : name) hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001b3U;
  return hash;
}

// Fills a tensor by its initializer; number i is drawn at place (0, i) of the tensor's own generator.
class Fill {
 public:
  Fill(Tensor& tensor, const Random& random) : tensor_(tensor), random_(random) {
    const auto& shape = tensor.shape;
    fan_in_ = shape.empty() ? 1.0 : static_cast<double>(shape.front());
    fan_out_ = shape.empty() ? 1.0 : static_cast<double>(shape.back());
  }

  void operator()(const graph::Zeros&) const { std::ranges::fill(tensor_.values, 0.0F); }
  void operator()(const graph::Constant& rule) const { std::ranges::fill(tensor_.values, rule.value); }
  void operator()(const graph::RandomUniform& rule) const { uniform(rule.minval, rule.maxval); }
  void operator()(const graph::RandomNormal& rule) const {
    for (std::size_t i = 0; i < tensor_.values.size(); ++i) {
      tensor_.values[i] = static_cast<float>(rule.mean + rule.stddev * random_.normal(0, i));
    }
  }
  void operator()(const graph::TruncatedNormal& rule) const { truncated(rule.mean, rule.stddev); }
  void operator()(const graph::GlorotUniform&) const { uniform_by_variance(2.0 / (fan_in_ + fan_out_)); }
  void operator()(const graph::HeUniform&) const { uniform_by_variance(2.0 / fan_in_); }
  void operator()(const graph::LecunUniform&) const { uniform_by_variance(1.0 / fan_in_); }
  void operator()(const graph::GlorotNormal&) const { normal_by_variance(2.0 / (fan_in_ + fan_out_)); }
  void operator()(const graph::HeNormal&) const { normal_by_variance(2.0 / fan_in_); }
  void operator()(const graph::LecunNormal&) const { normal_by_variance(1.0 / fan_in_); }

 private:
  void uniform(double low, double high) const {
    for (std::size_t i = 0; i < tensor_.values.size(); i += 4) {
      const auto words = random_.block(0, i / 4);
      for (std::size_t j = 0; j < 4 && i + j < tensor_.values.size(); ++j) {
        tensor_.values[i + j] = static_cast<float>(low + (high - low) * (words[j] * 0x1p-32));
      }
    }
  }
  void truncated(double mean, double stddev) const {
    for (std::size_t i = 0; i < tensor_.values.size(); ++i) {
      double drawn = 0.0;
      std::uint64_t attempt = 0;
      do drawn = random_.normal(attempt++, i);
      while (std::abs(drawn) > 2.0);
      tensor_.values[i] = static_cast<float>(mean + stddev * drawn);
    }
  }
  void uniform_by_variance(double variance) const {
    const double limit = std::sqrt(3.0 * variance);
    uniform(-limit, limit);
  }
  void normal_by_variance(double variance) const { truncated(0.0, std::sqrt(variance) / kTruncatedDeviation); }

  Tensor& tensor_;
  Random random_;
  double fan_in_ = 1.0, fan_out_ = 1.0;
};
}  // namespace

std::string text_of(const std::vector<std::size_t>& shape) {
  std::string text = "[";
  for (const std::size_t extent : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(extent);
  return text + "]";
}

std::size_t size_of(const std::vector<std::size_t>& shape) {
  return std::accumulate(shape.begin(), shape.end(), std::size_t{1}, std::multiplies<>());
}

const Tensor& Weights::tensor(std::string_view name) const {
  const auto found = std::ranges::find(tensors, name, &Tensor::name);
  if (found == tensors.end()) throw Error("weights: no tensor \"" + std::string(name) + "\"");
  return *found;
}

Tensor& Weights::tensor(std::string_view name) {
  return const_cast<Tensor&>(static_cast<const Weights&>(*this).tensor(name));
}

Weights initialize(const graph::Graph& graph, std::uint64_t seed) {
  Weights weights;
  for (auto& parameter : graph::parameters(graph)) {
    Tensor tensor{parameter.name, parameter.shape, AlignedFloats(size_of(parameter.shape))};
    std::visit(Fill(tensor, Random(seed).fork(hash_of(parameter.name))), parameter.initializer);
    weights.tensors.push_back(std::move(tensor));
  }
  return weights;
}

void check_weights(const graph::Graph& graph, const Weights& weights) {
  const auto wanted = graph::parameters(graph);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (i >= weights.tensors.size() || weights.tensors[i].name != wanted[i].name) {
      throw Error("weights: tensor " + std::to_string(i) + " must be \"" + wanted[i].name + "\"" +
                  (i < weights.tensors.size() ? ", not \"" + weights.tensors[i].name + "\"" : ", but it is missing"));
    }
    const Tensor& tensor = weights.tensors[i];
    if (tensor.shape != wanted[i].shape || tensor.values.size() != size_of(wanted[i].shape)) {
      throw Error("weights: \"" + tensor.name + "\" has shape " + text_of(tensor.shape) + ", the graph needs " +
                  text_of(wanted[i].shape));
    }
  }
  if (weights.tensors.size() > wanted.size()) {
    throw Error("weights: the graph has no place for \"" + weights.tensors[wanted.size()].name + "\"");
  }
}
}  // namespace podium::nn
