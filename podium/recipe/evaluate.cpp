#include <algorithm>

#include "podium/classics/baselines.h"
#include "podium/core/error.h"
#include "podium/model/load.h"
#include "podium/recipe/prepare.h"
#include "podium/recipe/run.h"

namespace podium {
namespace {
/// Throws if a recorded source is not what was read now.
void verify(const std::vector<Source>& recorded, const std::vector<Source>& read) {
  if (recorded.size() != read.size()) {
    throw Error("the model was trained on " + std::to_string(recorded.size()) + " files and there are " +
                std::to_string(read.size()) + " now; name the rows to evaluate with --data");
  }
  for (std::size_t i = 0; i < recorded.size(); ++i) {
    if (recorded[i].path != read[i].path || recorded[i].checksum != read[i].checksum) {
      throw Error(read[i].path + ": has changed since the model was trained (checksum " + recorded[i].checksum +
                  " then, " + read[i].checksum + " now); name the rows to evaluate with --data");
    }
  }
}

EvaluationOptions evaluation_options(const Recipe& recipe, std::size_t threads) {
  EvaluationOptions options;
  options.metrics = recipe::build_task(recipe).metrics;
  options.threads = threads;
  return options;
}

Evaluation evaluate_recorded(const Recipe& recipe, const LoadedModel& loaded, const EvaluateOptions& options,
                             Watcher& watcher, std::vector<std::string>& files) {
  watcher.part("read");
  recipe::RecipeData data = recipe::read_data(recipe);
  verify(loaded.record.sources, data.sources);
  for (const auto& source : data.sources) files.push_back(source.path);
  data.train.insert(data.train.end(), data.validation.begin(), data.validation.end());

  watcher.part("encode");
  const Features& features = loaded.model.features();
  const TableView train_rows = data.train_rows();
  const auto user = recipe::id_feature(features, recipe.data.user, train_rows);
  const auto item = recipe::id_feature(features, recipe.data.item, train_rows);
  const auto train = recipe::encode_rows(recipe, features, user, item, train_rows);
  const auto test = recipe::encode_rows(recipe, features, user, item, data.test_rows());
  std::vector<classics::Baseline> baselines;
  if (options.baselines) {
    watcher.part("baselines");
    baselines = classics::rating_baselines({.users = train.ids.users,
                                            .items = train.ids.items,
                                            .labels = train.labels,
                                            .user_rows = user.rows,
                                            .item_rows = item.rows},
                                           {.users = test.ids.users, .items = test.ids.items},
                                           {.seed = recipe.train.seed, .threads = options.threads});
  }
  watcher.part("evaluate");
  const auto users = count_ids(train.ids.users, user.rows), items = count_ids(train.ids.items, item.rows);
  return evaluate_ratings({.users = test.ids.users,
                           .items = test.ids.items,
                           .labels = test.labels,
                           .train_rows_of_user = users,
                           .train_rows_of_item = items},
                          loaded.model.predict(test.batch), baselines, evaluation_options(recipe, options.threads));
}

Evaluation evaluate_files(const Recipe& recipe, const LoadedModel& loaded, const EvaluateOptions& options,
                          Watcher& watcher) {
  watcher.part("read");
  const Table table = recipe::read_columns(recipe, options.data, /*with_label=*/true);
  watcher.part("evaluate");
  const TableView rows(table);
  const Features& features = loaded.model.features();
  const auto user = recipe::id_feature(features, recipe.data.user, rows);
  const auto item = recipe::id_feature(features, recipe.data.item, rows);
  const auto test = recipe::encode_rows(recipe, features, user, item, rows);
  return evaluate_ratings({.users = test.ids.users, .items = test.ids.items, .labels = test.labels},
                          loaded.model.predict(test.batch), {}, evaluation_options(recipe, options.threads));
}
}  // namespace

ModelEvaluation evaluate_model(const std::string& path, const EvaluateOptions& options, Watcher& watcher) {
  const LoadedModel loaded = load_all(path);
  if (loaded.record.recipe.empty()) {
    throw Error(loaded.directory +
                ": was saved without a recipe, so its columns' parts are not known; evaluate it with the "
                "library's Trainer");
  }
  const Recipe recipe = recipe_from_json(loaded.record.recipe, loaded.directory + "/model.json");
  ModelEvaluation result{
      .model = loaded.directory, .files = options.data, .evaluation = {}, .is_recorded = options.data.empty()};
  result.evaluation = options.data.empty() ? evaluate_recorded(recipe, loaded, options, watcher, result.files)
                                           : evaluate_files(recipe, loaded, options, watcher);
  return result;
}
}  // namespace podium
