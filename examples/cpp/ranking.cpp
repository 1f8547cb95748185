// A ranking model from a table of ratings: read, split, train, measure, save, load, rank.
//   ranking [RATINGS.csv [FOLDER]]
// examples/movielens/ranking.toml is the same as a recipe, and gives the same weights, bit for bit.
#include <podium/podium.h>

#include <exception>
#include <iostream>
#include <string>
#include <vector>

using namespace podium;

int main(int count, char** arguments) try {
  const std::string path = count > 1 ? arguments[1] : "ratings.csv";
  const std::string folder = count > 2 ? arguments[2] : "models/ranking";

  const Table ratings = read_table(path, {"user_id", "movie_title", "user_rating"});
  const auto [train, test] = split(ratings, RandomSplit{.test = 0.2, .seed = 42});

  GraphBuilder graph;
  const auto user = graph.embed("user_id", 32), title = graph.embed("movie_title", 32);
  graph.output("user_rating",
               graph.dense(graph.dense(graph.dense(graph.concat({user, title}), 256, relu), 64, relu), 1));

  Model model(graph, fit_features(graph, ratings), {.seed = 42, .user = "user_id", .item = "movie_title"});
  Trainer trainer(model, Ranking{.label = "user_rating", .loss = mean_squared_error}, Adagrad{.learning_rate = 0.1});
  trainer.fit(train, {.epochs = 3, .batch_size = 8192, .seed = 42, .shuffle = Shuffle::once});
  std::cout << trainer.evaluate(test, {rmse, mae});

  const std::string saved = save(model, folder);
  const Model loaded = load(saved);
  const std::vector<std::string> films = {"M*A*S*H (1970)", "Dances with Wolves (1990)", "Speed (1994)"};
  for (const auto& [film, score] : rank(loaded, "42", films)) std::cout << film << ": " << score << '\n';
  return 0;
} catch (const std::exception& error) {
  std::cerr << "ranking: " << error.what() << '\n';
  return 1;
}
