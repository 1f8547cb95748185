// The rules of GraphMapper for layers: products, sums and activations.
#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <utility>

#include "podium/core/error.h"
#include "podium/interop/arithmetic.h"
#include "podium/interop/savedmodel/graph_mapper.h"
#include "podium/model/graph_json.h"

namespace podium::interop {
namespace {
using graph::Activation;
constexpr std::size_t kDeepestProduct = 16;
constexpr float kSlope = 0.2F;  // of Podium's leaky relu, TensorFlow's default

/// Equal but for the rounding of a constant.
bool is_near(float left, float right) { return std::fabs(left - right) <= 2e-7F * std::fabs(right); }

bool is_matrix_product(const tf::NodeDef& node) {
  return node.op() == "MatMul" || node.op().starts_with("BatchMatMul");
}
bool is_addition(const tf::NodeDef& node) {
  return node.op() == "BiasAdd" || node.op() == "AddV2" || node.op() == "Add";
}

}  // namespace

std::optional<GraphMapper::DenseParts> GraphMapper::dense_parts(const GraphValue& value) const {
  GraphValue multiplied = value;
  DenseParts parts;
  if (is_addition(*value.node)) {
    const GraphValue left = input(value, 0), right = input(value, 1);
    const bool is_right = is_matrix_product(*right.node) && state_.is_known(left);
    multiplied = is_right ? right : left;
    parts.bias = is_right ? left : right;
    if (!state_.is_known(*parts.bias)) return std::nullopt;
  }
  if (!is_matrix_product(*multiplied.node)) return std::nullopt;
  parts.input = input(multiplied, 0);
  parts.kernel = input(multiplied, 1);
  const bool is_plain = multiplied.node->op() == "MatMul";
  if (!state_.is_known(parts.kernel) || flag(*multiplied.node, is_plain ? "transpose_a" : "adj_x")) return std::nullopt;
  parts.is_transposed = flag(*multiplied.node, is_plain ? "transpose_b" : "adj_y");
  return parts;
}

Term GraphMapper::activated(const GraphValue& value, Activation activation, const tf::NodeDef& node) {
  const std::string where = "the operation " + text_of(node);
  const auto parts = dense_parts(value);
  if (!parts) {
    const Term term = numbers(value);
    const auto made = importer_.scale(std::get<graph::ValueId>(term.what), 1.0F, 0.0F, activation,
                                      where + " (" + std::string(model::name_of(activation)) + ")");
    return {made, term.axes};
  }
  Term term = numbers(parts->input);
  const auto in = std::get<graph::ValueId>(term.what);
  if (term.axes.empty() || term.axes.back() != importer_.width(in)) {
    refuse(value, "multiplies a value in several axes; put a Flatten before the dense layer");
  }
  Array kernel = weights_of(parts->kernel);
  if (parts->is_transposed && kernel.shape.size() == 2) kernel = transposed(kernel);
  std::optional<Array> bias;
  if (parts->bias) {
    bias = weights_of(*parts->bias);
    if (bias->shape.size() > term.axes.size() + 1) refuse(value, "adds a constant of more axes than its value has");
    bias = without_leading_ones(std::move(*bias));
    if (bias->values.size() == 1 && kernel.shape.size() == 2 && kernel.shape[1] != 1) {  // one number for all units
      importer_.gives_up(GivenUp::sharing, where + ": adds one number to all columns, and each has its own here");
      bias = Array{"", {kernel.shape[1]}, std::vector<float>(kernel.shape[1], bias->values[0]), bias->source};
    }
    if (bias->shape.empty()) bias->shape = {1};
  }
  const auto made = importer_.dense(in, std::move(kernel), std::move(bias), activation, where);
  term.axes.back() = importer_.width(made);
  return {made, term.axes};
}

Term GraphMapper::matrix_product(const GraphValue& value) {
  if (dense_parts(value)) return activated(value, Activation::linear, *value.node);
  for (const std::size_t side : {0U, 1U}) {  // map() names what stands there, where Podium can't read it
    const GraphValue part = input(value, side);
    if (!state_.is_known(part)) refuse_other_precision(part);
  }
  refuse(value, "multiplies two computed matrices, as a retrieval task does; Podium imports scores of single rows");
}

/// Keras' Dot: [rows, 1, width] times [rows, width, 1]. And a dense layer on [rows, 1, width].
Term GraphMapper::batch_product(const GraphValue& value) {
  if (dense_parts(value)) return activated(value, Activation::linear, *value.node);
  const Term left = numbers(input(value, 0)), right = numbers(input(value, 1));
  auto a = left.axes, b = right.axes;
  if (a.size() != 2 || b.size() != 2) refuse(value, "multiplies values of more axes than two vectors have");
  if (flag(*value.node, "adj_x")) std::swap(a[0], a[1]);
  if (flag(*value.node, "adj_y")) std::swap(b[0], b[1]);
  if (a[0] != 1 || b[1] != 1) refuse(value, "multiplies matrices; Podium has the dot product of two vectors");
  const auto made = importer_.dot(std::get<graph::ValueId>(left.what), std::get<graph::ValueId>(right.what),
                                  "the operation " + text_of(*value.node));
  return {made, {1, 1}};
}

Term GraphMapper::sum_of_products(const GraphValue& value) {
  const auto parts = product(input(value, 0));
  if (!parts || parts->factors.size() != 2 || parts->scale != 1.0F) {
    refuse(value, "sums what is no product of two vectors; Podium has their dot product");
  }
  const Term left = numbers(parts->factors[0]), right = numbers(parts->factors[1]);
  if (left.axes != right.axes || left.axes.empty()) refuse(value, "multiplies values of different axes");
  const auto a = std::get<graph::ValueId>(left.what), b = std::get<graph::ValueId>(right.what);
  const bool is_last = axis(input(value, 1), left.axes.size() + 1) == left.axes.size();
  if (!is_last || left.axes.back() != importer_.width(a)) refuse(value, "sums along another axis than the vectors'");
  auto axes = left.axes;
  axes.pop_back();
  if (flag(*value.node, "keep_dims")) axes.push_back(1);
  return {importer_.dot(a, b, "the operation " + text_of(*value.node)), axes};
}

Term GraphMapper::add(const GraphValue& value) {
  const auto* format = attribute(*value.node, "data_format");
  if (value.node->op() == "BiasAdd" && format != nullptr && format->s() == "NCHW") {
    refuse(value, "adds along the first axis behind the rows (NCHW); Podium adds along the last");
  }
  if (dense_parts(value)) return activated(value, Activation::linear, *value.node);
  const std::string where = "the operation " + text_of(*value.node);
  std::vector<Term> terms;
  std::vector<Array> constants;
  for (std::size_t i = 0; i < GraphView::inputs(*value.node); ++i) {
    const GraphValue part = input(value, i);
    if (auto known = known_numbers_.floats(part)) {
      constants.push_back(std::move(*known));
    } else {
      terms.push_back(numbers(part));
    }
  }
  if (terms.empty()) refuse(value, "adds constants alone");
  Term sum = sum_of(importer_, terms, where);
  for (Array& constant : constants) sum = plus(importer_, sum, std::move(constant), where);
  return sum;
}

Term GraphMapper::subtract(const GraphValue& value) {
  const std::string where = "the operation " + text_of(*value.node);
  auto left = known_numbers_.floats(input(value, 0)), right = known_numbers_.floats(input(value, 1));
  if (left && right) refuse(value, "subtracts constants alone");
  if (right) {
    for (float& number : right->values) number = -number;
    return plus(importer_, numbers(input(value, 0)), std::move(*right), where);
  }
  const Term taken = numbers(input(value, 1));
  if (left) return plus(importer_, times(importer_, taken, -1.0F, 0, where), std::move(*left), where);
  return difference_of(importer_, numbers(input(value, 0)), taken, where);
}

// ---- activations ----
/// Null if there is nothing but constants.
std::optional<GraphMapper::Product> GraphMapper::product(const GraphValue& value, std::size_t depth) const {
  const std::string& op = value.node->op();
  Product result;
  if (const auto number = known_numbers_.floats(value); number && number->values.size() == 1) {
    result.scale = number->values[0];
    result.rank = number->shape.size();
    return result;
  }
  const bool is_open = depth < kDeepestProduct && (op == "Mul" || op == "Neg" || op == "RealDiv");
  if (!is_open) {
    result.factors.push_back(value);
    return result;
  }
  result = *product(input(value, 0), depth + 1);
  if (op == "Neg") {
    result.scale = -result.scale;
    return result;
  }
  const Product right = *product(input(value, 1), depth + 1);
  if (op == "RealDiv") {
    if (!right.factors.empty() || right.scale == 0.0F) return Product{.factors = {value}};  // by a value: no product
    result.scale /= right.scale;
    result.rank = std::max(result.rank, right.rank);
    return result;
  }
  result.rank = std::max(result.rank, right.rank);
  result.scale *= right.scale;
  result.factors.insert(result.factors.end(), right.factors.begin(), right.factors.end());
  return result;
}

/// 0.5 x erfc(-x / sqrt(2)) or 0.5 x (1 + erf(x / sqrt(2))); `gate` is the second factor.
bool GraphMapper::is_gelu(const GraphValue& gate, const GraphValue& x, float scale) const {
  if (scale != 0.5F) return false;
  GraphValue error = gate;
  float sign = -1.0F;
  if (is_addition(*gate.node)) {
    const GraphValue left = input(gate, 0), right = input(gate, 1);
    const bool is_left = constant(left) != nullptr;
    const auto one = product(is_left ? left : right);
    error = is_left ? right : left;
    if (!one || !one->factors.empty() || one->scale != 1.0F || one->rank > 1) return false;
    if (error.node->op() == "Tanh") {
      refuse(error, "is of gelu's approximation by tanh; Podium has gelu itself (approximate=False)");
    }
    sign = 1.0F;
  }
  if (error.node->op() != (sign < 0.0F ? "Erfc" : "Erf")) return false;
  const auto inside = product(input(error, 0));
  return inside && inside->factors.size() == 1 && inside->factors[0] == x && inside->rank <= 1 &&
         is_near(inside->scale, sign / std::numbers::sqrt2_v<float>);
}

bool GraphMapper::is_swish(const GraphValue& gate, const GraphValue& x) const {
  if (gate.node->op() != "Sigmoid") return false;
  const auto inside = product(input(gate, 0));
  return inside && inside->factors.size() == 1 && inside->factors[0] == x && inside->scale == 1.0F && inside->rank <= 1;
}

Term GraphMapper::multiply(const GraphValue& value) {
  const auto parts = product(value);
  if (!parts || parts->factors.empty()) refuse(value, "multiplies constants alone");
  if (parts->factors.size() == 2) {
    for (const auto& [x, gate] :
         {std::pair(parts->factors[0], parts->factors[1]), std::pair(parts->factors[1], parts->factors[0])}) {
      if (parts->rank <= 1 && is_gelu(gate, x, parts->scale)) return activated(x, Activation::gelu, *value.node);
      if (parts->scale == 1.0F && parts->rank <= 1 && is_swish(gate, x))
        return activated(x, Activation::swish, *value.node);
    }
  }
  return nested_product(value);
}

/// The product as it is nested in the graph: in another order large numbers are infinite that are not there.
Term GraphMapper::nested_product(const GraphValue& value) {
  const std::string where = "the operation " + text_of(*value.node);
  const auto scale_of = [&](const GraphValue& part) {
    const auto known = known_numbers_.floats(part);
    if (known && known->values.size() != 1) refuse(value, kNormalizes);
    return known ? std::optional(Product{known->values[0], {}, known->shape.size()}) : std::nullopt;
  };
  const GraphValue left = input(value, 0);
  if (value.node->op() == "Neg") return times(importer_, numbers(left), -1.0F, 0, where);
  const GraphValue right = input(value, 1);
  const auto factor = scale_of(right);
  if (value.node->op() == "RealDiv") {
    if (!factor) refuse(value, "divides by a computed value; Podium divides by constants alone");
    return times(importer_, numbers(left), 1.0F / factor->scale, factor->rank, where);
  }
  if (factor) return times(importer_, numbers(left), factor->scale, factor->rank, where);
  if (const auto first = scale_of(left)) return times(importer_, numbers(right), first->scale, first->rank, where);
  return product_of_columns(importer_, std::array{numbers(left), numbers(right)}, where);
}

Term GraphMapper::activation(const GraphValue& value) {
  static const std::map<std::string, Activation, std::less<>> kActivations = {
      {"Relu", Activation::relu}, {"Sigmoid", Activation::sigmoid}, {"Tanh", Activation::tanh},
      {"Selu", Activation::selu}, {"Elu", Activation::elu},         {"LeakyRelu", Activation::leaky_relu}};
  const auto* slope = attribute(*value.node, "alpha");
  if (value.node->op() == "LeakyRelu" && slope != nullptr && !is_near(slope->f(), kSlope)) {
    refuse(value, "has the slope " + std::to_string(slope->f()) + "; Podium's leaky_relu has 0.2");
  }
  return activated(input(value, 0), kActivations.at(value.node->op()), *value.node);
}
}  // namespace podium::interop
