#include "podium/model/graph_json.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string_view>
#include <utility>
#include <variant>

#include "podium/core/error.h"

// Each kind of thing says its name and its fields once; writing and reading both visit them. A kind that a variant
// gains does not compile until it stands here.
namespace podium::model {
namespace {
using namespace graph;

constexpr std::size_t kLargestSize = std::size_t{1}
                                     << 48;  // of rows, dims and units: their products fit in 64 bits' reach
constexpr std::array kActivations = {"linear", "relu", "sigmoid", "tanh", "gelu", "selu", "elu", "leaky_relu", "swish"};
constexpr std::array kCombiners = {"sum", "mean", "sqrtn"};
static_assert(kActivations.size() == static_cast<std::size_t>(Activation::swish) + 1);
static_assert(kCombiners.size() == static_cast<std::size_t>(Combiner::sqrtn) + 1);

// ---- initializers ----
const char* kind_of(const Zeros&) { return "zeros"; }
const char* kind_of(const Constant&) { return "constant"; }
const char* kind_of(const RandomUniform&) { return "random_uniform"; }
const char* kind_of(const RandomNormal&) { return "random_normal"; }
const char* kind_of(const TruncatedNormal&) { return "truncated_normal"; }
const char* kind_of(const GlorotUniform&) { return "glorot_uniform"; }
const char* kind_of(const GlorotNormal&) { return "glorot_normal"; }
const char* kind_of(const HeUniform&) { return "he_uniform"; }
const char* kind_of(const HeNormal&) { return "he_normal"; }
const char* kind_of(const LecunUniform&) { return "lecun_uniform"; }
const char* kind_of(const LecunNormal&) { return "lecun_normal"; }
template <class Visit>
void fields(Zeros&, Visit&) {}
template <class Visit>
void fields(Constant& self, Visit& visit) {
  visit("value", self.value);
}
template <class Visit>
void fields(RandomUniform& self, Visit& visit) {
  visit("minval", self.minval);
  visit("maxval", self.maxval);
}
template <class Visit>
void fields(RandomNormal& self, Visit& visit) {
  visit("mean", self.mean);
  visit("stddev", self.stddev);
}
template <class Visit>
void fields(TruncatedNormal& self, Visit& visit) {
  visit("mean", self.mean);
  visit("stddev", self.stddev);
}
template <class Visit>
void fields(GlorotUniform&, Visit&) {}
template <class Visit>
void fields(GlorotNormal&, Visit&) {}
template <class Visit>
void fields(HeUniform&, Visit&) {}
template <class Visit>
void fields(HeNormal&, Visit&) {}
template <class Visit>
void fields(LecunUniform&, Visit&) {}
template <class Visit>
void fields(LecunNormal&, Visit&) {}

// ---- tables and features ----
template <class Visit>
void fields(Table& self, Visit& visit) {
  visit("name", self.name);
  visit("rows", self.rows);
  visit("dim", self.dim);
  visit("initializer", self.initializer);
  visit("l2", self.l2);
}
const char* kind_of(const Text&) { return "text"; }
const char* kind_of(const Integer&) { return "integer"; }
const char* kind_of(const Numeric&) { return "numeric"; }
template <class Visit>
void fields(Text& self, Visit& visit) {
  visit("column", self.column);
  visit.unless(std::size_t{1}, "unknown_indices", self.unknown_indices);
}
template <class Visit>
void fields(Integer& self, Visit& visit) {
  visit("column", self.column);
  visit.unless(std::size_t{1}, "unknown_indices", self.unknown_indices);
}
template <class Visit>
void fields(Numeric& self, Visit& visit) {
  visit("column", self.column);
}

// ---- nodes ----
const char* kind_of(const Lookup&) { return "lookup"; }
const char* kind_of(const Input&) { return "input"; }
const char* kind_of(const Concat&) { return "concat"; }
const char* kind_of(const Dense&) { return "dense"; }
const char* kind_of(const Dot&) { return "dot"; }
const char* kind_of(const Add&) { return "add"; }
const char* kind_of(const Bias&) { return "bias"; }
const char* kind_of(const Dropout&) { return "dropout"; }
template <class Visit>
void fields(Lookup& self, Visit& visit) {
  visit("table", self.table);
  visit("feature", self.feature);
  visit("combiner", self.combiner);
}
template <class Visit>
void fields(Input& self, Visit& visit) {
  visit("feature", self.feature);
}
template <class Visit>
void fields(Concat& self, Visit& visit) {
  visit("inputs", self.inputs);
}
template <class Visit>
void fields(Dense& self, Visit& visit) {
  visit("input", self.input);
  visit("units", self.units);
  visit("activation", self.activation);
  visit("name", self.name);
  visit("kernel", self.kernel);
  visit("bias", self.bias);
  visit("l2", self.l2);
  visit("use_bias", self.use_bias);
}
template <class Visit>
void fields(Dot& self, Visit& visit) {
  visit("left", self.left);
  visit("right", self.right);
}
template <class Visit>
void fields(Add& self, Visit& visit) {
  visit("inputs", self.inputs);
}
template <class Visit>
void fields(Bias& self, Visit& visit) {
  visit("input", self.input);
  visit("name", self.name);
  visit("initializer", self.initializer);
}
template <class Visit>
void fields(Dropout& self, Visit& visit) {
  visit("input", self.input);
  visit("rate", self.rate);
}

template <class Visit>
void fields(Output& self, Visit& visit) {
  visit("name", self.name);
  visit("value", self.value);
}
template <class Visit>
void fields(Graph& self, Visit& visit) {
  visit("tables", self.tables);
  visit("features", self.features);
  visit("nodes", self.nodes);
  visit("outputs", self.outputs);
}

// ---- writing ----
Json written(const std::string& value) { return value; }
Json written(const std::size_t& value) { return value; }
Json written(const std::uint32_t& value) { return value; }
Json written(const bool& value) { return value; }
Json written(const Activation& value) { return kActivations[static_cast<std::size_t>(value)]; }
Json written(const Combiner& value) { return kCombiners[static_cast<std::size_t>(value)]; }
/// 0.1F is written as 0.1, not as the double next to it, wherever that reads back as the same float.
Json written(const float& value) {
  if (!std::isfinite(value)) throw Error("graph: a number is not finite, so the model can't be saved");
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  double shortest = 0.0;
  std::from_chars(text.data(), end, shortest);
  return static_cast<float>(shortest) == value ? shortest : static_cast<double>(value);
}
template <class... Kinds>
Json written(const std::variant<Kinds...>& value);
template <class T>
Json written(const std::vector<T>& values);

struct Writer {
  template <class T>
  void operator()(const char* name, const T& value) {
    json[name] = written(value);
  }
  /// A field that came later: left out where it says what a reader takes for granted, so that an older one reads on.
  template <class T>
  void unless(const T& usual, const char* name, const T& value) {
    if (value != usual) (*this)(name, value);
  }
  Json json = Json::object();
};

template <class T>
Json written(const T& value) {
  T copy = value;  // `fields` serves the reader too, which changes what it visits
  Writer writer;
  fields(copy, writer);
  return std::move(writer.json);
}
template <class... Kinds>
Json written(const std::variant<Kinds...>& value) {
  return std::visit(
      [](const auto& held) {
        auto copy = held;
        Writer writer;
        writer.json["kind"] = kind_of(held);
        fields(copy, writer);
        return std::move(writer.json);
      },
      value);
}
template <class T>
Json written(const std::vector<T>& values) {
  Json json = Json::array();
  for (const T& value : values) json.push_back(written(value));
  return json;
}

// ---- reading ----
[[noreturn]] void fail(const std::string& where, std::string_view what) {
  throw Error(where + " " + std::string(what) + "; the file is damaged or of another program");
}

void read(const Json& json, std::string& value, const std::string& where) {
  if (!json.is_string()) fail(where, "is not text");
  value = json.get_ref<const std::string&>();
}
std::uint64_t whole_number(const Json& json, std::uint64_t limit, const std::string& where) {
  if (!json.is_number_unsigned() || json.get<std::uint64_t>() > limit) fail(where, "is not a whole number in range");
  return json.get<std::uint64_t>();
}
void read(const Json& json, std::size_t& value, const std::string& where) {
  value = whole_number(json, kLargestSize, where);
}
void read(const Json& json, std::uint32_t& value, const std::string& where) {
  value = static_cast<std::uint32_t>(whole_number(json, std::numeric_limits<std::uint32_t>::max(), where));
}
void read(const Json& json, bool& value, const std::string& where) {
  if (!json.is_boolean()) fail(where, "is not true or false");
  value = json.get<bool>();
}
void read(const Json& json, float& value, const std::string& where) {
  if (!json.is_number()) fail(where, "is not a number");
  const double wide = json.get<double>();
  if (!(std::fabs(wide) <= static_cast<double>(std::numeric_limits<float>::max()))) fail(where, "is out of range");
  value = static_cast<float>(wide);
}
template <class Enum, class Names>
void read_name(const Json& json, Enum& value, const Names& names, const std::string& where) {
  std::string name;
  read(json, name, where);
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (name == names[i]) {
      value = static_cast<Enum>(i);
      return;
    }
  }
  fail(where, "has the unknown value \"" + name + "\"");
}
void read(const Json& json, Activation& value, const std::string& where) {
  read_name(json, value, kActivations, where);
}
void read(const Json& json, Combiner& value, const std::string& where) { read_name(json, value, kCombiners, where); }
template <class... Kinds>
void read(const Json& json, std::variant<Kinds...>& value, const std::string& where);
template <class T>
void read(const Json& json, std::vector<T>& values, const std::string& where);

struct Reader {
  template <class T>
  void operator()(const char* name, T& value);
  template <class T>
  void unless(const T&, const char* name, T& value) {
    (*this)(name, value);
  }
  const Json& json;
  const std::string& where;
  std::size_t found = 0;  // fields of the object that were asked for
};

/// All fields of `value` out of an object that has nothing else but `others` keys, already looked at.
template <class T>
void read_fields(const Json& json, T& value, std::size_t others, const std::string& where) {
  Reader reader{json, where};
  fields(value, reader);
  if (reader.found + others != json.size()) fail(where, "has a field that this Podium does not know");
}
template <class T>
void read(const Json& json, T& value, const std::string& where) {
  if (!json.is_object()) fail(where, "is not an object");
  read_fields(json, value, 0, where);
}
template <class Kind, class... Kinds>
bool read_if(std::string_view kind, const Json& json, std::variant<Kinds...>& value, const std::string& where) {
  Kind made{};
  if (kind != kind_of(made)) return false;
  read_fields(json, made, 1, where);
  value = std::move(made);
  return true;
}
template <class... Kinds>
void read(const Json& json, std::variant<Kinds...>& value, const std::string& where) {
  if (!json.is_object() || !json.contains("kind")) fail(where, "is not an object with a kind");
  std::string kind;
  read(json.at("kind"), kind, where + ".kind");
  if (!(read_if<Kinds>(kind, json, value, where) || ...)) fail(where, "has the unknown kind \"" + kind + "\"");
}
template <class T>
void read(const Json& json, std::vector<T>& values, const std::string& where) {
  if (!json.is_array()) fail(where, "is not a list");
  for (std::size_t i = 0; i < json.size(); ++i) {
    values.emplace_back();
    read(json[i], values.back(), where + "[" + std::to_string(i) + "]");
  }
}
template <class T>
void Reader::operator()(const char* name, T& value) {
  const auto at = json.find(name);
  if (at == json.end()) return;  // a field added later: its default
  ++found;
  read(*at, value, where + "." + name);
}
}  // namespace

std::string_view name_of(Activation activation) { return kActivations[static_cast<std::size_t>(activation)]; }
std::string_view name_of(Combiner combiner) { return kCombiners[static_cast<std::size_t>(combiner)]; }
Json graph_to_json(const Graph& graph) { return written(graph); }

Graph graph_from_json(const Json& json, const std::string& where) {
  Graph graph;
  read(json, graph, where);
  return graph;
}
}  // namespace podium::model
