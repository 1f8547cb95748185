#include "podium/features/features.h"

#include <farmhash.h>

#include <algorithm>
#include <cassert>
#include <charconv>
#include <string>
#include <type_traits>

#include "podium/core/error.h"
#include "podium/features/columns.h"

namespace podium {
namespace {
using features::Digits;
using RowNumbers = std::span<const std::uint32_t>;

/// Calls use(rows) with the rows whose cell is there.
template <class Use>
auto with_present(const Column& column, RowNumbers rows, const Use& use) {
  if (column.missing.empty()) return use(rows);
  const auto kept = features::present(column, rows);
  return use(RowNumbers(kept));
}

StringVocabulary fit_text(const Column& column, RowNumbers rows) {
  if (const auto* text = std::get_if<Strings>(&column.values)) return StringVocabulary::of(*text, rows);
  if (const auto* integers = std::get_if<std::vector<std::int64_t>>(&column.values)) {
    const auto distinct = IntegerVocabulary::of(*integers, rows);
    Strings digits;
    std::vector<std::uint32_t> all;
    for (const std::int64_t value : distinct.values()) {
      all.push_back(static_cast<std::uint32_t>(digits.size()));
      digits.push_back(Digits(value).view());
    }
    return StringVocabulary::of(digits, all);
  }
  features::refuse_fractions(column);
}

IntegerVocabulary fit_integers(const Column& column, RowNumbers rows) {
  if (const auto* integers = std::get_if<std::vector<std::int64_t>>(&column.values)) {
    return IntegerVocabulary::of(*integers, rows);
  }
  if (const auto* text = std::get_if<Strings>(&column.values)) {
    std::vector<std::int64_t> values;
    std::vector<std::uint32_t> all;
    values.reserve(rows.size());
    for (const std::uint32_t row : rows) {
      all.push_back(static_cast<std::uint32_t>(values.size()));
      values.push_back(features::to_integer((*text)[row], column, row));
    }
    return IntegerVocabulary::of(values, all);
  }
  features::refuse_fractions(column);
}

/// A source of values as a column of its own, for messages that name it.
std::vector<std::int64_t> whole_numbers(const Strings& values, const std::string& name) {
  const Column column{name, values, {}};
  std::vector<std::int64_t> numbers;
  for (std::size_t i = 0; i < values.size(); ++i) {
    numbers.push_back(features::to_integer(values[i], column, static_cast<std::uint32_t>(i)));
  }
  return numbers;
}

Encoder fit(const graph::Feature& feature, const TableView& rows) {
  const Column& column = rows.table().column(graph::column_of(feature));
  return with_present(column, rows.row_numbers(), [&](RowNumbers kept) -> Encoder {
    if (std::holds_alternative<graph::Text>(feature)) return fit_text(column, kept);
    if (std::holds_alternative<graph::Integer>(feature)) return fit_integers(column, kept);
    return NumericEncoder{};
  });
}

Encoder given(const graph::Feature& feature, const Strings& values) {
  if (std::holds_alternative<graph::Text>(feature)) return StringVocabulary(values);
  if (std::holds_alternative<graph::Integer>(feature)) {
    return IntegerVocabulary(whole_numbers(values, graph::column_of(feature)));
  }
  return NumericEncoder{};
}

StringVocabulary joined(const StringVocabulary& a, const StringVocabulary& b) {
  Strings all = a.values();
  for (std::size_t i = 0; i < b.size(); ++i) all.push_back(b.values()[i]);
  std::vector<std::uint32_t> rows;
  for (std::size_t i = 0; i < all.size(); ++i) rows.push_back(static_cast<std::uint32_t>(i));
  return StringVocabulary::of(all, rows);
}

IntegerVocabulary joined(const IntegerVocabulary& a, const IntegerVocabulary& b) {
  std::vector<std::int64_t> all = a.values();
  all.insert(all.end(), b.values().begin(), b.values().end());
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return IntegerVocabulary(std::move(all));
}

bool same(const Encoder& a, const Encoder& b) {
  return std::visit(
      [](const auto& left, const auto& right) {
        using Left = std::decay_t<decltype(left)>;
        if constexpr (!std::is_same_v<Left, std::decay_t<decltype(right)>>) {
          return false;
        } else if constexpr (std::is_same_v<Left, NumericEncoder>) {
          return true;
        } else {
          return left.values() == right.values();
        }
      },
      a, b);
}

/// The features that look up a table, each once.
std::vector<graph::FeatureId> features_of(const graph::Graph& graph, graph::TableId table) {
  std::vector<graph::FeatureId> found;
  for (const auto& node : graph.nodes) {
    const auto* lookup = std::get_if<graph::Lookup>(&node);
    if (lookup == nullptr || lookup->table != table) continue;
    if (std::find(found.begin(), found.end(), lookup->feature) == found.end()) found.push_back(lookup->feature);
  }
  return found;
}
}  // namespace

Encoder join_vocabularies(const Encoder& a, const Encoder& b) {
  return std::visit(
      [&](const auto& left, const auto& right) -> Encoder {
        using Left = std::decay_t<decltype(left)>;
        if constexpr (!std::is_same_v<Left, std::decay_t<decltype(right)>>) {
          throw Error("a vocabulary of one kind can't be joined with one of another: text, whole numbers");
        } else if constexpr (std::is_same_v<Left, NumericEncoder>) {
          return left;
        } else {
          return left.values() == right.values() ? left : joined(left, right);
        }
      },
      a, b);
}

void share_vocabularies(const graph::Graph& graph, std::vector<Encoder>& encoders) {
  // Again until nothing changes: a feature may look up two tables, which then have one vocabulary too.
  for (bool changed = true; changed;) {
    changed = false;
    for (graph::TableId table = 0; table < graph.tables.size(); ++table) {
      const auto users = features_of(graph, table);
      if (users.size() < 2) continue;
      Encoder all = encoders[users.front()];
      for (const auto user : users) {
        if (encoders[user].index() != all.index() || std::holds_alternative<NumericEncoder>(all)) {
          throw Error("table \"" + graph.tables[table].name +
                      "\" is looked up by features of different kinds; give each kind a table of its own");
        }
        all = join_vocabularies(all, encoders[user]);
      }
      for (const auto user : users) {
        if (same(encoders[user], all)) continue;
        encoders[user] = all;
        changed = true;
      }
    }
  }
}

namespace {
/// Which of several unknown indices a value gets: as TensorFlow's lookup layers choose.
std::uint32_t bucket(std::string_view text, std::size_t buckets) {
  return buckets == 1 ? 0 : static_cast<std::uint32_t>(util::Fingerprint64(text.data(), text.size()) % buckets);
}
std::uint32_t bucket(std::int64_t value, std::size_t buckets) {
  const auto divisor = static_cast<std::int64_t>(buckets), rest = value % divisor;
  return static_cast<std::uint32_t>(rest < 0 ? rest + divisor : rest);
}

template <class Vocabulary, class Value>
std::uint32_t id(const Vocabulary& vocabulary, std::size_t unknown, Value value) {
  const std::uint32_t place = vocabulary.index(value);
  return place == 0 ? bucket(value, unknown) : place + static_cast<std::uint32_t>(unknown) - 1;
}

/// Fills out[i] with one cell of every row; missing cells keep 0.
template <class Out, class Cell>
void fill(std::vector<Out>& out, const Column& column, RowNumbers rows, const Cell& cell) {
  if (column.missing.empty()) {
    for (std::size_t i = 0; i < rows.size(); ++i) out[i] = cell(rows[i]);
    return;
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!std::binary_search(column.missing.begin(), column.missing.end(), rows[i])) out[i] = cell(rows[i]);
  }
}

Ids encode_column(const StringVocabulary& vocabulary, std::size_t unknown, const Column& column, RowNumbers rows) {
  Ids ids{std::vector<std::uint32_t>(rows.size()), {}};
  if (const auto* text = std::get_if<Strings>(&column.values)) {
    // A missing cell holds "", which an imported vocabulary may know (Keras' mask token).
    for (std::size_t i = 0; i < rows.size(); ++i) ids.ids[i] = id(vocabulary, unknown, (*text)[rows[i]]);
  } else if (const auto* integers = std::get_if<std::vector<std::int64_t>>(&column.values)) {
    fill(ids.ids, column, rows,
         [&](std::uint32_t row) { return id(vocabulary, unknown, Digits((*integers)[row]).view()); });
  } else {
    features::refuse_fractions(column);
  }
  return ids;
}

Ids encode_column(const IntegerVocabulary& vocabulary, std::size_t unknown, const Column& column, RowNumbers rows) {
  Ids ids{std::vector<std::uint32_t>(rows.size()), {}};
  if (const auto* integers = std::get_if<std::vector<std::int64_t>>(&column.values)) {
    fill(ids.ids, column, rows, [&](std::uint32_t row) { return id(vocabulary, unknown, (*integers)[row]); });
  } else if (const auto* text = std::get_if<Strings>(&column.values)) {
    fill(ids.ids, column, rows,
         [&](std::uint32_t row) { return id(vocabulary, unknown, features::to_integer((*text)[row], column, row)); });
  } else {
    features::refuse_fractions(column);
  }
  return ids;
}

Numbers encode_column(NumericEncoder, std::size_t, const Column& column, RowNumbers rows) {
  for (const std::uint32_t row : rows) {
    if (std::binary_search(column.missing.begin(), column.missing.end(), row)) {
      throw Error("column \"" + column.name + "\", row " + std::to_string(std::uint64_t{row} + 1) +
                  ": the number is missing; fill it or leave the row out");
    }
  }
  Numbers numbers(rows.size());
  const auto cell = [&](std::uint32_t row) {
    return std::visit(
        [&](const auto& values) {
          if constexpr (std::is_same_v<std::decay_t<decltype(values)>, Strings>) {
            return features::to_number(values[row], column, row);
          } else {
            return features::checked(static_cast<double>(values[row]), column, row);
          }
        },
        column.values);
  };
  fill(numbers, column, rows, cell);
  return numbers;
}
}  // namespace

std::size_t vocabulary_size(const Encoder& encoder) {
  struct Visitor {
    std::size_t operator()(const StringVocabulary& vocabulary) const { return vocabulary.size(); }
    std::size_t operator()(const IntegerVocabulary& vocabulary) const { return vocabulary.size(); }
    std::size_t operator()(const NumericEncoder&) const { return 0; }
  };
  return std::visit(Visitor{}, encoder);
}

Strings vocabulary_text(const Encoder& encoder) {
  struct Visitor {
    Strings operator()(const StringVocabulary& vocabulary) const { return vocabulary.values(); }
    Strings operator()(const IntegerVocabulary& vocabulary) const {
      Strings digits;
      for (const std::int64_t value : vocabulary.values()) digits.push_back(Digits(value).view());
      return digits;
    }
    Strings operator()(const NumericEncoder&) const { return {}; }
  };
  return std::visit(Visitor{}, encoder);
}

std::size_t id_count(const graph::Feature& feature, const Encoder& encoder) {
  return graph::unknown_indices_of(feature) + vocabulary_size(encoder);
}

std::uint32_t id_of(const graph::Feature& feature, const Encoder& encoder, std::string_view value) {
  const std::size_t unknown = graph::unknown_indices_of(feature);
  if (const auto* strings = std::get_if<StringVocabulary>(&encoder)) return id(*strings, unknown, value);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc() || end != value.data() + value.size()) return 0;
  return id(std::get<IntegerVocabulary>(encoder), unknown, number);
}

std::uint32_t place_of(const graph::Feature& feature, std::uint32_t id) {
  const auto unknown = static_cast<std::uint32_t>(graph::unknown_indices_of(feature));
  return id < unknown ? 0 : id - unknown + 1;
}

Features fit_features(const graph::Graph& graph, const TableView& rows) {
  const std::vector<VocabularySource> sources(graph.features.size(), &rows);
  return fit_features(graph, sources);
}

Features fit_features(const graph::Graph& graph, std::span<const VocabularySource> sources) {
  assert(sources.size() == graph.features.size());
  Features fitted{graph.features, {}};
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const graph::Feature& feature = graph.features[i];
    const auto* rows = std::get_if<const TableView*>(&sources[i]);
    fitted.encoders.push_back(rows != nullptr ? fit(feature, **rows)
                                              : given(feature, *std::get<const Strings*>(sources[i])));
  }
  share_vocabularies(graph, fitted.encoders);
  return fitted;
}

void size_tables(graph::Graph& graph, const Features& features) {
  std::vector<std::size_t> needed(graph.tables.size(), 0);
  for (const auto& node : graph.nodes) {
    const auto* lookup = std::get_if<graph::Lookup>(&node);
    if (lookup == nullptr) continue;
    graph::Table& table = graph.tables[lookup->table];
    const std::size_t rows = id_count(graph.features[lookup->feature], features.encoders[lookup->feature]);
    std::size_t& wanted = needed[lookup->table];
    if (wanted != 0 && wanted != rows) {
      throw Error("table \"" + table.name + "\" is looked up by features of different vocabularies (" +
                  std::to_string(wanted) + " and " + std::to_string(rows) + " indices); fit_features() gives them one");
    }
    table.rows = wanted = rows;
  }
}

Batch encode(const Features& features, const TableView& rows) {
  Batch batch;
  batch.rows = rows.rows();
  for (std::size_t i = 0; i < features.features.size(); ++i) {
    const Column& column = rows.table().column(graph::column_of(features.features[i]));
    const std::size_t unknown = graph::unknown_indices_of(features.features[i]);
    std::visit(
        [&](const auto& encoder) {
          batch.features.emplace_back(encode_column(encoder, unknown, column, rows.row_numbers()));
        },
        features.encoders[i]);
  }
  return batch;
}

std::vector<std::size_t> count_unknown(const Features& features, const Batch& batch) {
  std::vector<std::size_t> counts(features.features.size());
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const auto* ids = std::get_if<Ids>(&batch.features[i]);
    if (ids == nullptr) continue;
    const auto is_unknown = [&](std::uint32_t id) { return place_of(features.features[i], id) == 0; };
    for (std::size_t row = 0; row < ids->rows(); ++row) {
      const std::size_t first = ids->offsets.empty() ? row : ids->offsets[row];
      const std::size_t last = ids->offsets.empty() ? row + 1 : ids->offsets[row + 1];
      if (std::ranges::any_of(std::span(ids->ids).subspan(first, last - first), is_unknown)) ++counts[i];
    }
  }
  return counts;
}
}  // namespace podium
