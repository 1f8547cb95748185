#include "podium/data/init.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace podium {
namespace {
/// A TOML basic string.
std::string quoted(std::string_view text) {
  std::string result = "\"";
  for (const char byte : text) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    const auto code = static_cast<unsigned char>(byte);
    if (byte == '"' || byte == '\\') {
      result += '\\';
      result += byte;
    } else if (code < 0x20 || code == 0x7F) {
      result += std::string("\\u00") + kHex[code >> 4U] + kHex[code & 15U];
    } else {
      result += byte;
    }
  }
  return result + "\"";
}

/// A TOML key: bare where it may be.
std::string key(std::string_view name) {
  const bool is_bare =
      !name.empty() && name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") ==
                           std::string_view::npos;
  return is_bare ? std::string(name) : quoted(name);
}

/// Safe within a comment: on one line, short.
std::string comment(std::string_view text) {
  std::string result(text.substr(0, 200));
  std::ranges::replace_if(
      result, [](char byte) { return static_cast<unsigned char>(byte) < ' ' || byte == 0x7F; }, ' ');
  while (!result.empty() && result.size() == 200 && (static_cast<unsigned char>(result.back()) & 0x80U) != 0)
    result.pop_back();
  return result;
}

std::string line(std::string setting, const std::string& why) {
  constexpr std::size_t kColumn = 44;
  if (setting.size() < kColumn) setting.resize(kColumn, ' ');
  return setting + " # " + comment(why) + "\n";
}

std::string role_line(const char* name, const std::string& role, const std::string& what, const DataReport& report) {
  std::string setting = std::string(name) + " = ";
  const auto found = std::ranges::find(report.columns, role, &DataReport::ColumnReport::name);
  if (role.empty() || found == report.columns.end())
    return line(setting + "\"?\"", what + "; no column looks like it: name one");
  return line(setting + quoted(role), what + "; guessed " + found->reason);
}

bool is_binary(const DataReport& report) {
  return !report.labels.empty() && report.labels.size() <= 2 && std::ranges::all_of(report.labels, [](const auto& bin) {
    return bin.low == bin.high && (bin.low == 0.0 || bin.low == 1.0);
  });
}

std::string features(const DataReport& report) {
  std::string text;
  for (const auto& name : {report.roles.user, report.roles.item}) {
    if (name.empty()) continue;
    const auto found = std::ranges::find(report.columns, name, &DataReport::ColumnReport::name);
    text += line("[features." + key(name) + "]",
                 std::to_string(found->distinct) + " values; each gets a vector that is learned");
    text += line("dim = 32", "length of the vector");
    text += line("vocabulary = \"train\"", "whose values are known; \"all\" adds the test rows' (never their labels)");
    text += "\n";
  }
  return text;
}
}  // namespace

std::string recipe_for(const std::string& path, const DataReport& report) {
  const bool binary = is_binary(report);
  std::string text = "# A recipe for " + comment(path) + ": " + std::to_string(report.rows) +
                     " rows. The guesses say why; correct what is wrong, then\n";
  text += "#   podium train THIS_FILE --out models\n";
  for (const auto& warning : report.warnings) text += "# Look at " + comment(warning) + "\n";
  text += "\n[data]\n";
  text += line("path = " + quoted(path), "a file, a list, a glob or a partitioned folder; from this recipe's folder");
  text += role_line("user", report.roles.user, "whose question it is", report);
  text += role_line("item", report.roles.item, "what is ranked", report);
  if (report.roles.time.empty()) {
    text += line("# time = \"?\"", "for the splits temporal and leave_last_out");
    text += line("split = { kind = \"random\", test = 0.2, seed = 42 }", "temporal where there are times");
  } else {
    text += role_line("time", report.roles.time, "for the splits temporal and leave_last_out", report);
    text += line("split = { kind = \"random\", test = 0.2, seed = 42 }",
                 "kind = \"temporal\" tests on the latest rows: stricter, and closer to use");
  }
  const bool has_gaps = std::ranges::any_of(
      report.columns, [](const auto& column) { return !column.role.empty() && column.missing != 0; });
  text += line(has_gaps ? "missing = \"fill\"" : "# missing = \"fill\"", "empty cells: refuse (the default), or fill");
  text += line("# validation = 0.1", "a part of train, for early stopping");
  text += "\n" + features(report);
  text += "[model]\n";
  text += line("kind = \"mlp\"", "or factorization: see `podium help models`");
  text += line("hidden = [256, 64]", "units of each hidden layer");
  text += "\n[task]\n" + line("kind = \"ranking\"", "predict the label of each row");
  text += role_line("label", report.roles.label, "what is predicted", report);
  text += line(binary ? "loss = \"binary_crossentropy\"" : "loss = \"mean_squared_error\"",
               binary ? "the labels are 0 and 1" : "the labels are numbers");
  text += line(binary ? "metrics = [\"auc\", \"log_loss_of_logits\"]" : "metrics = [\"rmse\", \"mae\"]",
               "what is measured");
  text += "\n[train]\n";
  text += line("optimizer = { kind = \"adagrad\", learning_rate = 0.1 }", "or adam, sgd ...: see `podium help recipe`");
  // Small data in large batches would take too few steps to learn anything.
  const std::uint64_t batch = report.rows >= 50000 ? 8192 : report.rows >= 5000 ? 1024 : 128;
  text += line("batch_size = " + std::to_string(batch), "rows of one step");
  text += line("epochs = 5", "passes over the train rows");
  text += line("seed = 42", "same seed, same model");
  return text;
}

std::string recipe_for(const std::string& path) { return recipe_for(path, inspect_data(path)); }
}  // namespace podium
