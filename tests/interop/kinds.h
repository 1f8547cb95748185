#pragma once
#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "podium/core/error.h"
#include "podium/model/load.h"
#include "tests/model/small_model.h"

/// Small models, one for each kind of node and feature and each activation, that every format is tested with. Their
/// weights are large enough that a wrong formula is seen, and the same on every machine.
namespace podium::tests {
/// Rows of every column that the models read; the vocabularies know only the first four of each.
inline Table rows_of_kinds() {
  return Table({{"user", strings({"7", "42", "7", "9", "nobody", "42", "007", ""}), {}},
                {"title",
                 strings({"Speed (1994)", "Amélie (2001)", "M*A*S*H, \"the\" (1970)", "君の名は。", "", "Up",
                          "Amelie (2001)", "speed (1994)"}),
                 {}},
                {"second title", strings({"Up", "Speed (1994)", "Up", "Amélie (2001)", "Up", "?", "", "up"}), {}},
                {"second_title", strings({"Up", "Up", "c", "Amélie (2001)", "d", "e", "", "C"}), {}},
                {"Käufer", strings({"ä", "ö", "ü", "ß", "", "ä", "ss", "a"}), {}},
                {"class", strings({"A", "B", "C", "D", "E", "A", "a", ""}), {}},
                {"secondZ", strings({"x", "y", "z", "a", "b", "c", "", "X"}), {}},
                {"year", std::vector<std::int64_t>{1994, 2001, -1970, 9007199254740993, 7, 1994, 0, -1}, {}},
                {"price", std::vector<double>{0.5, 1.5, 2.5, -3.0, 0.0, -1.25, 1e-3, 100.0}, {}},
                {"stars", std::vector<double>{5.0, 4.0, -3.0, 2.0, 1.0, 1.0, 0.0, 3.0}, {}}});
}

inline const std::map<std::string, Activation>& activations() {
  using enum Activation;
  static const std::map<std::string, Activation> all = {
      {"linear", linear}, {"relu", relu}, {"sigmoid", sigmoid},       {"tanh", tanh},  {"gelu", gelu},
      {"selu", selu},     {"elu", elu},   {"leaky_relu", leaky_relu}, {"swish", swish}};
  return all;
}

/// Name to what builds the graph.
inline std::map<std::string, std::function<void(GraphBuilder&)>> graphs_of_kinds() {
  using B = GraphBuilder;
  const auto year = [](B& b, std::size_t dim) { return b.embed(graph::Integer{"year"}, {.name = "year", .dim = dim}); };
  std::map<std::string, std::function<void(B&)>> made;
  made["text"] = [](B& b) { b.output("y", b.embed("user", 1)); };
  made["integer"] = [=](B& b) { b.output("y", year(b, 1)); };
  made["numeric"] = [](B& b) { b.output("y", b.number("price")); };  // trains nothing
  made["concat"] = [=](B& b) {
    b.output("y", b.dense(b.concat({b.embed("user", 3), b.number("price"), year(b, 2)}), 1));
  };
  made["concat_of_one"] = [](B& b) { b.output("y", b.dense(b.concat({b.embed("user", 3)}), 1)); };
  for (const auto& [name, activation] : activations()) {
    made["dense_" + name] = [activation = activation](B& b) {
      const auto both = b.concat({b.embed("user", 4), b.embed("title", 4)});
      b.output("y", b.dense(b.dense(both, 5, activation), 1, activation));
    };
  }
  made["dense_without_bias"] = [](B& b) {
    b.output("y",
             b.dense({.input = b.embed("user", 4), .units = 1, .activation = relu, .name = "", .use_bias = false}));
  };
  made["dot"] = [](B& b) { b.output("y", b.dot(b.embed("user", 4), b.embed("title", 4))); };
  made["add"] = [](B& b) { b.output("y", b.add({b.embed("user", 1), b.embed("title", 1), b.number("price")})); };
  made["bias"] = [](B& b) { b.output("y", b.dot(b.bias(b.embed("user", 3)), b.bias(b.embed("title", 3)))); };
  made["dropout"] = [](B& b) { b.output("y", b.dropout(b.dense(b.dropout(b.embed("user", 8), 0.5F), 1), 0.25F)); };
  made["shared_table"] = [](B& b) {
    b.output("y", b.dot(b.embed("title", 3, "title"), b.embed("second_title", 3, "title")));
  };
  made["two_tables_of_a_feature"] = [](B& b) {
    b.output("y", b.add({b.embed("user", 1), b.embed("user", 1, "user again")}));
  };
  made["names"] = [](B& b) {  // that TensorFlow's nodes may not have, or have twice
    b.output("y", b.add({b.embed("second title", 1), b.embed("Käufer", 1), b.embed("second_title", 1),
                         b.embed("secondZ", 1), b.embed("class", 1), b.number("stars")}));
  };
  made["outputs"] = [](B& b) {  // twelve: by their text, output_10 comes before output_2
    const auto hidden = b.dense(b.embed("user", 4), 3, relu);
    for (int i = 0; i < 12; ++i) {
      const auto number = b.bias(b.dense(hidden, 1));
      b.output("y" + std::to_string(i), i == 1 ? hidden : number);
    }
  };
  made["a_value_given_twice"] = [](B& b) {
    const auto score = b.dot(b.embed("user", 3), b.embed("title", 3));
    b.output("y", score);
    b.output("again", score);
  };
  made["empty_vocabularies"] = [=](B& b) { b.output("y", b.dot(b.embed("user", 3), year(b, 3))); };
  made["integer_of_several_unknown_indices"] = [](B& b) {
    const graph::Feature by = graph::Integer{"year", 4};
    b.output("y", b.dense(b.concat({b.embed(by, {.name = "year", .dim = 3}), b.embed("user", 2)}), 1));
  };
  made["text_of_several_unknown_indices"] = [](B& b) {
    const graph::Feature title = graph::Text{"title", 7};
    const auto first = b.embed(title, {.name = "title", .dim = 3});
    b.output("y", b.add({b.dot(first, b.embed("user", 3)), b.embed(title, {.name = "title_bias", .dim = 1})}));
  };
  made["empty_vocabularies_of_several_unknown_indices"] = [](B& b) {  // as Keras' Hashing
    const graph::Feature user = graph::Text{"user", 3}, born = graph::Integer{"year", 2};
    b.output("y", b.dot(b.embed(user, {.name = "user", .dim = 3}), b.embed(born, {.name = "year", .dim = 3})));
  };
  made["everything"] = [=](B& b) {
    const auto u = b.embed("user", 4), t = b.embed("title", 4);
    const auto both = b.dropout(b.concat({u, t, year(b, 2), b.number("price")}), 0.25F);
    b.output("y", b.bias(b.add({b.dense(b.dense(both, 3, relu), 1), b.dot(u, t)})));
  };
  // ---- a column that is read as two types: kinds_of_two_types ----
  made["integer_and_number_of_one_column"] = [=](B& b) {
    b.output("y", b.dense(b.concat({b.embed("user", 3), year(b, 3), b.number("year")}), 1));
  };
  made["text_and_integer_of_one_column"] = [=](B& b) {
    b.output("y", b.dot(b.embed("year", 3, "year_text"), year(b, 3)));
  };
  made["text_and_number_of_one_column"] = [](B& b) {
    b.output("y", b.dense(b.concat({b.embed("year", 3, "year_text"), b.number("year")}), 1));
  };
  return made;
}

/// An input of a SavedModel has one type, so that it can't hold these.
inline const std::set<std::string>& kinds_of_two_types() {
  static const std::set<std::string> names = {"integer_and_number_of_one_column", "text_and_integer_of_one_column",
                                              "text_and_number_of_one_column"};
  return names;
}

inline std::vector<std::string> names_of_kinds() {
  std::vector<std::string> names;
  for (const auto& [name, build] : graphs_of_kinds()) names.push_back(name);
  return names;
}
inline std::vector<std::string> names_of_saved_model_kinds() {
  std::vector<std::string> names = names_of_kinds();
  std::erase_if(names, [](const std::string& name) { return kinds_of_two_types().contains(name); });
  return names;
}
/// 32nds: exact in float32, and no two near each other in one tensor's first hundred.
inline void set_weights(Model& model) {
  std::size_t salt = 0;
  for (auto& tensor : model.weights().tensors) {
    ++salt;
    for (std::size_t i = 0; i < tensor.values.size(); ++i) {
      tensor.values[i] = (static_cast<float>((i * 37 + salt * 11) % 101) - 50.0F) / 32.0F;
    }
  }
}

inline Model model_of_kind(const std::string& name) {
  GraphBuilder builder;
  graphs_of_kinds().at(name)(builder);
  const Table rows = rows_of_kinds();
  std::vector<std::uint32_t> known = {0, 1, 2, 3};
  if (name.starts_with("empty_vocabularies")) known.clear();
  Model made(builder, fit_features(builder.graph(), TableView(rows, known)), {});
  set_weights(made);
  return made;
}

/// Models with a user and an item alone, which can be a graph that ranks.
inline std::vector<std::string> names_of_ranking_kinds() { return {"rank_hashed", "rank_text", "rank_ties"}; }
/// rank_text: items are text. rank_hashed: of both sides several unknown indices. rank_ties: whole numbers, and all
/// tie.
inline Model ranking_model(const std::string& name) {
  const bool ties = name == "rank_ties";
  GraphBuilder builder;
  const bool hashed = name == "rank_hashed";
  const auto user = builder.embed(graph::Text{"user", hashed ? 5U : 1U}, {.name = "user", .dim = 3});
  if (hashed) {
    builder.output("y", builder.dot(user, builder.embed(graph::Text{"title", 2}, {.name = "title", .dim = 3})));
  } else if (ties) {
    builder.output("y", builder.dot(user, builder.embed(graph::Integer{"year"}, {.name = "year", .dim = 3})));
  } else {
    builder.output("y", builder.dense(builder.dense(builder.concat({user, builder.embed("title", 3)}), 5, relu), 1));
  }
  const Table rows = rows_of_kinds();
  const std::vector<std::uint32_t> known = {0, 1, 2, 3};
  Model made(builder, fit_features(builder.graph(), TableView(rows, known)),
             {.user = "user", .item = ties ? "year" : "title"});
  set_weights(made);
  if (ties) std::ranges::fill(made.weights().tensors[1].values, 0.5F);
  return made;
}

inline LoadedModel loaded(Model model, ModelRecord record = {}) {
  return {std::move(model), std::move(record), "models/m/1"};
}
}  // namespace podium::tests
