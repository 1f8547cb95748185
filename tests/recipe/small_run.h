#pragma once
#include <string>
#include <vector>

#include "podium/data/synthetic.h"
#include "podium/data/write_csv.h"
#include "podium/recipe/run.h"
#include "tests/support/temporary_directory.h"

namespace podium::tests {
/// A folder with ratings.csv, whose recipes train in moments. Columns: user_id, item_id, movie_title, user_rating,
/// timestamp.
class SmallRun {
 public:
  explicit SmallRun(const SyntheticOptions& ratings = {.users = 50, .items = 30, .rows = 900, .seed = 3}) {
    write("ratings.csv", ratings);
  }
  void write(const std::string& name, const SyntheticOptions& ratings) {
    const Table table = synthetic_ratings(ratings);
    write_csv(TableView(table), folder_ / name);
  }

  Recipe recipe(const std::vector<std::string>& overrides = {}) const { return recipe_of(kLayers, overrides); }
  /// With other [features] and another [model].
  Recipe recipe_of(const std::string& layers, const std::vector<std::string>& overrides = {}) const {
    return parse_recipe(kData + layers + kTask, "r.toml", folder_.path(), overrides);
  }
  /// Trains without a report; the model's name is `name`.
  RunResult train(const std::string& name, const std::vector<std::string>& overrides = {}, bool resumes = false) {
    return train_recipe(recipe(overrides), name, resumes);
  }
  RunResult train_recipe(const Recipe& recipe, const std::string& name, bool resumes = false) {
    const RunOptions options{.out = out(), .name = name, .resumes = resumes, .baselines = false, .report = false};
    return run(recipe, options, watcher);
  }
  std::string out() const { return folder_ / "models"; }
  std::string operator/(const std::string& name) const { return folder_ / name; }

  struct Notes : Watcher {
    void note(const std::string& text) override { texts.push_back(text); }
    bool wants_to_stop() override { return steps_to_stop > 0 && --steps_to_stop == 0; }
    std::vector<std::string> texts = {};
    std::size_t steps_to_stop = 0;  // 0: never
  } watcher = {};

 private:
  inline static const std::string kData = R"([data]
path = "ratings.csv"
user = "user_id"
item = "movie_title"
)";
  static constexpr const char* kLayers = R"([features.user_id]
dim = 4
[features.movie_title]
dim = 4
[model]
hidden = [8]
)";
  static constexpr const char* kTask = R"([task]
label = "user_rating"
[train]
batch_size = 100
epochs = 2
seed = 7
threads = 1
)";
  TemporaryDirectory folder_;
};
}  // namespace podium::tests
