#include "podium/recipe/measure.h"

#include "podium/classics/baselines.h"

namespace podium::recipe {
TrainedOn trained_on(const EncodedRows& train, const EncodedRows& validation) {
  TrainedOn rows{train.ids.users, train.ids.items, train.labels};
  const auto append = [](auto& to, const auto& from) { to.insert(to.end(), from.begin(), from.end()); };
  append(rows.users, validation.ids.users);
  append(rows.items, validation.ids.items);
  append(rows.labels, validation.labels);
  return rows;
}

Evaluation measure(const Recipe& recipe, const Model& model, const Measured& on, RunSeconds& seconds,
                   Watcher& watcher) {
  const auto& test = on.test;
  std::vector<classics::Baseline> baselines;
  if (on.baselines) {
    watcher.part("baselines");
    const Timed timed(seconds.baselines);
    baselines = classics::rating_baselines({.users = on.rows.users,
                                            .items = on.rows.items,
                                            .labels = on.rows.labels,
                                            .user_rows = on.user.rows,
                                            .item_rows = on.item.rows},
                                           {.users = test.ids.users, .items = test.ids.items},
                                           {.seed = recipe.train.seed, .threads = on.threads});
  }
  watcher.part("evaluate");
  const Timed timed(seconds.evaluate);
  const auto users = count_ids(on.rows.users, on.user.rows), items = count_ids(on.rows.items, on.item.rows);
  EvaluationOptions how;
  how.metrics = build_task(recipe).metrics;
  how.threads = on.threads;
  return evaluate_ratings({.users = test.ids.users,
                           .items = test.ids.items,
                           .labels = test.labels,
                           .train_rows_of_user = users,
                           .train_rows_of_item = items},
                          model.predict(test.batch, on.threads), baselines, how);
}
}  // namespace podium::recipe
