// Keras' layers and operations that add and multiply, and what the configuration says of training.
#include "podium/interop/arithmetic.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "podium/core/error.h"
#include "podium/interop/keras/layers.h"

namespace podium::interop {
namespace {
[[noreturn]] void fail(const std::string& layer, const std::string& why) {
  throw Error("the layer \"" + layer + "\" " + why);
}

std::string where_of(const std::string& layer) { return "the layer \"" + layer + "\""; }

/// The one number of an option or a weight.
float number_of(const Array& array, const std::string& layer) {
  if (array.values.size() != 1) fail(layer, kNormalizes);
  return array.values[0];
}

/// An option that is a number, alone or in lists.
float number_of(const Json& json, const std::string& layer) {
  const Json* value = &json;
  while (value->is_array() && value->size() == 1) value = &value->at(0);
  if (!value->is_number()) fail(layer, kNormalizes);
  return value->get<float>();
}
}  // namespace

const std::map<std::string, KerasModel::Join, std::less<>>& KerasModel::joins() {
  static const std::map<std::string, Join, std::less<>> kJoins = {{"Add", &KerasModel::add},
                                                                  {"ops.Add", &KerasModel::add},
                                                                  {"tf.math.add", &KerasModel::add},
                                                                  {"tf.__operators__.add", &KerasModel::add},
                                                                  {"Subtract", &KerasModel::subtract},
                                                                  {"ops.Subtract", &KerasModel::subtract},
                                                                  {"tf.math.subtract", &KerasModel::subtract},
                                                                  {"Multiply", &KerasModel::multiply},
                                                                  {"ops.Multiply", &KerasModel::multiply},
                                                                  {"tf.math.multiply", &KerasModel::multiply},
                                                                  {"ops.Divide", &KerasModel::divide},
                                                                  {"ops.TrueDivide", &KerasModel::divide},
                                                                  {"tf.math.truediv", &KerasModel::divide},
                                                                  {"Average", &KerasModel::average}};
  return kJoins;
}

Term KerasModel::add(const Layer& layer, const std::vector<Operand>& operands) {
  std::vector<Term> terms;
  for (const Operand& operand : operands) {
    if (const auto* term = std::get_if<Term>(&operand)) terms.push_back(as_numbers(layer, *term));
  }
  Term sum = sum_of(importer_, terms, where_of(layer.name));
  for (const Operand& operand : operands) {
    if (const auto* constant = std::get_if<Array>(&operand))
      sum = plus(importer_, sum, *constant, where_of(layer.name));
  }
  return sum;
}

Term KerasModel::subtract(const Layer& layer, const std::vector<Operand>& operands) {
  const std::string where = where_of(layer.name);
  if (operands.size() != 2) fail(layer.name, "subtracts another number of values than two");
  if (const auto* constant = std::get_if<Array>(&operands[0])) {
    const Term taken = as_numbers(layer, std::get<Term>(operands[1]));
    return plus(importer_, times(importer_, taken, -1.0F, 0, where), *constant, where);
  }
  const Term term = as_numbers(layer, std::get<Term>(operands[0]));
  if (const auto* constant = std::get_if<Array>(&operands[1])) {
    Array negative = *constant;
    for (float& number : negative.values) number = -number;
    return plus(importer_, term, std::move(negative), where);
  }
  return difference_of(importer_, term, as_numbers(layer, std::get<Term>(operands[1])), where);
}

Term KerasModel::multiply(const Layer& layer, const std::vector<Operand>& operands) {
  const std::string where = where_of(layer.name);
  std::vector<Term> factors;
  for (const Operand& operand : operands) {
    if (const auto* term = std::get_if<Term>(&operand)) factors.push_back(as_numbers(layer, *term));
  }
  Term product = factors.size() == 1 ? factors[0] : product_of_columns(importer_, factors, where);
  for (const Operand& operand : operands) {
    if (const auto* constant = std::get_if<Array>(&operand)) {
      product = times(importer_, product, number_of(*constant, layer.name), constant->shape.size(), where);
    }
  }
  return product;
}

Term KerasModel::divide(const Layer& layer, const std::vector<Operand>& operands) {
  const bool is_by_constant =
      operands.size() == 2 && std::holds_alternative<Term>(operands[0]) && std::holds_alternative<Array>(operands[1]);
  if (!is_by_constant) fail(layer.name, "divides by a computed value; Podium divides by constants alone");
  const auto& constant = std::get<Array>(operands[1]);
  const float divisor = number_of(constant, layer.name);
  if (divisor == 0.0F) fail(layer.name, "divides by 0");
  return times(importer_, as_numbers(layer, std::get<Term>(operands[0])), 1.0F / divisor, constant.shape.size(),
               where_of(layer.name));
}

Term KerasModel::average(const Layer& layer, const std::vector<Operand>& operands) {
  const Term sum = add(layer, operands);
  return times(importer_, sum, 1.0F / static_cast<float>(operands.size()), 0, where_of(layer.name));
}

// ---- a factor and a constant of one column ----
Term KerasModel::rescaling(Model&, const Layer& layer, const std::vector<Term>& inputs) {
  const float scale = number_of(layer.config().at("scale"), layer.name);
  const float offset = number_of(layer.config().at("offset"), layer.name);
  const Term scaled = times(importer_, as_numbers(layer, inputs[0]), scale, 0, where_of(layer.name));
  return offset == 0.0F ? scaled : plus(importer_, scaled, {"", {}, {offset}}, where_of(layer.name));
}

/// (x - mean) / max(sqrt(variance), epsilon).
Term KerasModel::normalization(Model&, const Layer& layer, const std::vector<Term>& inputs) {
  constexpr float kEpsilon = 1e-7F;
  const Json& config = layer.config();
  if (config.value("invert", false)) fail(layer.name, "inverts a normalization, for which Podium has nothing");
  const bool is_given = config.contains("mean") && !config.at("mean").is_null();
  const auto part = [&](const char* name, const char* place) {
    return is_given ? number_of(config.at(name), layer.name)
                    : number_of(weights_.floats(layer.path + place), layer.name);
  };
  const float mean = part("mean", "/vars/0"), variance = part("variance", "/vars/1");
  const Term centred = plus(importer_, as_numbers(layer, inputs[0]), {"", {}, {-mean}}, where_of(layer.name));
  return times(importer_, centred, 1.0F / std::max(std::sqrt(variance), kEpsilon), 0, where_of(layer.name));
}

/// gamma (x - mean) / sqrt(variance + epsilon) + beta, by the averages that training kept.
Term KerasModel::batch_normalization(Model&, const Layer& layer, const std::vector<Term>& inputs) {
  const Json& config = layer.config();
  const Term input = as_numbers(layer, inputs[0]);
  if (importer_.width(std::get<graph::ValueId>(input.what)) != 1) fail(layer.name, kNormalizes);
  std::size_t next = 0;
  const auto weight = [&] {
    return number_of(weights_.floats(layer.path + "/vars/" + std::to_string(next++)), layer.name);
  };
  const float gamma = config.value("scale", true) ? weight() : 1.0F;
  const float beta = config.value("center", true) ? weight() : 0.0F;
  const float mean = weight(), variance = weight();
  importer_.gives_up(GivenUp::normalization,
                     where_of(layer.name) + ": normalizes by the statistics of each batch in training");
  const float scale = gamma / std::sqrt(variance + config.at("epsilon").get<float>());
  return {importer_.scale(std::get<graph::ValueId>(input.what), scale, beta - mean * scale, graph::Activation::linear,
                          where_of(layer.name)),
          input.axes};
}

/// What of a layer's training Podium's graph does not say.
void KerasModel::note_training(const Layer& layer) {
  if (layer.json == nullptr) return;
  const std::string where = where_of(layer.name);
  if (layer.kind == "ops.StopGradient") importer_.gives_up(GivenUp::gradients, where + ": stops gradients");
  if (layer.kind == "ActivityRegularization") importer_.gives_up(GivenUp::regularizers, where + ": adds to the loss");
  note_losses(layer.config(), where, /*keeps_l2=*/layer.kind == "Dense" && layer.calls.size() == 1, importer_);
}
}  // namespace podium::interop
