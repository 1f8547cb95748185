#include "podium/model/carry_over.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <limits>
#include <numeric>
#include <optional>
#include <span>
#include <type_traits>

#include "podium/core/error.h"
#include "podium/model/graph_json.h"

namespace podium {
namespace {
constexpr std::uint32_t kNew = std::numeric_limits<std::uint32_t>::max();

std::string text_of(const graph::Feature& feature) {
  struct Visitor {
    std::string operator()(const graph::Text& text) const { return "text \"" + text.column + "\""; }
    std::string operator()(const graph::Integer& integer) const { return "integer \"" + integer.column + "\""; }
    std::string operator()(const graph::Numeric& numeric) const { return "number \"" + numeric.column + "\""; }
  };
  const std::size_t unknown = graph::unknown_indices_of(feature);
  const std::string more = unknown > 1 ? " with " + std::to_string(unknown) + " unknown_indices" : "";
  return std::visit(Visitor{}, feature) + more;
}

/// A graph's layers in words, one for each node but Dropout, which changes no meaning.
class Layers {
 public:
  explicit Layers(const graph::Graph& graph) : graph_(graph) {
    for (const auto& node : graph.nodes) {
      const std::optional<std::string> text = std::visit(*this, node);
      if (text) {
        places_.push_back(texts_.size());
        texts_.push_back(*text);
      }
    }
    texts_.push_back("the output of layer " + place(graph.outputs.front().value));
  }
  const std::vector<std::string>& texts() const { return texts_; }

  std::optional<std::string> operator()(const graph::Lookup& lookup) const {
    const graph::Table& table = graph_.tables[lookup.table];
    return "table \"" + table.name + "\" of dim " + std::to_string(table.dim) + ", looked up by " +
           text_of(graph_.features[lookup.feature]) + ", by " + std::string(model::name_of(lookup.combiner));
  }
  std::optional<std::string> operator()(const graph::Input& input) const {
    return text_of(graph_.features[input.feature]);
  }
  std::optional<std::string> operator()(const graph::Concat& concat) const {
    return "layers " + places(concat.inputs) + " side by side";
  }
  std::optional<std::string> operator()(const graph::Dense& dense) const {
    return "\"" + dense.name + "\" of " + std::to_string(dense.units) + " units, " +
           std::string(model::name_of(dense.activation)) + (dense.use_bias ? "" : ", without bias") + ", after layer " +
           place(dense.input);
  }
  std::optional<std::string> operator()(const graph::Dot& dot) const {
    return "the inner product of layers " + places({dot.left, dot.right});
  }
  std::optional<std::string> operator()(const graph::Add& add) const {
    return "the sum of layers " + places(add.inputs);
  }
  std::optional<std::string> operator()(const graph::Bias& bias) const {
    return "\"" + bias.name + "\", a bias after layer " + place(bias.input);
  }
  std::optional<std::string> operator()(const graph::Dropout& dropout) {
    places_.push_back(places_[dropout.input]);
    return std::nullopt;
  }

 private:
  std::string place(graph::ValueId value) const { return std::to_string(places_[value] + 1); }
  std::string places(const std::vector<graph::ValueId>& values) const {
    std::string text;
    for (const auto value : values) text += (text.empty() ? "" : ", ") + place(value);
    return text;
  }

  const graph::Graph& graph_;
  std::vector<std::size_t> places_;  // [nodes]: in texts_
  std::vector<std::string> texts_;
};

/// For each id of `to` the id of the same value in `from`, kNew if it has none; `unknown` of both are the unknown's.
std::vector<std::uint32_t> old_ids(const Encoder& from, const Encoder& to, std::size_t unknown) {
  std::vector<std::uint32_t> ids(unknown);
  std::iota(ids.begin(), ids.end(), 0U);
  std::visit(
      [&](const auto& vocabulary) {
        using Kind = std::decay_t<decltype(vocabulary)>;
        if constexpr (!std::is_same_v<Kind, NumericEncoder>) {
          const auto& old = std::get<Kind>(from);
          for (std::uint32_t place = 1; place <= vocabulary.size(); ++place) {
            const std::uint32_t found = old.index(vocabulary.value(place));
            ids.push_back(found == 0 ? kNew : found + static_cast<std::uint32_t>(unknown) - 1);
          }
        }
      },
      to);
  return ids;
}

/// A feature that looks a table up; they all have one vocabulary.
graph::FeatureId feature_of_table(const Model& model, const std::string& table) {
  for (const auto& node : model.graph().nodes) {
    const auto* lookup = std::get_if<graph::Lookup>(&node);
    if (lookup != nullptr && model.graph().tables[lookup->table].name == table) return lookup->feature;
  }
  throw Error("model: no feature looks up table \"" + table + "\"");
}

/// Old rows of each tensor of the new model; empty for a dense one, which is copied as it is.
std::vector<std::vector<std::uint32_t>> old_rows(const Model& from, const Model& to) {
  std::vector<std::vector<std::uint32_t>> rows(to.weights().tensors.size());
  for (std::size_t table = 0; table < to.graph().tables.size(); ++table) {
    const std::string& name = to.graph().tables[table].name;
    const graph::FeatureId was = feature_of_table(from, name), is = feature_of_table(to, name);
    rows[table] = old_ids(from.features().encoders[was], to.features().encoders[is],
                          graph::unknown_indices_of(to.graph().features[is]));
  }
  return rows;
}

void copy(std::span<const std::byte> from, const std::vector<std::uint32_t>& rows, std::span<float> to) {
  if (rows.empty()) {
    assert(from.size() == to.size_bytes());
    std::memcpy(to.data(), from.data(), from.size());
    return;
  }
  const std::size_t width = to.size() / rows.size(), bytes = width * sizeof(float);
  for (std::size_t row = 0; row < rows.size(); ++row) {
    if (rows[row] != kNew) std::memcpy(to.data() + row * width, from.data() + rows[row] * bytes, bytes);
  }
}
}  // namespace

void check_same_layers(const graph::Graph& from, const graph::Graph& to, const std::string& what) {
  const Layers was(from), is(to);
  const std::size_t count = std::min(was.texts().size(), is.texts().size());
  for (std::size_t i = 0; i < count; ++i) {
    if (was.texts()[i] == is.texts()[i]) continue;
    throw Error(what + ": is a model of other layers: its layer " + std::to_string(i + 1) + " is " + was.texts()[i] +
                "; here it is " + is.texts()[i]);
  }
  if (was.texts().size() != is.texts().size()) {
    throw Error(what + ": is a model of other layers: it has " + std::to_string(was.texts().size() - 1) +
                "; here there are " + std::to_string(is.texts().size() - 1));
  }
}

const Encoder& encoder_of(const Features& features, const graph::Feature& feature) {
  for (std::size_t i = 0; i < features.features.size(); ++i) {
    if (features.features[i] == feature) return features.encoders[i];
  }
  throw Error("model: no feature reads " + text_of(feature));
}

void carry_weights(const Model& from, Model& to) {
  const auto rows = old_rows(from, to);
  auto& tensors = to.weights().tensors;
  for (std::size_t t = 0; t < tensors.size(); ++t) {
    copy(std::as_bytes(std::span(from.weights().tensor(tensors[t].name).values)), rows[t], tensors[t].values);
  }
}

bool carry_slots(const Model& from, const ModelRecord& record, const Model& to, nn::OptimizerState& state) {
  const auto rows = old_rows(from, to);
  std::vector<const TensorView*> found;
  for (std::size_t t = 0; t < state.slots.size(); ++t) {
    for (const auto& slot : state.slots[t]) {
      auto shape = slot.shape;
      if (!rows[t].empty()) shape.front() = from.weights().tensor(to.weights().tensors[t].name).shape.front();
      const auto view = std::ranges::find(record.resume, slot.name, &TensorView::name);
      if (view == record.resume.end() || view->dtype != Dtype::f32 || view->shape != shape) return false;
      found.push_back(&*view);
    }
  }
  auto next = found.begin();
  for (std::size_t t = 0; t < state.slots.size(); ++t) {
    for (auto& slot : state.slots[t]) copy((*next++)->bytes, rows[t], slot.values);
  }
  return true;
}

std::vector<std::size_t> count_new_values(const Features& from, const Features& to) {
  std::vector<std::size_t> counts;
  for (std::size_t i = 0; i < to.encoders.size(); ++i) {
    const auto& feature = to.features[i];
    const auto old = old_ids(encoder_of(from, feature), to.encoders[i], graph::unknown_indices_of(feature));
    counts.push_back(static_cast<std::size_t>(std::ranges::count(old, kNew)));
  }
  return counts;
}
}  // namespace podium
