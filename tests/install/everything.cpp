// Every room: a file is read (so Arrow is there), a model trained, saved and loaded again.
#include <podium/podium.h>

#include <fstream>
#include <iostream>
#include <string>
#include <vector>

int main(int count, char** arguments) {
  using namespace podium;
  if (count != 2) return 2;
  const std::string folder = arguments[1];
  {
    std::ofstream file(folder + "/ratings.csv");
    file << "user,item,rating\n";
    for (int row = 0; row < 60; ++row) file << row % 7 << ',' << row % 5 << ',' << 1 + row % 3 << '\n';
  }
  const Table ratings = read_table(folder + "/ratings.csv", {"user", "item", "rating"});
  const auto [train, test] = split(ratings, RandomSplit{.test = 0.2, .seed = 42});
  GraphBuilder graph;
  const auto user = graph.embed("user", 4), item = graph.embed("item", 4);
  graph.output("rating", graph.dense(graph.dense(graph.concat({user, item}), 8, relu), 1));
  Model model(graph, fit_features(graph.graph(), ratings), {.seed = 42, .user = "user", .item = "item"});
  Trainer trainer(model, Ranking{.label = "rating", .loss = mean_squared_error}, Adagrad{.learning_rate = 0.1});
  trainer.fit(train, {.epochs = 1, .batch_size = 16});
  std::cout << trainer.evaluate(test, {rmse, mae}) << '\n';
  save(model, folder + "/model");
  return load(folder + "/model").predict(test) == model.predict(test) ? 0 : 1;
}
