#include "podium/interop/inspect.h"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <system_error>
#include <utility>

#include "podium/core/error.h"
#include "podium/core/files.h"
#include "podium/interop/export.h"
#include "podium/interop/foreign_text.h"

namespace podium::interop {
namespace {
constexpr const char *kSavedModel = "savedmodel", *kOnnx = "onnx";

FileCheck check_of(const std::string& path, const std::string& name) {
  std::error_code failure;
  const auto bytes = std::filesystem::file_size(path, failure);
  return {name, failure ? 0 : bytes, failure ? failure.message() : ""};
}

/// Files as they are, where no MANIFEST says what they should be.
std::vector<FileCheck> files_of(const std::string& directory) {
  std::vector<FileCheck> files;
  for (const std::string& name : list_directory(directory)) {
    const std::string path = directory + "/" + name;
    if (!is_directory(path)) files.push_back(check_of(path, name));
  }
  return files;
}

/// An export is a folder that its user may add to.
void take_extra(ExportReport& report) {
  const auto first = std::stable_partition(report.files.begin(), report.files.end(),
                                           [](const FileCheck& file) { return file.is_listed; });
  for (auto file = first; file != report.files.end(); ++file) {
    file->problem.clear();
    report.extra.push_back(std::move(*file));
  }
  report.files.erase(first, report.files.end());
}

/// `model` is the path of model.onnx or its like; a SavedModel's is its directory's.
void add_contents(ExportReport& report, const std::string& model) {
  try {
    if (report.format == kOnnx) report.onnx = read_onnx(model);
    if (report.format == kSavedModel) report.saved_model = read_saved_model_contents(report.path);
  } catch (const Error& error) {
    report.unreadable = error.what();
  }
}

// ---- for people ----
class Lines {
 public:
  void add(const std::string& name, const std::string& value) {
    std::string label = "  " + name;
    label.resize(std::max<std::size_t>(label.size() + 2, 16), ' ');
    text_ += label + value + "\n";
  }
  /// One line for each, of a long list for the first only.
  template <class List, class TextOf>
  void add_each(const std::string& name, const List& list, const TextOf& text_of) {
    constexpr std::size_t kMost = 100;
    std::size_t shown = 0;
    for (const auto& value : list) {
      if (++shown <= kMost) add(name, text_of(value));
    }
    if (shown > kMost) add(name, "and " + std::to_string(shown - kMost) + " more");
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

std::string format_text(const std::string& format) {
  if (format == kSavedModel) return "a SavedModel";
  if (format == kOnnx) return "an ONNX model";
  return "weights as " + format;
}

std::string bytes_text(std::uint64_t bytes) { return std::to_string(bytes) + " bytes"; }

template <class Value>
std::string value_text(const Value& value) {
  return printable(value.name) + "  " + printable(value.type);
}

/// "14: 6 Gemm, 4 Gather ...", the most frequent first.
std::string operators_text(const std::map<std::string, std::size_t>& operators) {
  constexpr std::size_t kMost = 100;
  std::vector<std::pair<std::string, std::size_t>> sorted(operators.begin(), operators.end());
  std::ranges::stable_sort(sorted, std::ranges::greater{}, [](const auto& entry) { return entry.second; });
  std::size_t nodes = 0;
  std::string all;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    nodes += sorted[i].second;
    if (i == kMost) all += ", ...";
    if (i >= kMost) continue;
    all += (i == 0 ? ": " : ", ") + std::to_string(sorted[i].second) + " " + printable(sorted[i].first);
  }
  return std::to_string(nodes) + all;
}

void add_lines(Lines& lines, const OnnxContents& onnx) {
  const std::string version = onnx.producer_version.empty() ? "" : " " + onnx.producer_version;
  if (!onnx.producer.empty()) lines.add("made by", printable(onnx.producer + version));
  lines.add("IR", std::to_string(onnx.ir_version));
  lines.add_each("opset", onnx.opsets,
                 [](const auto& opset) { return printable(opset.first) + " " + std::to_string(opset.second); });
  lines.add_each("input", onnx.inputs, value_text<OnnxContents::Value>);
  lines.add_each("output", onnx.outputs, value_text<OnnxContents::Value>);
  lines.add("nodes", operators_text(onnx.operators));
  lines.add("initializers", std::to_string(onnx.initializers) + ", " + bytes_text(onnx.initializer_bytes));
  lines.add_each("outside", onnx.files, [](const OnnxContents::DataFile& file) {
    return printable(file.location) + "  " + std::to_string(file.tensors) +
           (file.tensors == 1 ? " tensor, " : " tensors, ") + bytes_text(file.bytes);
  });
  lines.add_each("metadata", onnx.metadata,
                 [](const auto& entry) { return printable(entry.first) + "  " + printable(entry.second); });
}

void add_lines(Lines& lines, const SavedModelContents& model) {
  if (!model.tensorflow_version.empty()) lines.add("TensorFlow", printable(model.tensorflow_version));
  std::string tags;
  for (const std::string& tag : model.tags) tags += (tags.empty() ? "" : ", ") + tag;
  if (!tags.empty()) lines.add("tags", printable(tags));
  for (const auto& signature : model.signatures) {
    lines.add("signature", printable(signature.name));
    lines.add_each("  input", signature.inputs, value_text<SavedModelContents::Value>);
    lines.add_each("  output", signature.outputs, value_text<SavedModelContents::Value>);
  }
  lines.add("variables", std::to_string(model.variables));
  lines.add_each("asset", model.assets, [](const std::string& name) { return printable(name); });
}
}  // namespace

std::optional<ExportReport> inspect_export(const std::string& path) {
  ExportReport report;
  report.path = path;
  if (!is_directory(path)) {
    if (!path.ends_with(".onnx") || !path_exists(path)) return std::nullopt;
    report.format = kOnnx;
    report.files = {check_of(path, std::filesystem::path(path).filename().string())};
    add_contents(report, path);
    return report;
  }
  if (path_exists(path + "/model.json")) return std::nullopt;
  report.is_ours = path_exists(path + "/" + kManifestName);
  report.files = report.is_ours ? check_directory(path) : files_of(path);
  take_extra(report);
  // A file that is gone is named by the MANIFEST still.
  for (const ExportFormat& format : export_formats()) {
    const std::string& name = format.files.always.front();
    if (std::ranges::find(report.files, name, &FileCheck::path) == report.files.end()) continue;
    report.format = format.name;
    add_contents(report, path + "/" + name);
    return report;
  }
  return std::nullopt;
}

std::vector<std::string> problems_of(const ExportReport& report) {
  std::vector<std::string> problems;
  for (const FileCheck& file : report.files) {
    if (!file.problem.empty()) problems.push_back(file.path + ": " + file.problem);
  }
  if (!report.unreadable.empty()) problems.push_back(report.unreadable);
  const auto add = [&problems](const std::vector<std::string>& more) {
    problems.insert(problems.end(), more.begin(), more.end());
  };
  if (report.onnx) add(report.onnx->problems);
  if (report.saved_model) add(report.saved_model->problems);
  for (std::string& problem : problems) problem = printable(problem, 1000);
  return problems;
}

std::string problem_of(const ExportReport& report) {
  const auto problems = problems_of(report);
  return problems.empty() ? "" : problems.front();
}

std::string to_text(const ExportReport& report) {
  Lines lines;
  if (report.onnx) add_lines(lines, *report.onnx);
  if (report.saved_model) add_lines(lines, *report.saved_model);
  lines.add_each("file", report.files, [](const FileCheck& file) {
    return printable(file.path) + "  " + bytes_text(file.bytes) + (file.problem.empty() ? "" : "  DAMAGED");
  });
  lines.add_each("extra", report.extra, [](const FileCheck& file) {
    return printable(file.path) + "  " + bytes_text(file.bytes) + ", not of this export";
  });
  const auto problems = problems_of(report);
  lines.add_each("problem", problems, std::identity{});
  std::string verdict = "sound: every checksum agrees";
  if (!report.is_ours) verdict = "nothing wrong to be seen, but no MANIFEST says how it was written";
  if (!problems.empty()) verdict = "not sound";
  return report.path + ": " + format_text(report.format) + "\n" + lines.text() + "  " + verdict + "\n";
}
}  // namespace podium::interop
