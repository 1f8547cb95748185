#include "podium/train/checkpoint.h"

#include <cstring>
#include <nlohmann/json.hpp>

#include "podium/core/error.h"
#include "podium/core/json.h"
#include "podium/core/manifest.h"
#include "podium/core/publish.h"

namespace podium {
namespace {
using Json = nlohmann::ordered_json;
constexpr std::uint64_t kFormatVersion = 1;
constexpr const char *kState = "checkpoint.json", *kWeights = "weights.safetensors", *kNumbers = "numbers.safetensors",
                     *kSlots = "optimizer.safetensors", *kBest = "best_weights.safetensors";

DirectoryKind checkpoint_kind() { return {"checkpoint", {{{kState, kWeights, kNumbers, kSlots}, {kBest}}}}; }

std::vector<TensorView> views_of(const std::vector<nn::Tensor>& tensors) {
  std::vector<TensorView> views;
  for (const auto& tensor : tensors) views.push_back(view_of(tensor.name, tensor.shape, tensor.values));
  return views;
}

std::vector<nn::Tensor> tensors_of(const Safetensors& file) {
  std::vector<nn::Tensor> tensors;
  for (const auto& view : file.tensors()) {
    const auto values = file.floats(view.name);
    nn::Tensor tensor{.name = view.name, .shape = view.shape, .values = {}};
    tensor.values.resize(values.size());
    std::ranges::copy(values, tensor.values.begin());
    tensors.push_back(std::move(tensor));
  }
  return tensors;
}

/// Doubles go into tensors, not into JSON, which knows no infinity.
struct NumberWriter {
  std::vector<TensorView> views = {};
  void add(const std::string& name, const std::vector<double>& numbers) {
    views.push_back({name, Dtype::f64, {numbers.size()}, std::as_bytes(std::span(numbers))});
  }
};

std::vector<double> numbers_of(const Safetensors& file, const std::string& name) {
  const TensorView& view = file.tensor(name);
  if (view.dtype != Dtype::f64) throw Error("checkpoint: " + name + " does not hold doubles");
  std::vector<double> numbers(view.bytes.size() / sizeof(double));
  if (!numbers.empty()) std::memcpy(numbers.data(), view.bytes.data(), view.bytes.size());
  return numbers;
}

std::vector<double> values_of(const NamedValues& named) {
  std::vector<double> values;
  for (const auto& [name, value] : named) values.push_back(value);
  return values;
}

Json names_of(const NamedValues& named) {
  Json names = Json::array();
  for (const auto& [name, value] : named) names.push_back(name);
  return names;
}

NamedValues named(const Json& names, const std::vector<double>& values) {
  if (names.size() != values.size()) throw Error("checkpoint: an epoch's names and values differ in number");
  NamedValues result;
  for (std::size_t i = 0; i < values.size(); ++i) result.emplace_back(names[i].get<std::string>(), values[i]);
  return result;
}

Checkpoint read_unguarded(const std::string& path) {
  auto files = open_verified(path);
  const auto take = [&](const char* name) {
    const auto found = files.find(name);
    if (found == files.end()) throw Error(path + ": " + name + " is missing");
    return Safetensors(std::move(found->second), path + "/" + name);
  };
  const Json json = parse_json<Json>(read_file(path + "/" + kState, std::size_t{1} << 30), path + "/" + kState);
  if (json.at("format_version").get<std::uint64_t>() != kFormatVersion) {
    throw Error(path + ": of another version of Podium; train without going on from it");
  }
  const Safetensors numbers = take(kNumbers);
  Checkpoint checkpoint;
  checkpoint.belongs_to = json.at("belongs_to").get<std::string>();
  checkpoint.weights.tensors = tensors_of(take(kWeights));
  TrainState& state = checkpoint.state;
  if (files.contains(kBest)) state.best_weights.tensors = tensors_of(take(kBest));
  auto slots = tensors_of(take(kSlots));
  auto next = slots.begin();
  for (const auto& count : json.at("slots")) {
    auto& group = state.optimizer.slots.emplace_back();
    for (std::size_t i = 0; i < count.get<std::size_t>() && next != slots.end(); ++i)
      group.push_back(std::move(*next++));
  }
  state.optimizer.step = json.at("optimizer_step").get<std::uint64_t>();
  state.epoch = json.at("epoch").get<std::size_t>();
  state.step = json.at("step").get<std::size_t>();
  state.best_epoch = json.at("best_epoch").get<std::size_t>();
  const auto sums = numbers_of(numbers, "sums");
  if (sums.size() != 3) throw Error(path + ": damaged");
  state.loss_sum = sums[0];
  state.regularization_sum = sums[1];
  state.best_loss = sums[2];
  state.step_losses = numbers_of(numbers, "step_losses");
  for (std::size_t i = 0; i < json.at("metrics").get<std::size_t>(); ++i) {
    state.metrics.push_back(numbers_of(numbers, "metrics/" + std::to_string(i)));
  }
  for (const auto& epoch : json.at("epochs")) {
    const std::string name = "epochs/" + std::to_string(state.epochs.size());
    EpochReport report;
    report.epoch = state.epochs.size() + 1;
    report.train = named(epoch.at("train"), numbers_of(numbers, name + "/train"));
    report.validation = named(epoch.at("validation"), numbers_of(numbers, name + "/validation"));
    report.seconds = epoch.at("seconds").get<double>();
    state.epochs.push_back(std::move(report));
  }
  return checkpoint;
}
}  // namespace

void write_checkpoint(Files& files, const std::string& path, const Checkpoint& checkpoint) {
  const TrainState& state = checkpoint.state;
  std::vector<std::vector<double>> kept;  // what the views look into
  kept.reserve(2 * state.epochs.size() + 1);
  NumberWriter numbers;
  kept.push_back({state.loss_sum, state.regularization_sum, state.best_loss});
  numbers.add("sums", kept.back());
  numbers.add("step_losses", state.step_losses);
  for (std::size_t i = 0; i < state.metrics.size(); ++i) numbers.add("metrics/" + std::to_string(i), state.metrics[i]);
  Json epochs = Json::array();
  for (std::size_t i = 0; i < state.epochs.size(); ++i) {
    const auto& report = state.epochs[i];
    const std::string name = "epochs/" + std::to_string(i);
    numbers.add(name + "/train", kept.emplace_back(values_of(report.train)));
    numbers.add(name + "/validation", kept.emplace_back(values_of(report.validation)));
    epochs.push_back(
        {{"train", names_of(report.train)}, {"validation", names_of(report.validation)}, {"seconds", report.seconds}});
  }
  std::vector<TensorView> slots;
  Json slot_counts = Json::array();
  for (const auto& group : state.optimizer.slots) {
    slot_counts.push_back(group.size());
    for (auto& view : views_of(group)) slots.push_back(std::move(view));
  }
  const Json json = {{"format_version", kFormatVersion},
                     {"belongs_to", checkpoint.belongs_to},
                     {"epoch", state.epoch},
                     {"step", state.step},
                     {"best_epoch", state.best_epoch},
                     {"optimizer_step", state.optimizer.step},
                     {"slots", slot_counts},
                     {"metrics", state.metrics.size()},
                     {"epochs", epochs}};
  std::vector<NewFile> contents;
  contents.push_back({kState, json.dump(1), {}});
  contents.push_back(safetensors_file(kWeights, views_of(checkpoint.weights.tensors)));
  contents.push_back(safetensors_file(kSlots, slots));
  contents.push_back(safetensors_file(kNumbers, numbers.views));
  if (!state.best_weights.tensors.empty()) {
    contents.push_back(safetensors_file(kBest, views_of(state.best_weights.tensors)));
  }
  write_directory_atomically(files, path, contents, checkpoint_kind());
}

std::string foreign_checkpoint(const std::string& path) {
  return path_exists(path) ? foreign_in(path, checkpoint_kind()) : "";
}

void remove_checkpoint(Files& files, const std::string& path) {
  remove_directory_atomically(files, path, checkpoint_kind());
}

Checkpoint read_checkpoint(const std::string& path) {
  try {
    return read_unguarded(path);
  } catch (const nlohmann::json::exception&) {
    throw Error(path + "/" + kState + ": is not a checkpoint's; train without going on from it");
  }
}
}  // namespace podium
