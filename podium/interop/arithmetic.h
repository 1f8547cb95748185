#pragma once
#include <span>
#include <string>

#include "podium/interop/term.h"

/// Sums and products as other programs write them, in the nodes that Podium has. Each term is of numbers (its `what` is
/// a ValueId). `where` begins the message of an Error, which says what Podium has no node for.
namespace podium::interop {
/// The sum of values of the same axes.
Term sum_of(GraphImporter& importer, std::span<const Term> terms, const std::string& where);
/// term + constant: one number, or one for each column.
Term plus(GraphImporter& importer, const Term& term, Array constant, const std::string& where);
/// term * scale, of one column. `rank`: the axes of the number, which broadcasts.
Term times(GraphImporter& importer, const Term& term, float scale, std::size_t rank, const std::string& where);
/// left - right, of one column.
Term difference_of(GraphImporter& importer, const Term& left, const Term& right, const std::string& where);
/// The product of single columns.
Term product_of_columns(GraphImporter& importer, std::span<const Term> factors, const std::string& where);

/// How a message ends where each column has a number of its own.
inline constexpr const char* kNormalizes =
    "computes with a number for each column, as Normalization, BatchNormalization and Rescaling do; Podium has such "
    "numbers for one column alone";
}  // namespace podium::interop
