#pragma once
// A small model of every kind of node, activation and feature, with weights that every machine writes alike.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "podium/core/error.h"
#include "podium/model/load.h"
#include "tests/model/small_model.h"

namespace podium::interop::tests {
using podium::tests::strings;

struct Kind {
  std::string name;
  Model model;
};

/// What the vocabularies are fitted on.
inline Table known_rows() {
  return Table({{"user", strings({"7", "42", "7", "9", "-1"}), {}},
                {"title", strings({"Speed (1994)", "Amélie (2001)", "七人の侍", "Up", "M*A*S*H, \"the\" (1970)"}), {}},
                {"year", std::vector<std::int64_t>{1994, 2001, -1970, 2009, 0}, {}},
                {"price", std::vector<double>{0.5, 1.5, 2.5, -3.0, 0.0}, {}}});
}

/// What is scored: values of all columns that the vocabularies lack among them.
inline Table scored_rows() {
  return Table({{"user", strings({"7", "42", "007", "9", "-1", "nobody", ""}), {}},
                {"title", strings({"Amélie (2001)", "七人の侍", "Amelie (2001)", "Up", "", "Speed (1994)", "up"}), {}},
                {"year", std::vector<std::int64_t>{1994, 7, -1970, 2009, 0, 2001, -1}, {}},
                {"price", std::vector<double>{0.25, -1.5, 100.0, 1e-3, 0.0, 3.0, -2.0}, {}}});
}

/// Sixteenths and their like: exact in float32, and no two near each other in one tensor's first hundred.
inline void set_weights(Model& model) {
  std::size_t salt = 0;
  for (auto& tensor : model.weights().tensors) {
    ++salt;
    for (std::size_t i = 0; i < tensor.values.size(); ++i) {
      tensor.values[i] = (static_cast<float>((i * 37 + salt * 11) % 101) - 50.0F) / 32.0F;
    }
  }
}

inline Kind kind(const std::string& name, const GraphBuilder& builder) {
  const Table table = known_rows();
  Kind made{name, Model(builder, fit_features(builder.graph(), table), {.seed = 1, .user = "user", .item = "title"})};
  set_weights(made.model);
  return made;
}

/// builder.output of whatever `build` makes of a user's vector, a title's vector and a builder.
template <class Build>
Kind kind_of(const std::string& name, const Build& build) {
  GraphBuilder builder;
  const auto user = builder.embed("user", 3), title = builder.embed("title", 3);
  builder.output("y", build(builder, user, title));
  return kind(name, builder);
}

inline std::vector<Kind> kinds() {
  using graph::Activation;
  std::vector<Kind> all;
  const auto add = [&all](const std::string& name, const auto& build) { all.push_back(kind_of(name, build)); };
  for (const auto& [name, activation] :
       std::vector<std::pair<std::string, Activation>>{{"linear", Activation::linear},
                                                       {"relu", Activation::relu},
                                                       {"sigmoid", Activation::sigmoid},
                                                       {"tanh", Activation::tanh},
                                                       {"gelu", Activation::gelu},
                                                       {"selu", Activation::selu},
                                                       {"elu", Activation::elu},
                                                       {"leaky_relu", Activation::leaky_relu},
                                                       {"swish", Activation::swish}}) {
    add("dense_" + name, [kind_of_activation = activation](GraphBuilder& g, auto user, auto title) {
      return g.dense(g.dense(g.concat({user, title}), 5, kind_of_activation), 1);
    });
  }
  add("dense_without_bias", [](GraphBuilder& g, auto user, auto title) {
    return g.dense({.input = g.concat({user, title}), .units = 1, .name = "", .use_bias = false});
  });
  add("dot", [](GraphBuilder& g, auto user, auto title) { return g.dot(user, title); });
  add("add", [](GraphBuilder& g, auto user, auto title) { return g.dot(g.add({user, title, user}), title); });
  add("bias", [](GraphBuilder& g, auto user, auto title) { return g.bias(g.dot(g.bias(user), title)); });
  add("dropout", [](GraphBuilder& g, auto user, auto title) {
    return g.dropout(g.dense(g.dropout(g.concat({user, title}), 0.5F), 1), 0.25F);
  });
  add("numeric", [](GraphBuilder& g, auto user, auto title) {
    return g.dense(g.concat({user, title, g.number("price")}), 1);
  });
  add("integer", [](GraphBuilder& g, auto user, auto title) {
    const auto year = g.embed(graph::Integer{"year"}, {.name = "year", .dim = 3});
    return g.add({g.dot(user, title), g.dot(year, title)});
  });
  add("integer_and_number_of_one_column", [](GraphBuilder& g, auto user, auto title) {
    const auto year = g.embed(graph::Integer{"year"}, {.name = "year", .dim = 3});
    return g.dense(g.concat({user, title, year, g.number("year")}), 1);
  });
  add("text_and_integer_of_one_column", [](GraphBuilder& g, auto user, auto title) {
    const auto as_text = g.embed("year", 3, "year_text");
    const auto as_integer = g.embed(graph::Integer{"year"}, {.name = "year", .dim = 3});
    return g.add({g.dot(user, title), g.dot(as_text, title), g.dot(as_integer, user)});
  });
  add("text_and_number_of_one_column", [](GraphBuilder& g, auto user, auto title) {
    const auto as_text = g.embed("year", 3, "year_text");
    return g.dense(g.concat({user, title, as_text, g.number("year")}), 1);
  });
  add("one_table_of_two_columns", [](GraphBuilder& g, auto user, auto title) {
    return g.add({g.dot(user, title), g.dot(g.embed("year", 3, "title"), title)});
  });
  GraphBuilder nobody;
  nobody.output("y",
                nobody.dot(nobody.embed("user", 3), nobody.embed(graph::Integer{"year"}, {.name = "year", .dim = 3})));
  const Table table = known_rows();
  all.push_back({"empty_vocabularies", Model(nobody, fit_features(nobody.graph(), TableView(table, {})), {})});
  set_weights(all.back().model);
  GraphBuilder several;
  const auto user = several.embed("user", 3), title = several.embed("title", 3);
  const auto score = several.dot(user, title);
  several.output("y", score);
  several.output("query", user);
  several.output("again", score);
  all.push_back(kind("several_outputs", several));
  return all;
}

/// Models with a user and an item alone: text, and whole numbers with a tie between all items.
inline std::vector<Kind> rank_kinds() {
  std::vector<Kind> all;
  all.push_back(kind_of("rank_text", [](GraphBuilder& g, auto user, auto title) {
    return g.dense(g.dense(g.concat({user, title}), 5, graph::Activation::relu), 1);
  }));
  GraphBuilder ties;
  const auto user = ties.embed("user", 3);
  const auto year = ties.embed(graph::Integer{"year"}, {.name = "year", .dim = 3});
  ties.output("y", ties.dot(user, year));
  const Table table = known_rows();
  all.push_back({"rank_ties", Model(ties, fit_features(ties.graph(), table), {.user = "user", .item = "year"})});
  set_weights(all.back().model);
  auto& values = all.back().model.weights().tensors[1].values;
  std::fill(values.begin(), values.end(), 0.5F);
  return all;
}

inline LoadedModel loaded(const Model& model) { return {model, podium::tests::small_record(), "models/small/1"}; }
}  // namespace podium::interop::tests
