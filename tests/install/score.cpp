// Scoring alone, as a service embeds it: no Arrow is linked.
#include <iostream>
#include <utility>
#include <vector>

#include "podium/model/model.h"

int main() {
  using namespace podium;
  const Table likes(
      {Column{"user", std::vector<std::int64_t>{1, 1, 2}, {}}, Column{"item", std::vector<std::int64_t>{7, 8, 8}, {}}});
  GraphBuilder graph;
  const auto user = graph.embed("user", 4), item = graph.embed("item", 4);
  graph.output("score", graph.dense(graph.concat({user, item}), 1));
  const Model model(graph, fit_features(graph.graph(), likes), {.user = "user", .item = "item"});
  const std::vector<float> scores = model.predict(TableView(likes));
  std::cout << scores.size() << " scores\n";
  return scores.size() == likes.rows() ? 0 : 1;
}
