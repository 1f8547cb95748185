// Scoring inside a service: load a model once, resolve strings once, score from many threads without allocation.
//   scorer FOLDER/NAME USER [ITEM ...]
// Needs podium::model alone; no Arrow is linked.
#include <podium/model/load.h>
#include <podium/model/scorer.h>

#include <exception>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

int main(int count, char** arguments) try {
  if (count < 4) {
    std::cerr << "usage: scorer FOLDER/NAME USER ITEM [ITEM ...]\n";
    return 2;
  }
  const podium::Model model = podium::load(arguments[1]);
  const podium::Scorer scorer(model);  // shared by all threads

  const std::uint32_t user = scorer.user(arguments[2]);
  const std::vector<std::string> names(arguments + 3, arguments + count);
  std::vector<std::uint32_t> items;
  for (const std::string& name : names) items.push_back(scorer.item(name));

  std::vector<std::vector<float>> scores(4, std::vector<float>(items.size()));
  std::vector<std::thread> threads;
  for (auto& mine : scores) threads.emplace_back([&] { scorer.score(user, items, mine); });
  for (auto& thread : threads) thread.join();

  for (std::size_t i = 0; i < names.size(); ++i) {
    std::cout << names[i] << ": " << scores[0][i] << (items[i] == 0 ? "  (unknown to the model)" : "") << '\n';
  }
  return scores[0] == scores[3] ? 0 : 1;
} catch (const std::exception& error) {
  std::cerr << "scorer: " << error.what() << '\n';
  return 1;
}
