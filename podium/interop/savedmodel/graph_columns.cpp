// The rules of GraphMapper for columns: which row of a table a value gets.
#include <algorithm>
#include <numeric>
#include <utility>

#include "podium/core/error.h"
#include "podium/interop/savedmodel/graph_mapper.h"

namespace podium::interop {
namespace {
/// Drops the values that count as unknown, as an empty vocabulary's only one.
void drop_unknown(IdMap& map) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < map.ids.size(); ++i) {
    if (map.ids[i] == map.unknown.front()) continue;
    if (map.integers) map.numbers[kept] = map.numbers[i];
    if (!map.integers && kept != i) map.words[kept] = std::move(map.words[i]);
    map.ids[kept++] = map.ids[i];
  }
  map.ids.resize(kept);
  map.integers ? map.numbers.resize(kept) : map.words.resize(kept);
}

bool is_addition(const tf::NodeDef& node) { return node.op() == "AddV2" || node.op() == "Add"; }
}  // namespace

Term GraphMapper::find(const GraphValue& value) {
  Term keys = map(input(value, 1));
  const auto* raw = std::get_if<RawColumn>(&keys.what);
  if (raw == nullptr || raw->wraps != 0) refuse(value, "looks up what is no column");
  TableContents table = state_.table(input(value, 0));
  if (table.integers ? raw->kind != ColumnKind::whole : raw->kind != ColumnKind::text) {
    refuse(value, "looks up column \"" + raw->column + "\" in a table of another type");
  }
  const auto otherwise = state_.integers(input(value, 2));
  if (otherwise.size() != 1) refuse(value, "has no single default");
  if (raw->is_cut && !is_exact_in_float32(table.numbers)) {
    refuse(value, "looks up whole numbers that are rounded as float32 before; give the input an integer type");
  }
  IdMap ids{raw->column,
            table.integers,
            std::move(table.words),
            std::move(table.numbers),
            std::move(table.ids),
            {otherwise[0]},
            0};
  return {std::move(ids), keys.axes};
}

/// A column without a vocabulary: every value gets a row by its hash.
Term GraphMapper::hash(const GraphValue& value) {
  Term term = map(input(value, 0));
  const auto* raw = std::get_if<RawColumn>(&term.what);
  const bool integers = value.node->op() == "FloorMod";
  if (raw == nullptr || raw->wraps != 0 || raw->is_cut ||
      raw->kind != (integers ? ColumnKind::whole : ColumnKind::text)) {
    refuse(value, "hashes what is no column of " + std::string(integers ? "whole numbers" : "text"));
  }
  const auto divisor = integers ? state_.integers(input(value, 1)) : std::vector<std::int64_t>{};
  const std::int64_t rows = !integers ? integer(*value.node, "num_buckets", 0) : divisor.size() == 1 ? divisor[0] : 0;
  if (rows < 1 || rows > static_cast<std::int64_t>(graph::kMostUnknownIndices)) {
    refuse(value, "hashes into " + std::to_string(rows) + " rows; Podium has 1 to " +
                      std::to_string(graph::kMostUnknownIndices));
  }
  std::vector<std::int64_t> unknown(static_cast<std::size_t>(rows));
  std::iota(unknown.begin(), unknown.end(), 0);
  return {IdMap{.column = raw->column, .integers = integers, .unknown = std::move(unknown)}, term.axes};
}

Term GraphMapper::select(const GraphValue& value) {
  const GraphValue condition = input(value, 0), otherwise = input(value, 2);
  const std::string& op = condition.node->op();
  if (op == "Less" && input(condition, 0) == otherwise) return with_wrap(condition, input(value, 1), otherwise, value);
  if (op == "Equal" && input(condition, 0) == otherwise && known_integer(input(condition, 1))) {
    return with_hash(map(otherwise), input(condition, 1), input(value, 1), value);
  }
  if (op == "Equal") return with_override(map(otherwise), condition, input(value, 1), value);
  refuse(value, "chooses by " + text_of(*condition.node) + ", for which Podium has nothing");
}

/// Keras 3 lets rows below 0 count from the table's end: select(x < 0, x + rows, x).
Term GraphMapper::with_wrap(const GraphValue& condition, const GraphValue& chosen, const GraphValue& otherwise,
                            const GraphValue& value) {
  constexpr const char* kWhy =
      "chooses between values by their size; Podium follows that where rows below 0 count from a table's end alone";
  if (known_integer(input(condition, 1)) != 0 || !is_addition(*chosen.node)) refuse(value, kWhy);
  const bool is_left = input(chosen, 0) == otherwise;
  if (!is_left && !(input(chosen, 1) == otherwise)) refuse(value, kWhy);
  const auto rows = known_integer(input(chosen, is_left ? 1 : 0));
  if (!rows || *rows < 1) refuse(value, kWhy);
  Term term = map(otherwise);
  std::int64_t* wraps = nullptr;
  if (auto* raw = std::get_if<RawColumn>(&term.what); raw != nullptr && raw->kind == ColumnKind::whole) {
    wraps = &raw->wraps;
  } else if (auto* ids = std::get_if<IdMap>(&term.what)) {
    wraps = &ids->wraps;
  }
  if (wraps == nullptr || *wraps != 0) refuse(value, kWhy);
  *wraps = *rows;
  return term;
}

/// Whether a constant beside a value leaves its axes as they are.
bool GraphMapper::is_broadcast(const GraphValue& number, const Term& beside) {
  const auto* tensor = constant(number);
  return tensor != nullptr && tensor->tensor_shape().dim_size() <= static_cast<int>(beside.axes.size()) + 1;
}

/// Several rows for unknown values: where the lookup found none, a row by the value's hash, counted from an offset.
Term GraphMapper::with_hash(Term ids, const GraphValue& none, const GraphValue& hashed, const GraphValue& value) {
  auto* found = std::get_if<IdMap>(&ids.what);
  const bool is_sum = is_addition(*hashed.node);
  const Term rows = map(is_sum ? input(hashed, 0) : hashed);
  const auto* buckets = std::get_if<IdMap>(&rows.what);
  const auto offset = is_sum ? state_.integers(input(hashed, 1)) : std::vector<std::int64_t>{0};
  const bool is_same = found != nullptr && buckets != nullptr && buckets->words.empty() && buckets->numbers.empty() &&
                       buckets->column == found->column && buckets->integers == found->integers && found->wraps == 0 &&
                       buckets->wraps == 0 && rows.axes == ids.axes && is_broadcast(none, ids) &&
                       (!is_sum || is_broadcast(input(hashed, 1), ids));
  if (!is_same || found->unknown != state_.integers(none) || offset.size() != 1 || offset[0] < 0 ||
      offset[0] > static_cast<std::int64_t>(graph::kMostUnknownIndices)) {
    refuse(value, "chooses rows for unknown values in a way that Podium does not follow");
  }
  drop_unknown(*found);
  found->unknown = buckets->unknown;
  for (std::int64_t& row : found->unknown) row += offset[0];
  return ids;
}

/// A mask token: where the column is a certain value, a certain row.
Term GraphMapper::with_override(Term ids, const GraphValue& condition, const GraphValue& id,
                                const GraphValue& value) const {
  auto* map = std::get_if<IdMap>(&ids.what);
  if (map == nullptr || map->wraps != 0) refuse(value, "chooses among values that are no rows of a table");
  const GraphValue left = input(condition, 0), right = input(condition, 1);
  const bool is_left = constant(left) == nullptr;
  const auto column = inputs_.find((is_left ? left : right).node);
  const auto* raw = column == inputs_.end() ? nullptr : std::get_if<RawColumn>(&column->second.what);
  const GraphValue& token = is_left ? right : left;
  const bool is_plain = raw != nullptr && raw->column == map->column && constant(token) != nullptr &&
                        column->second.axes == ids.axes && is_broadcast(token, ids) && is_broadcast(id, ids);
  if (!is_plain) {
    refuse(value, "chooses by more than a mask token; Podium reads what StringLookup and IntegerLookup do");
  }
  const auto row = state_.integers(id);
  if (row.size() != 1) refuse(value, "gives its mask token more than one row");
  const auto put = [&](auto& keys, const auto& key) {
    const auto found = std::ranges::find(keys, key);
    if (found != keys.end()) {
      map->ids[static_cast<std::size_t>(found - keys.begin())] = row[0];
    } else {
      keys.insert(keys.begin(), key);
      map->ids.insert(map->ids.begin(), row[0]);
    }
  };
  if (map->integers) {
    const auto keys = state_.integers(token);
    if (keys.size() != 1) refuse(value, "has more than one mask token");
    put(map->numbers, keys[0]);
  } else {
    const auto keys = state_.strings(token);
    if (keys.size() != 1) refuse(value, "has more than one mask token");
    put(map->words, keys[0]);
  }
  return ids;
}

Term GraphMapper::cast(const GraphValue& value) {
  Term term = map(input(value, 0));
  const int from = type_attribute(*value.node, "SrcT"), to = type_attribute(*value.node, "DstT");
  if (auto* raw = std::get_if<RawColumn>(&term.what)) {
    if (from == to) return term;
    if (from == tf::DT_INT64 && to == tf::DT_INT32) {
      refuse(value, "cuts column \"" + raw->column +
                        "\" to 32 bits, which makes other numbers of large ones; give the input that type");
    }
    // A cut number may be a row, whose cells are whole numbers then, but no number again.
    const bool is_cut = raw->kind == ColumnKind::number && kind_of(to) == ColumnKind::whole;
    const bool is_widened = raw->kind == ColumnKind::whole && kind_of(to) == ColumnKind::number && !raw->is_cut;
    if (raw->wraps != 0 || (kind_of(to) != raw->kind && !is_cut && !is_widened)) {
      refuse(value, "casts column \"" + raw->column + "\" to a type in which Podium does not have it");
    }
    raw->is_cut = raw->is_cut || is_cut;
    raw->kind = kind_of(to);
  } else if (std::holds_alternative<IdMap>(term.what) ? kind_of(to) != ColumnKind::whole : to != tf::DT_FLOAT) {
    refuse(value, "casts to a type in which Podium does not compute");
  }
  return term;
}

Term GraphMapper::as_string(const GraphValue& value) {
  Term term = map(input(value, 0));
  auto* raw = std::get_if<RawColumn>(&term.what);
  const auto* fill = attribute(*value.node, "fill");
  if (raw == nullptr || raw->kind != ColumnKind::whole || raw->wraps != 0 || raw->is_cut ||
      integer(*value.node, "width", -1) > 0 || (fill != nullptr && !fill->s().empty())) {
    refuse(value, "Podium reads whole numbers as text by their decimal digits alone");
  }
  raw->kind = ColumnKind::text;
  return term;
}

Term GraphMapper::gather(const GraphValue& value) {
  const bool is_resource = value.node->op() == "ResourceGather";
  const GraphValue table = input(value, 0), rows = input(value, 1);
  if (integer(*value.node, "batch_dims", 0) != 0) refuse(value, "gathers by batch");
  if (value.node->op() == "GatherV2" && state_.integers(input(value, 2)) != std::vector<std::int64_t>{0}) {
    refuse(value, "gathers along another axis than the first");
  }
  if (!is_resource && !state_.is_known(table)) refuse(value, "gathers from what is no table of weights");
  const Array weights = weights_of(table);
  Term ids = map(rows);
  const std::string where = "the operation " + text_of(*value.node);
  bool is_cut = false;
  if (const auto* raw = std::get_if<RawColumn>(&ids.what); raw != nullptr && raw->kind == ColumnKind::whole) {
    is_cut = raw->is_cut;
    if (weights.shape.size() != 2 || weights.values.empty()) refuse(value, "gathers from what is no table of vectors");
    IdMap all = rows_as_ids(raw->column, weights.shape[0], raw->wraps != 0);
    all.wraps = raw->wraps;
    ids.what = std::move(all);
  }
  const auto* map = std::get_if<IdMap>(&ids.what);
  if (map == nullptr) refuse(value, "gathers by what is no lookup of a column");
  if (const auto rows_of = weights.shape.empty() ? 0 : weights.shape[0]; is_cut && rows_of > (std::size_t{1} << 24)) {
    refuse(value, "gathers by rows that are rounded as float32 before; give the input an integer type");
  }
  if (product_of(ids.axes) != 1) refuse(value, "looks up several values per row; Podium imports one");
  const auto made = importer_.lookup(*map, weights, where);
  ids.axes.push_back(importer_.width(made));
  return {made, ids.axes};
}
}  // namespace podium::interop
