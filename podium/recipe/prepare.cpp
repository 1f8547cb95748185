#include "podium/recipe/prepare.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <numeric>

#include "podium/core/error.h"
#include "podium/core/gemm.h"
#include "podium/core/thread_pool.h"
#include "podium/model/carry_over.h"
#include "podium/nn/memory.h"

namespace podium::recipe {
namespace {
std::uint64_t bytes_of(const Batch& batch) {
  std::uint64_t bytes = 0;
  for (const auto& feature : batch.features) {
    if (const auto* ids = std::get_if<Ids>(&feature)) bytes += 4 * ids->ids.size() + 8 * ids->offsets.size();
    if (const auto* numbers = std::get_if<Numbers>(&feature)) bytes += 4 * numbers->size();
  }
  return bytes;
}

std::uint64_t memory_of(const Recipe& recipe, const graph::Graph& graph, std::size_t batch_rows,
                        std::uint64_t encoded_bytes) {
  constexpr std::uint64_t kProgram = 40U << 20;  // the binary, its libraries and threads
  const auto& train = recipe.train;
  const std::size_t threads = train.threads == 0 ? available_cores() : train.threads;
  const nn::TrainingMemory memory = nn::training_memory(graph, train.optimizer, batch_rows, threads);
  const std::uint64_t best = train.early_stopping.patience > 0 ? memory.weights : 0;  // the best weights so far
  // A checkpoint is written from a copy of all three, the model's directory from one of the last two.
  const bool writes_checkpoints = train.checkpoint_steps > 0 || train.checkpoint_minutes > 0.0;
  const std::uint64_t copies = memory.slots + best + (writes_checkpoints ? memory.weights : 0);
  return kProgram + encoded_bytes + memory.weights + memory.slots + best + copies + memory.step;
}

/// Appends the rows' times if they are whole numbers.
void append_times(const Recipe& recipe, const TableView& rows, std::vector<std::int64_t>& times) {
  if (recipe.data.time.empty()) return;
  const auto* values = std::get_if<std::vector<std::int64_t>>(&rows.table().column(recipe.data.time).values);
  if (values == nullptr) return;
  for (const std::uint32_t row : rows.row_numbers()) times.push_back((*values)[row]);
}

double mean_of(const std::vector<float>& labels) {
  return labels.empty() ? 0.0 : std::accumulate(labels.begin(), labels.end(), 0.0) / static_cast<double>(labels.size());
}
}  // namespace

IdFeature id_feature(const Features& features, const std::string& column, const TableView& train) {
  for (std::size_t i = 0; i < features.features.size(); ++i) {
    const auto& feature = features.features[i];
    if (graph::column_of(feature) != column || std::holds_alternative<graph::Numeric>(feature)) continue;
    return {.features = {{feature}, {}}, .index = i, .is_own = true, .rows = vocabulary_size(features.encoders[i]) + 1};
  }
  graph::Graph alone;
  alone.features = {graph::Text{column}};
  IdFeature made;
  made.features = fit_features(alone, train);
  made.rows = vocabulary_size(made.features.encoders.front()) + 1;
  return made;
}

std::vector<std::uint32_t> ids_of(const IdFeature& feature, const TableView& rows, const Batch& batch) {
  if (!feature.is_own) return std::get<Ids>(encode(feature.features, rows).features.front()).ids;
  std::vector<std::uint32_t> places = std::get<Ids>(batch.features[feature.index]).ids;
  for (std::uint32_t& id : places) id = place_of(feature.features.features.front(), id);
  return places;
}

EncodedRows encode_rows(const Recipe& recipe, const Features& features, const IdFeature& user, const IdFeature& item,
                        const TableView& rows) {
  EncodedRows encoded{.batch = encode(features, rows), .labels = labels_of(rows, recipe.task.label), .ids = {}};
  encoded.ids = {ids_of(user, rows, encoded.batch), ids_of(item, rows, encoded.batch)};
  return encoded;
}

Prepared prepare(const Recipe& recipe, const RecipeData& data, const LoadedModel* from) {
  const TableView train = data.train_rows(), all(data.table);
  Prepared prepared{.builder = build_graph(recipe, mean_of(labels_of(train, recipe.task.label)),
                                           from == nullptr ? nullptr : &from->model.graph())};
  if (from != nullptr) {
    check_same_layers(from->model.graph(), prepared.builder.graph(), "train.from: " + from->directory);
  }
  const Features* known = from == nullptr ? nullptr : &from->model.features();
  prepared.features = build_features(recipe, prepared.builder.graph(), train, all, known);
  prepared.user = id_feature(prepared.features, recipe.data.user, train);
  prepared.item = id_feature(prepared.features, recipe.data.item, train);
  const auto encode_part = [&](const TableView& rows) {
    return encode_rows(recipe, prepared.features, prepared.user, prepared.item, rows);
  };
  prepared.train = encode_part(train);
  prepared.validation = encode_part(data.validation_rows());
  prepared.test = encode_part(data.test_rows());

  append_times(recipe, train, prepared.times);
  append_times(recipe, data.validation_rows(), prepared.times);

  graph::Graph graph = prepared.builder.graph();
  size_tables(graph, prepared.features);
  RunPlan& plan = prepared.plan;
  plan.train_rows = data.train.size();
  plan.validation_rows = data.validation.size();
  plan.test_rows = data.test.size();
  plan.shared_rows = data.shared_rows;
  const auto unknown = count_unknown(prepared.features, prepared.test.batch);
  std::vector<std::size_t> new_values(unknown.size());
  if (from != nullptr) {
    plan.from = from->directory;
    new_values = count_new_values(from->model.features(), prepared.features);
  }
  for (std::size_t i = 0; i < prepared.features.features.size(); ++i) {
    const auto& feature = prepared.features.features[i];
    plan.features.push_back({graph::column_of(feature), std::get<std::string>(write_field(type_of(feature)).held),
                             vocabulary_size(prepared.features.encoders[i]), unknown[i], new_values[i]});
  }
  plan.parameters = graph::parameter_count(graph);
  const std::size_t batch_size = std::min(recipe.train.batch_size, std::max<std::size_t>(plan.train_rows, 1));
  plan.steps_per_epoch = (plan.train_rows + batch_size - 1) / batch_size;
  plan.memory_bytes =
      memory_of(recipe, graph, batch_size,
                bytes_of(prepared.train.batch) + bytes_of(prepared.validation.batch) + bytes_of(prepared.test.batch));
  plan.kernel = gemm_kernel(build_model_options(recipe).kernel).name();
  return prepared;
}

std::string first_user(const Prepared& prepared) {
  const auto& users = prepared.test.ids.users;
  const auto known = std::ranges::find_if(users, [](std::uint32_t user) { return user != 0; });
  if (known == users.end()) return "";
  const auto& features = prepared.user.is_own ? prepared.features : prepared.user.features;
  const Encoder& encoder = features.encoders[prepared.user.is_own ? prepared.user.index : 0];
  if (const auto* text = std::get_if<StringVocabulary>(&encoder)) return std::string(text->value(*known));
  return std::to_string(std::get<IntegerVocabulary>(encoder).value(*known));
}

void check_memory(const RunPlan& plan) {
  const auto pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
  const std::uint64_t machine = static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page);
  if (pages > 0 && plan.memory_bytes > machine) {
    throw Error("the training needs about " + bytes_text(plan.memory_bytes) + " of memory and this machine has " +
                bytes_text(machine) + "; make the features' dim or the model's hidden layers smaller");
  }
}

std::string bytes_text(std::uint64_t bytes) {
  constexpr std::array kUnits = {"bytes", "kB", "MB", "GB", "TB", "PB", "EB"};
  auto number = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; number >= 1000.0 && unit + 1 < kUnits.size(); ++unit) number /= 1000.0;
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), number < 10.0 && unit > 0 ? "%.1f %s" : "%.0f %s", number, kUnits[unit]);
  return text.data();
}
}  // namespace podium::recipe
