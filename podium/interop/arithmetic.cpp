#include "podium/interop/arithmetic.h"

#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include "podium/core/error.h"

namespace podium::interop {
namespace {
graph::ValueId value_of(const Term& term) { return std::get<graph::ValueId>(term.what); }

void expect_same_axes(const Term& left, const Term& right, const std::string& where) {
  if (left.axes == right.axes) return;
  throw Error(where + ": computes with values of the axes [rows, ...] that differ; give both the same, by a Flatten");
}
}  // namespace

Term sum_of(GraphImporter& importer, std::span<const Term> terms, const std::string& where) {
  std::vector<graph::ValueId> values;
  for (const Term& term : terms) {
    expect_same_axes(term, terms.front(), where);
    values.push_back(value_of(term));
  }
  return {values.size() == 1 ? values[0] : importer.add(values, where), terms.front().axes};
}

Term plus(GraphImporter& importer, const Term& term, Array constant, const std::string& where) {
  if (constant.shape.size() > term.axes.size() + 1) {
    throw Error(where + ": adds a constant of more axes than its value has");
  }
  constant = without_leading_ones(std::move(constant));
  const bool is_last = term.axes.empty() || term.axes.back() == importer.width(value_of(term));
  if (!is_last && constant.values.size() != 1) throw Error(where + ": adds a constant to a value in several axes");
  return {importer.bias(value_of(term), std::move(constant), where), term.axes};
}

Term times(GraphImporter& importer, const Term& term, float scale, std::size_t rank, const std::string& where) {
  if (rank > term.axes.size() + 1) throw Error(where + ": multiplies by a constant of more axes than its value has");
  if (scale == 1.0F) return term;
  if (importer.width(value_of(term)) != 1) throw Error(where + ": " + kNormalizes);
  return {importer.scale(value_of(term), scale, 0.0F, graph::Activation::linear, where), term.axes};
}

Term difference_of(GraphImporter& importer, const Term& left, const Term& right, const std::string& where) {
  expect_same_axes(left, right, where);
  if (importer.width(value_of(right)) != 1) {
    throw Error(where + ": subtracts vectors; Podium has sums of them, and differences of single columns");
  }
  return sum_of(importer, std::array{left, times(importer, right, -1.0F, 0, where)}, where);
}

Term product_of_columns(GraphImporter& importer, std::span<const Term> factors, const std::string& where) {
  Term made = factors.front();
  for (std::size_t i = 0; i < factors.size(); ++i) {
    if (importer.width(value_of(factors[i])) != 1) {
      throw Error(where + ": multiplies vectors number by number; Podium has their dot product, gelu and swish");
    }
    expect_same_axes(factors[i], made, where);
    if (i > 0) made.what = importer.dot(value_of(made), value_of(factors[i]), where);
  }
  return made;
}
}  // namespace podium::interop
