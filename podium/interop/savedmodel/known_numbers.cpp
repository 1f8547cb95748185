#include "podium/interop/savedmodel/known_numbers.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace podium::interop {
namespace {
// A normalization is ten operations on a number for each column. What goes beyond is no part of a layer.
constexpr std::size_t kDeepest = 24, kMostSteps = 1000, kMostNumbers = std::size_t{1} << 20;

using Unary = float (*)(float);
using Binary = float (*)(float, float);

const std::map<std::string, Unary, std::less<>>& unaries() {
  static const std::map<std::string, Unary, std::less<>> kUnaries = {
      {"Neg", [](float x) { return -x; }},
      {"Sqrt", [](float x) { return std::sqrt(x); }},
      {"Rsqrt", [](float x) { return 1.0F / std::sqrt(x); }},
      {"Square", [](float x) { return x * x; }}};
  return kUnaries;
}

const std::map<std::string, Binary, std::less<>>& binaries() {
  static const std::map<std::string, Binary, std::less<>> kBinaries = {
      {"Add", [](float x, float y) { return x + y; }},
      {"AddV2", [](float x, float y) { return x + y; }},
      {"Sub", [](float x, float y) { return x - y; }},
      {"Mul", [](float x, float y) { return x * y; }},
      {"RealDiv", [](float x, float y) { return x / y; }},
      {"Maximum", [](float x, float y) { return std::isnan(x) || x > y ? x : y; }},  // TensorFlow's pass NaN on
      {"Minimum", [](float x, float y) { return std::isnan(x) || x < y ? x : y; }}};
  return kBinaries;
}

/// Number by number; one of them may be a single number. Nothing for other shapes.
std::optional<Array> applied(Binary operation, const Array& left, const Array& right) {
  const bool is_left = left.values.size() != 1;
  if (is_left && right.values.size() != 1 && left.shape != right.shape) return std::nullopt;
  Array made = is_left || right.values.size() == 1 ? left : right;
  // A single number of more axes would add them.
  if ((is_left ? right : left).shape.size() > made.shape.size()) return std::nullopt;
  made.source.clear();
  for (std::size_t i = 0; i < made.values.size(); ++i) {
    made.values[i] =
        operation(left.values[left.values.size() == 1 ? 0 : i], right.values[right.values.size() == 1 ? 0 : i]);
  }
  return made;
}

bool is_float(const tf::NodeDef& node) { return type_attribute(node, "T") == tf::DT_FLOAT; }
}  // namespace

std::optional<Array> KnownNumbers::floats(const GraphValue& value) const {
  std::size_t steps = 0;
  return computed(value, 0, steps);
}

std::optional<Array> KnownNumbers::computed(const GraphValue& value, std::size_t depth, std::size_t& steps) const {
  if (++steps > kMostSteps || depth > kDeepest || value.node == nullptr) return std::nullopt;
  const std::string& op = value.node->op();
  const bool is_stored = op == "Const" || op == "ReadVariableOp";
  if (is_stored && type_attribute(*value.node, "dtype") != tf::DT_FLOAT) return std::nullopt;
  if (state_.is_known(value)) return state_.floats(value);
  if (!is_float(*value.node)) return std::nullopt;
  const auto operand = [&](std::size_t index) { return computed(graph_.input(value, index), depth + 1, steps); };
  if (const auto unary = unaries().find(op); unary != unaries().end()) {
    auto made = operand(0);
    if (!made || made->values.size() > kMostNumbers) return std::nullopt;
    made->source.clear();
    std::ranges::transform(made->values, made->values.begin(), unary->second);
    return made;
  }
  const auto binary = binaries().find(op);
  if (binary == binaries().end()) return std::nullopt;
  const auto left = operand(0);
  if (!left || left->values.size() > kMostNumbers) return std::nullopt;
  const auto right = operand(1);
  if (!right || right->values.size() > kMostNumbers) return std::nullopt;
  return applied(binary->second, *left, *right);
}

std::optional<std::int64_t> KnownNumbers::integer(GraphValue value) const {
  if (value.node != nullptr && value.node->op() == "Cast") {
    const int to = type_attribute(*value.node, "DstT");
    if (to != tf::DT_INT64 && to != tf::DT_INT32) return std::nullopt;
    value = graph_.input(value, 0);
  }
  if (value.node == nullptr) return std::nullopt;
  const auto single = [](const std::vector<std::int64_t>& numbers) {
    return numbers.size() == 1 ? std::optional(numbers[0]) : std::nullopt;
  };
  const auto is_whole = [](int type) { return type == tf::DT_INT32 || type == tf::DT_INT64; };
  if (constant(value) != nullptr) {
    if (!is_whole(type_attribute(*value.node, "dtype"))) return std::nullopt;
    return single(state_.integers(value));
  }
  if (value.node->op() != "StridedSlice" || podium::interop::integer(*value.node, "shrink_axis_mask", 0) != 1) {
    return std::nullopt;
  }
  const GraphValue sizes = graph_.input(value, 0), begin = graph_.input(value, 1);
  const bool is_plain = podium::interop::integer(*value.node, "begin_mask", 0) == 0 &&
                        podium::interop::integer(*value.node, "ellipsis_mask", 0) == 0 &&
                        podium::interop::integer(*value.node, "new_axis_mask", 0) == 0;
  const auto at = is_plain && constant(begin) != nullptr ? single(state_.integers(begin)) : std::nullopt;
  if (!at) return std::nullopt;
  std::vector<std::int64_t> all;
  if (constant(sizes) != nullptr && is_whole(type_attribute(*sizes.node, "dtype"))) {
    all = state_.integers(sizes);
  } else if (sizes.node != nullptr && sizes.node->op() == "Shape" && state_.is_known(graph_.input(sizes, 0))) {
    const Array array = state_.floats(graph_.input(sizes, 0));
    all.assign(array.shape.begin(), array.shape.end());
  }
  if (*at < 0 || *at >= static_cast<std::int64_t>(all.size())) return std::nullopt;
  return all[static_cast<std::size_t>(*at)];
}
}  // namespace podium::interop
