#include <algorithm>

#include "podium/core/error.h"
#include "podium/model/load.h"
#include "podium/recipe/from.h"
#include "podium/recipe/measure.h"
#include "podium/recipe/prepare.h"
#include "podium/recipe/run.h"

namespace podium {
namespace {
/// Throws if a recorded source of rows is not what was read now.
void verify(std::vector<Source> recorded, const std::vector<Source>& read) {
  std::erase_if(recorded, [](const Source& source) { return source.role == recipe::kFromRole; });
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

Evaluation evaluate_recorded(const Recipe& recipe, const LoadedModel& loaded, const EvaluateOptions& options,
                             Watcher& watcher, std::vector<std::string>& files) {
  watcher.part("read");
  const recipe::RecipeData data = recipe::read_data(recipe);
  verify(loaded.record.sources, data.sources);
  for (const auto& source : data.sources) files.push_back(source.path);

  watcher.part("encode");
  const Features& features = loaded.model.features();
  // As training did: a column that is no feature is numbered by the train rows alone, without the validation rows.
  const auto user = recipe::id_feature(features, recipe.data.user, data.train_rows());
  const auto item = recipe::id_feature(features, recipe.data.item, data.train_rows());
  const auto encoded = [&](const TableView& rows) { return recipe::encode_rows(recipe, features, user, item, rows); };
  const auto test = encoded(data.test_rows());
  const recipe::Measured on{.user = user,
                            .item = item,
                            .rows = recipe::trained_on(encoded(data.train_rows()), encoded(data.validation_rows())),
                            .test = test,
                            .baselines = options.baselines,
                            .threads = options.threads};
  RunSeconds seconds;
  return recipe::measure(recipe, loaded.model, on, seconds, watcher);
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
  EvaluationOptions how;
  how.metrics = recipe::build_task(recipe).metrics;
  how.threads = options.threads;
  return evaluate_ratings({.users = test.ids.users, .items = test.ids.items, .labels = test.labels},
                          loaded.model.predict(test.batch, options.threads), {}, how);
}
}  // namespace

ModelEvaluation evaluate_model(const std::string& path, const EvaluateOptions& options, Watcher& watcher) {
  const LoadedModel loaded = load_all(path);
  if (loaded.record.recipe.empty()) {
    throw Error(loaded.directory +
                ": was saved without a recipe, so its columns' parts are not known; evaluate it with the "
                "library's Trainer");
  }
  const Recipe recipe =
      recipe::with_features_of(recipe_from_json(loaded.record.recipe, loaded.directory + "/model.json"), loaded);
  ModelEvaluation result{
      .model = loaded.directory, .files = options.data, .evaluation = {}, .is_recorded = options.data.empty()};
  result.evaluation = options.data.empty() ? evaluate_recorded(recipe, loaded, options, watcher, result.files)
                                           : evaluate_files(recipe, loaded, options, watcher);
  return result;
}
}  // namespace podium
