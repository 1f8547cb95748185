// A loss and a metric of one's own: functions passed in.
//   own_loss [RATINGS.csv]
#include <podium/podium.h>

#include <cmath>
#include <exception>
#include <iostream>
#include <string>

using namespace podium;

// Quantile loss: aims at the rating that is not exceeded in 3 of 4 cases.
const Loss upper_quartile{"upper_quartile", [](auto predictions, auto labels, auto losses, auto gradients) {
                            for (std::size_t i = 0; i < losses.size(); ++i) {
                              const float missing = labels[i] - predictions[i];
                              losses[i] = missing > 0.0F ? 0.75F * missing : -0.25F * missing;
                              gradients[i] = missing > 0.0F ? -0.75F : 0.25F;
                            }
                          }};

// The share of labels at or below their prediction: 0.75 if the loss does what it should.
const Metric covered = metric("covered", [](auto predictions, auto labels) {
  double below = 0.0;
  for (std::size_t i = 0; i < labels.size(); ++i) below += labels[i] <= predictions[i] ? 1.0 : 0.0;
  return below / static_cast<double>(labels.size());
});

int main(int count, char** arguments) try {
  const Table ratings = read_table(count > 1 ? arguments[1] : "ratings.csv", {"user_id", "movie_title", "user_rating"});
  const auto [train, test] = split(ratings, RandomSplit{.test = 0.2, .seed = 42});

  GraphBuilder graph;
  const auto user = graph.embed("user_id", 16), title = graph.embed("movie_title", 16);
  graph.output("user_rating", graph.dense(graph.dense(graph.concat({user, title}), 64, relu), 1));

  Model model(graph, fit_features(graph, ratings), {.user = "user_id", .item = "movie_title"});
  Trainer trainer(model, Ranking{.label = "user_rating", .loss = upper_quartile}, Adagrad{.learning_rate = 0.1});
  trainer.fit(train, {.epochs = 10, .batch_size = 1024});
  std::cout << trainer.evaluate(test, {mae, covered});
  return 0;
} catch (const std::exception& error) {
  std::cerr << "own_loss: " << error.what() << '\n';
  return 1;
}
