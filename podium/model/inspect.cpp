#include "podium/model/inspect.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <utility>
#include <variant>

#include "podium/core/error.h"
#include "podium/core/gemm.h"
#include "podium/model/directory.h"

namespace podium {
namespace {
using namespace model;

// Another kernel sums in another order: the scores of sound models differ by rounding only.
constexpr double kRelativeTolerance = 1e-4, kBf16Tolerance = 2e-2;

struct DescribeFeature {
  ModelReport::Feature operator()(const StringVocabulary& vocabulary) const {
    return {column, "text", vocabulary.size(), unknown};
  }
  ModelReport::Feature operator()(const IntegerVocabulary& vocabulary) const {
    return {column, "integer", vocabulary.size(), unknown};
  }
  ModelReport::Feature operator()(const NumericEncoder&) const { return {column, "number", 0, 0}; }
  const std::string& column;
  std::size_t unknown;
};

ModelReport::SelfTestResult run_self_test(const SelfTest& test, const Model& model, const std::string& recorded) {
  ModelReport::SelfTestResult result{test.rows.rows, 0.0, model.options().kernel == recorded, true};
  const std::vector<float> scores = model.predict(test.rows);
  const double tolerance = is_bf16(recorded) || is_bf16(model.options().kernel) ? kBf16Tolerance : kRelativeTolerance;
  double largest_score = 1.0;
  for (const float score : test.scores) largest_score = std::max(largest_score, std::fabs(static_cast<double>(score)));
  for (std::size_t row = 0; row < scores.size(); ++row) {
    const double difference = std::fabs(static_cast<double>(scores[row]) - static_cast<double>(test.scores[row]));
    result.largest_difference = std::max(result.largest_difference, difference);
    if (!(difference <= (result.same_kernel ? 0.0 : tolerance * largest_score))) result.passed = false;
  }
  return result;
}

void describe(ModelReport& report, MappedFiles& files) {
  const std::string& directory = report.directory;
  const auto json = files.find(kModelFile);
  if (json == files.end()) throw Error(directory + "/" + kModelFile + ": is not in the MANIFEST");
  const Description description = read_description(json->second.text(), directory + "/" + kModelFile);
  report.user = description.options.user;
  report.item = description.options.item;
  report.seed = description.options.seed;
  report.recorded_kernel = description.options.kernel;
  report.sources = description.sources;
  report.metrics = description.metrics;
  report.gives_up = description.gives_up;
  for (const graph::Output& output : description.graph.outputs) report.outputs.push_back(output.name);

  const Model model = read_model(files, description, directory);
  report.kernel = model.options().kernel;
  for (std::size_t i = 0; i < model.features().features.size(); ++i) {
    const graph::Feature& feature = model.features().features[i];
    const DescribeFeature describe{graph::column_of(feature), graph::unknown_indices_of(feature)};
    report.features.push_back(std::visit(describe, model.features().encoders[i]));
  }
  for (const nn::Tensor& tensor : model.weights().tensors) report.weights.push_back({tensor.name, tensor.shape});
  report.parameters = graph::parameter_count(model.graph());
  const std::string test_path = directory + "/" + kSelfTestFile;
  const SelfTest test = read_self_test(take_safetensors(files, directory, kSelfTestFile), model, test_path);
  report.self_test = run_self_test(test, model, report.recorded_kernel);
  if (!report.self_test->passed) {
    report.problems.push_back(test_path + ": the model answers other scores than when it was saved");
  }
  const ModelRecord record = read_record(files, description, directory);
  report.candidates = record.candidates.size();
  if (record.history) report.interactions = record.history->items.size();
  report.can_resume = !record.resume.empty();
}

/// 1234567 as "1,234,567".
std::string grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, ",");
  return digits;
}

/// "user_id: text, 943 values".
std::string text_of(const ModelReport::Feature& feature) {
  if (feature.type == "number") return feature.column + ": a number";
  const std::string hashed =
      feature.unknown_indices > 1 ? " and " + std::to_string(feature.unknown_indices) + " unknown indices" : "";
  return feature.column + ": " + (feature.type == "integer" ? "whole numbers" : feature.type) + ", " +
         std::to_string(feature.values) + " values" + hashed;
}

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text.append(text.empty() ? "" : "; ").append(part);
  return text;
}

std::string short_text(double number) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.3g", number);
  return text.data();
}

std::string text_of(const ModelReport::SelfTestResult& test) {
  std::string text = std::to_string(test.rows) + " rows, ";
  if (test.passed && test.largest_difference == 0.0) return text + "the same scores to the bit";
  text.append("scores differ by up to ").append(short_text(test.largest_difference));
  return text.append(test.same_kernel ? "" : " with another kernel").append(test.passed ? "" : ": not the same model");
}
}  // namespace

ModelReport inspect_model(const std::string& path) {
  ModelReport report;
  report.directory = find_model(path);
  try {
    report.files = check_directory(report.directory);
    for (const FileCheck& file : report.files) {
      if (!file.problem.empty()) report.problems.push_back(report.directory + "/" + file.path + ": " + file.problem);
    }
    if (report.problems.empty()) {
      MappedFiles files = open_verified(report.directory);
      describe(report, files);
    }
  } catch (const Error& error) {
    report.problems.emplace_back(error.what());
  }
  return report;
}

std::string to_text(const ModelReport& report) {
  std::string text = report.directory + ": a Podium model\n";
  const auto line = [&text](const std::string& name, const std::string& value) {
    if (value.empty()) return;
    std::string label = "  " + name;
    label.resize(std::max<std::size_t>(label.size() + 2, 14), ' ');
    text.append(label).append(value).append("\n");
  };
  line("user", report.user);
  line("item", report.item);
  line("predicts", joined(report.outputs));
  std::vector<std::string> features;
  for (const auto& feature : report.features) features.push_back(text_of(feature));
  line("features", joined(features));
  if (report.parameters > 0) line("parameters", grouped(report.parameters));
  for (const auto& weight : report.weights) {
    std::string shape;
    for (const std::size_t size : weight.shape) shape.append(shape.empty() ? "" : " x ").append(std::to_string(size));
    line("", weight.name + "  " + shape);
  }
  if (report.candidates > 0) line("catalog", grouped(report.candidates) + " items");
  if (report.interactions) line("history", grouped(*report.interactions) + " interactions");
  if (report.can_resume) line("resume", "optimizer slots are there: training can go on");
  for (const auto& [name, why] : report.gives_up) line("gives up", name + ", if trained on: " + why);
  for (const Source& source : report.sources) {
    line("source", source.path + (source.rows == 0 ? "" : ", " + grouped(source.rows) + " rows"));
  }
  line("kernel", report.kernel == report.recorded_kernel
                     ? report.kernel
                     : report.kernel + " (saved with " + report.recorded_kernel + ")");
  std::uint64_t bytes = 0;
  for (const FileCheck& file : report.files) bytes += file.bytes;
  for (const FileCheck& file : report.files) {
    line("file", file.path + "  " + grouped(file.bytes) + " bytes" + (file.problem.empty() ? "" : "  DAMAGED"));
  }
  if (!report.files.empty()) line("in all", grouped(bytes) + " bytes");
  if (report.self_test) line("self-test", text_of(*report.self_test));
  for (const std::string& problem : report.problems) line("problem", problem);
  return text.append(report.problems.empty() ? "  sound: every checksum agrees\n" : "  not sound\n");
}
}  // namespace podium
