#pragma once
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "podium/core/error.h"
#include "tests/model/small_model.h"

/// Small models, one for each kind of node and feature and each activation, that every format is tested with. Their
/// weights are large enough that a wrong formula is seen.
namespace podium::tests {
/// Rows of every column that the models read; the vocabularies know only the first four of each.
inline Table rows_of_kinds() {
  return Table({{"user", strings({"7", "42", "7", "9", "nobody", "42"}), {}},
                {"title", strings({"Speed (1994)", "Amélie (2001)", "M*A*S*H (1970)", "君の名は。", "", "Up"}), {}},
                {"second title", strings({"Up", "Speed (1994)", "Up", "Amélie (2001)", "Up", "?"}), {}},
                {"second_title", strings({"Up", "Up", "c", "Amélie (2001)", "d", "e"}), {}},
                {"Käufer", strings({"ä", "ö", "ü", "ß", "", "ä"}), {}},
                {"class", strings({"A", "B", "C", "D", "E", "A"}), {}},
                {"secondZ", strings({"x", "y", "z", "a", "b", "c"}), {}},
                {"year", std::vector<std::int64_t>{1994, 2001, -1970, 9007199254740993, 7, 1994}, {}},
                {"price", std::vector<double>{0.5, 1.5, 2.5, -3.0, 0.0, -1.25}, {}},
                {"stars", std::vector<double>{5.0, 4.0, -3.0, 2.0, 1.0, 1.0}, {}}});
}

inline graph::ValueId wide_embedding(GraphBuilder& builder, const graph::Feature& feature, std::size_t dim,
                                     const std::string& table = "") {
  return builder.embed(feature, {.name = table.empty() ? graph::column_of(feature) : table,
                                 .dim = dim,
                                 .initializer = graph::RandomUniform{-2.0F, 2.0F}});
}
inline graph::ValueId wide_dense(GraphBuilder& builder, graph::ValueId input, std::size_t units,
                                 Activation activation = linear, bool use_bias = true) {
  return builder.dense({.input = input,
                        .units = units,
                        .activation = activation,
                        .name = "",
                        .kernel = graph::RandomNormal{0.0F, 0.7F},
                        .bias = graph::RandomNormal{0.0F, 0.7F},
                        .l2 = 0.0F,
                        .use_bias = use_bias});
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
  const graph::Feature user = graph::Text{"user"}, title = graph::Text{"title"}, year = graph::Integer{"year"};
  std::map<std::string, std::function<void(B&)>> made;
  made["text"] = [=](B& b) { b.output("y", wide_embedding(b, user, 1)); };
  made["integer"] = [=](B& b) { b.output("y", wide_embedding(b, year, 1)); };
  made["numeric"] = [=](B& b) { b.output("y", b.number("price")); };  // trains nothing
  made["concat"] = [=](B& b) {
    b.output("y",
             wide_dense(b, b.concat({wide_embedding(b, user, 3), b.number("price"), wide_embedding(b, year, 2)}), 1));
  };
  made["concat_of_one"] = [=](B& b) { b.output("y", wide_dense(b, b.concat({wide_embedding(b, user, 3)}), 1)); };
  for (const auto& [name, activation] : activations()) {
    made["dense_" + name] = [=, activation = activation](B& b) {
      const auto both = b.concat({wide_embedding(b, user, 4), wide_embedding(b, title, 4)});
      b.output("y", wide_dense(b, wide_dense(b, both, 5, activation), 1, activation));
    };
  }
  made["dense_without_bias"] = [=](B& b) {
    b.output("y", wide_dense(b, wide_embedding(b, user, 4), 1, relu, /*use_bias=*/false));
  };
  made["dot"] = [=](B& b) { b.output("y", b.dot(wide_embedding(b, user, 4), wide_embedding(b, title, 4))); };
  made["add"] = [=](B& b) {
    b.output("y", b.add({wide_embedding(b, user, 1), wide_embedding(b, title, 1), b.number("price")}));
  };
  made["bias"] = [=](B& b) { b.output("y", b.bias(wide_embedding(b, user, 1), graph::Constant{0.75F})); };
  made["dropout"] = [=](B& b) { b.output("y", wide_dense(b, b.dropout(wide_embedding(b, user, 8), 0.5F), 1)); };
  made["shared_table"] = [=](B& b) {
    const auto second = wide_embedding(b, graph::Text{"second_title"}, 3, "title");
    b.output("y", b.dot(wide_embedding(b, title, 3, "title"), second));
  };
  made["two_tables_of_a_feature"] = [=](B& b) {
    b.output("y", b.add({wide_embedding(b, user, 1), wide_embedding(b, user, 1, "user again")}));
  };
  made["names"] = [=](B& b) {  // that TensorFlow's nodes may not have, or have twice
    b.output("y",
             b.add({wide_embedding(b, graph::Text{"second title"}, 1), wide_embedding(b, graph::Text{"Käufer"}, 1),
                    wide_embedding(b, graph::Text{"second_title"}, 1), wide_embedding(b, graph::Text{"secondZ"}, 1),
                    wide_embedding(b, graph::Text{"class"}, 1), b.number("stars")}));
  };
  made["outputs"] = [=](B& b) {  // twelve: by their text, output_10 comes before output_2
    const auto hidden = wide_dense(b, wide_embedding(b, user, 4), 3, relu);
    for (int i = 0; i < 12; ++i) {
      const auto number = b.bias(wide_dense(b, hidden, 1), graph::Constant{static_cast<float>(i)});
      b.output("y" + std::to_string(i), i == 1 ? hidden : number);
    }
  };
  made["everything"] = [=](B& b) {
    const auto u = wide_embedding(b, user, 4), t = wide_embedding(b, title, 4), y = wide_embedding(b, year, 2);
    const auto both = b.dropout(b.concat({u, t, y, b.number("price")}), 0.25F);
    b.output("y", b.bias(b.add({wide_dense(b, wide_dense(b, both, 3, relu), 1), b.dot(u, t)}), graph::Constant{3.0F}));
  };
  return made;
}

inline std::vector<std::string> names_of_kinds() {
  std::vector<std::string> names;
  for (const auto& [name, build] : graphs_of_kinds()) names.push_back(name);
  return names;
}

inline Model model_of_kind(const std::string& name) {
  GraphBuilder builder;
  graphs_of_kinds().at(name)(builder);
  const Table rows = rows_of_kinds();
  const std::vector<std::uint32_t> known = {0, 1, 2, 3};
  return {builder, fit_features(builder.graph(), TableView(rows, known)), {.seed = 7}};
}
}  // namespace podium::tests
