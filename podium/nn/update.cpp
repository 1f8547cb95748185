#include "podium/nn/update.h"

#include <algorithm>
#include <cmath>

#include "podium/nn/lookup.h"

namespace podium::nn {
namespace {
constexpr std::size_t kNumbersPerTask = 4096, kRowsPerTask = 512;
constexpr std::size_t kAhead = 8;  // occurrences

std::size_t rounded_up(std::size_t count) { return (count + 15) / 16 * 16; }  // lanes' tensors begin on cache lines

float clipped(float gradient, float limit) { return limit > 0.0F ? std::clamp(gradient, -limit, limit) : gradient; }
}  // namespace

struct Update::Call {
  const BatchView& batch;
  std::vector<AlignedFloats>& lanes;
  const std::vector<AlignedFloats>& gradients;
  Weights& weights;
  OptimizerState& state;
  Executor& executor;
  StepFactors factors;
  float clipvalue = 0.0F;
  bool measured = false;  // lanes are added up and the clip factors known
};

Update::Update(const graph::Graph& graph, const Executor& executor, const Optimizer& optimizer)
    : graph_(graph),
      plan_(executor.plan()),
      optimizer_(optimizer),
      indexes_(graph.tables.size()),
      ragged_(graph.tables.size()) {
  const auto parameters = graph::parameters(graph);
  offsets_.resize(parameters.size());
  l2_.resize(parameters.size());
  clip_factors_.resize(parameters.size());
  remaining_ = std::make_unique<std::atomic<std::size_t>[]>(parameters.size());
  for (std::size_t tensor = 0; tensor < parameters.size(); ++tensor) {
    if (tensor < graph.tables.size()) {
      l2_[tensor] = graph.tables[tensor].l2;
      auto& lookups = lookups_.emplace_back();
      for (const graph::ValueId id : plan_.lookups[tensor])
        lookups.push_back(&std::get<graph::Lookup>(graph.nodes[id]));
      continue;
    }
    offsets_[tensor] = lane_floats_;
    lane_floats_ += rounded_up(size_of(parameters[tensor].shape));
  }
  for (std::size_t id = 0; id < graph.nodes.size(); ++id) {
    if (const auto* dense = std::get_if<graph::Dense>(&graph.nodes[id])) l2_[plan_.values[id].kernel] = dense->l2;
  }
}

void Update::index(std::size_t table, const BatchView& batch) {
  indexes_[table].build(batch, lookups_[table]);
  ragged_[table] = std::ranges::any_of(lookups_[table], [&](const graph::Lookup* lookup) {
    return !std::get<Ids>(batch.data->features[lookup->feature]).offsets.empty();
  });
}

// Tasks depend on the sizes alone, so that sums over tasks do not depend on the threads.
void Update::make_tasks(const Weights& weights) {
  tasks_.clear();
  const bool all_rows = moves_absent_rows(optimizer_);
  for (std::size_t tensor = 0; tensor < offsets_.size(); ++tensor) {
    const bool is_table = tensor < graph_.tables.size();
    const auto kind = !is_table ? Task::Kind::numbers : all_rows ? Task::Kind::rows : Task::Kind::ids;
    const std::size_t size = !is_table  ? weights.tensors[tensor].values.size()
                             : all_rows ? weights.tensors[tensor].shape[0]
                                        : indexes_[tensor].ids().size();
    const std::size_t part = is_table ? kRowsPerTask : kNumbersPerTask;
    for (std::size_t begin = 0; begin < size; begin += part) {
      tasks_.push_back({kind, tensor, begin, std::min(begin + part, size)});
    }
    remaining_[tensor] = (size + part - 1) / part;
  }
  regularization_.assign(tasks_.size(), 0.0);
  squares_.assign(tasks_.size(), 0.0);
}

double Update::step(ThreadPool& pool, const BatchView& batch, std::vector<AlignedFloats>& lanes,
                    const std::vector<AlignedFloats>& gradients, Weights& weights, OptimizerState& state,
                    Executor& executor) {
  make_tasks(weights);
  std::size_t widest = 1;
  for (const auto& table : graph_.tables) widest = std::max(widest, table.dim);
  scratch_.resize(pool.threads());
  for (auto& scratch : scratch_) scratch.resize(2 * widest);

  const UpdateOptions& options = update_options(optimizer_);
  Call call{batch,
            lanes,
            gradients,
            weights,
            state,
            executor,
            step_factors(optimizer_, state.step),
            static_cast<float>(options.clipvalue)};
  std::ranges::fill(clip_factors_, 1.0F);
  if (options.clipnorm > 0.0 || options.global_clipnorm > 0.0) {
    pool.run(tasks_.size(), [&](std::size_t task, std::size_t) {
      const bool dense = tasks_[task].kind == Task::Kind::numbers;
      if (dense) regularization_[task] = sum_lanes(call, tasks_[task]);
      squares_[task] = squares_of_rows(call, tasks_[task]);
    });
    set_clip_factors();
    call.measured = true;
  }
  pool.run(tasks_.size(), [&](std::size_t task, std::size_t worker) {
    if (tasks_[task].kind == Task::Kind::numbers) {
      apply_numbers(call, tasks_[task], task);
    } else {
      apply_rows(call, tasks_[task], task, worker);
    }
  });
  ++state.step;
  double regularization = 0.0;
  for (const double part : regularization_) regularization += part;
  return regularization;
}

// Adds lanes 1.. to lanes[0] and the l2 term's gradient; returns the l2 term.
double Update::sum_lanes(const Call& call, const Task& task) {
  float* sum = call.lanes[0].data() + offsets_[task.tensor];
  for (std::size_t lane = 1; lane < call.lanes.size(); ++lane) {
    const float* part = call.lanes[lane].data() + offsets_[task.tensor];
    for (std::size_t i = task.begin; i < task.end; ++i) sum[i] += part[i];
  }
  const float l2 = l2_[task.tensor];
  if (l2 == 0.0F) return 0.0;
  const auto& weights = call.weights.tensors[task.tensor].values;
  double squares = 0.0;
  for (std::size_t i = task.begin; i < task.end; ++i) {
    squares += double{weights[i]} * weights[i];
    sum[i] += 2.0F * l2 * weights[i];
  }
  return l2 * squares;
}

// Sum of squares of a task's gradients, before duplicates are summed, as Keras' norms have it.
double Update::squares_of_rows(const Call& call, const Task& task) {
  double sum = 0.0;
  if (task.kind == Task::Kind::numbers) {
    const float* gradient = call.lanes[0].data() + offsets_[task.tensor];
    for (std::size_t i = task.begin; i < task.end; ++i) sum += double{gradient[i]} * gradient[i];
    return sum;
  }
  AlignedFloats gradient(graph_.tables[task.tensor].dim), squares(gradient.size());
  const auto [begin, end] = ids_of(task);
  for (std::size_t index = begin; index < end; ++index) {
    gather(call, task.tensor, index, gradient.data(), squares.data());
    for (const float square : squares) sum += square;
  }
  return sum;
}

void Update::set_clip_factors() {
  std::vector<double> sums(clip_factors_.size(), 0.0);
  double all = 0.0;
  for (std::size_t task = 0; task < tasks_.size(); ++task) {
    sums[tasks_[task].tensor] += squares_[task];
    all += squares_[task];
  }
  const UpdateOptions& options = update_options(optimizer_);
  const bool global = options.global_clipnorm > 0.0;
  const double limit = global ? options.global_clipnorm : options.clipnorm;
  for (std::size_t tensor = 0; tensor < sums.size(); ++tensor) {
    clip_factors_[tensor] = static_cast<float>(limit / std::max(std::sqrt(global ? all : sums[tensor]), limit));
  }
}

void Update::apply_numbers(const Call& call, const Task& task, std::size_t index) {
  if (!call.measured) regularization_[index] = sum_lanes(call, task);
  float* gradient = call.lanes[0].data() + offsets_[task.tensor];
  if (call.clipvalue > 0.0F || clip_factors_[task.tensor] != 1.0F) {
    for (std::size_t i = task.begin; i < task.end; ++i) {
      gradient[i] = clipped(gradient[i], call.clipvalue) * clip_factors_[task.tensor];
    }
  }
  std::array<float*, 3> slots = {};
  auto& kept = call.state.slots[task.tensor];
  for (std::size_t s = 0; s < kept.size(); ++s) slots[s] = kept[s].values.data() + task.begin;
  apply(optimizer_, call.factors, call.weights.tensors[task.tensor].values.data() + task.begin, gradient + task.begin,
        nullptr, slots.data(), task.end - task.begin, false);
  // Who finishes a tensor packs it for the next forward pass.
  if (--remaining_[task.tensor] == 0) call.executor.prepare(call.weights, task.tensor);
}

std::size_t Update::gather(const Call& call, std::size_t table, std::size_t index, float* sum, float* squares) const {
  const std::size_t dim = graph_.tables[table].dim;
  std::fill_n(sum, dim, 0.0F);
  const auto occurrences = indexes_[table].occurrences(index);
  if (squares == nullptr && call.clipvalue == 0.0F && plan_.lookups[table].size() == 1 && !ragged_[table]) {
    const Plan::Value& planned = plan_.values[plan_.lookups[table].front()];
    const std::size_t stride = plan_.values[planned.home].width;
    const float* gradients = call.gradients[planned.home].data() + planned.column;
    const TableIndex::Occurrence* last = &indexes_[table].occurrences().back();
    for (const TableIndex::Occurrence& occurrence : occurrences) {
      // The rows of one id are scattered over the batch: ask for them, and the next ids', before they are needed.
      fetch_row(gradients + std::min(&occurrence + kAhead, last)->row * stride, dim);
      const float* gradient = gradients + occurrence.row * stride;
      for (std::size_t c = 0; c < dim; ++c) sum[c] += gradient[c];
    }
    return occurrences.size();
  }
  if (squares != nullptr) std::fill_n(squares, dim, 0.0F);
  for (const auto [row, lookup] : occurrences) {
    const Plan::Value& planned = plan_.values[plan_.lookups[table][lookup]];
    const float* gradient =
        call.gradients[planned.home].data() + row * plan_.values[planned.home].width + planned.column;
    const Ids& ids = std::get<Ids>(call.batch.data->features[lookups_[table][lookup]->feature]);
    float scale = 1.0F;
    if (!ids.offsets.empty()) {
      const std::uint32_t source = call.batch.rows[row];
      scale = combiner_scale(lookups_[table][lookup]->combiner, ids.offsets[source + 1] - ids.offsets[source]);
    }
    for (std::size_t c = 0; c < dim; ++c) {
      const float part = clipped(scale * gradient[c], call.clipvalue);
      sum[c] += part;
      if (squares != nullptr) squares[c] += part * part;
    }
  }
  return occurrences.size();
}

// The task's ids as a range of the table's batch ids.
std::pair<std::size_t, std::size_t> Update::ids_of(const Task& task) const {
  if (task.kind == Task::Kind::ids) return {task.begin, task.end};
  const auto ids = indexes_[task.tensor].ids();
  const auto place = [&](std::size_t row) {
    return static_cast<std::size_t>(std::ranges::lower_bound(ids, row) - ids.begin());
  };
  return {place(task.begin), place(task.end)};
}

void Update::apply_rows(const Call& call, const Task& task, std::size_t index, std::size_t worker) {
  Tensor& table = call.weights.tensors[task.tensor];
  auto& kept = call.state.slots[task.tensor];
  const std::size_t dim = table.shape[1];
  const bool by_row = slots_by_row(optimizer_, graph_, task.tensor);
  const bool squares_apart = update_options(optimizer_).duplicates == Duplicates::sum_of_squares;
  float* gradient = scratch_[worker].data();
  float* squares = squares_apart ? gradient + dim : nullptr;
  const float factor = clip_factors_[task.tensor];
  const float rows = static_cast<float>(call.batch.rows.size());
  const auto apply_row = [&](std::size_t row) {
    std::array<float*, 3> slots = {};
    for (std::size_t s = 0; s < kept.size(); ++s) slots[s] = kept[s].values.data() + (by_row ? row : row * dim);
    apply(optimizer_, call.factors, table.values.data() + row * dim, gradient, squares, slots.data(), dim, by_row);
  };

  const auto ids = indexes_[task.tensor].ids();
  auto [next, end] = ids_of(task);
  const bool all_rows = task.kind == Task::Kind::rows;
  std::size_t row = all_rows ? task.begin : 0;
  double regularization = 0.0;
  for (; next < end; ++next) {
    if (all_rows && row < ids[next]) {
      std::fill_n(scratch_[worker].data(), 2 * dim, 0.0F);
      for (; row < ids[next]; ++row) apply_row(row);
    }
    const std::size_t count = gather(call, task.tensor, next, gradient, squares);
    if (factor != 1.0F) {
      for (std::size_t c = 0; c < dim; ++c) gradient[c] *= factor;
      if (squares != nullptr) {
        for (std::size_t c = 0; c < dim; ++c) squares[c] *= factor * factor;
      }
    }
    if (const float l2 = l2_[task.tensor]; l2 != 0.0F) {
      // The mean over the batch's rows of l2 * |vector|^2: an id counts as often as it stands there.
      const float share = l2 * static_cast<float>(count) / rows;
      const float* vector = table.values.data() + std::size_t{ids[next]} * dim;
      for (std::size_t c = 0; c < dim; ++c) {
        regularization += double{share} * vector[c] * vector[c];
        gradient[c] += 2.0F * share * vector[c];
      }
    }
    apply_row(ids[next]);
    row = std::size_t{ids[next]} + 1;
  }
  if (all_rows && row < task.end) {
    std::fill_n(scratch_[worker].data(), 2 * dim, 0.0F);
    for (; row < task.end; ++row) apply_row(row);
  }
  regularization_[index] = regularization;
}
}  // namespace podium::nn
