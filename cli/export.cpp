#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <string>
#include <utility>

#include "cli/verbs.h"
#include "podium/core/json.h"
#include "podium/interop/onnx/write.h"
#include "podium/interop/savedmodel/write.h"
#include "podium/interop/weights/write.h"
#include "podium/model/load.h"

namespace podium::cli {
namespace {
struct Flags {
  std::string model, format, to, graph = "predict";
  std::int64_t opset = interop::OnnxOptions{}.opset;
  bool with_optimizer = false, json = false, quiet = false;
};

/// A flag of another format would be passed over in silence.
void refuse_useless(const CLI::App& verb, const std::string& format) {
  constexpr std::pair<const char*, const char*> kFlags[] = {
      {"--with-optimizer", "savedmodel"}, {"--graph", "onnx"}, {"--opset", "onnx"}};
  for (const auto& [flag, owner] : kFlags) {
    if (verb.count(flag) == 0 || format == owner) continue;
    throw CLI::ValidationError(flag, std::string("is for --format ") + owner + ", not for " + format);
  }
}

void write(const ModelView& model, const Flags& flags) {
  if (flags.format == "savedmodel") {
    return interop::write_saved_model(model, flags.to, {.with_optimizer = flags.with_optimizer});
  }
  if (flags.format == "onnx") {
    const auto graph = flags.graph == "rank" ? interop::OnnxGraph::rank : interop::OnnxGraph::predict;
    return interop::write_onnx(model, flags.to, {.graph = graph, .opset = flags.opset});
  }
  if (flags.format == "npz") return interop::write_weights_npz(model, flags.to);
  interop::write_weights_safetensors(model, flags.to);
}

void run(const Flags& flags) {
  const StoredModel model = load_stored(flags.model);
  write(model, flags);
  if (flags.json) {
    std::cout << nlohmann::json{{"model", model.directory}, {"format", flags.format}, {"to", flags.to}}.dump() << '\n';
  } else if (!flags.quiet) {
    std::cout << "Wrote " << model.directory << " as " << flags.format << " to " << flags.to << '\n';
  }
}
}  // namespace

void add_export(CLI::App& app) {
  auto* verb = app.add_subcommand("export", "Write a model in a format that other programs load");
  auto flags = std::make_shared<Flags>();
  verb->add_option("model", flags->model, "FOLDER/NAME (its highest version) or FOLDER/NAME/VERSION")->required();
  verb->add_option("--format", flags->format,
                   "savedmodel (TensorFlow, TF Serving), onnx (ONNX Runtime), or the weights alone: safetensors, npz")
      ->required()
      ->check(CLI::IsMember({"savedmodel", "onnx", "safetensors", "npz"}));
  verb->add_option("--to", flags->to, "the directory to write; an earlier export there is replaced")->required();
  verb->add_flag("--with-optimizer", flags->with_optimizer, "savedmodel alone: Adagrad's accumulators too");
  verb->add_option("--graph", flags->graph,
                   "onnx alone: predict scores rows; rank takes a user and k, and answers the best")
      ->check(CLI::IsMember({"predict", "rank"}));
  verb->add_option("--opset", flags->opset, "onnx alone: the version of its operators")->capture_default_str();
  verb->add_flag("--json", flags->json, "print one JSON object");
  verb->add_flag("--quiet", flags->quiet, "print nothing");
  verb->footer(
      "Examples:\n"
      "  podium export models/ranking --format savedmodel --to exported/ranking/1\n"
      "  podium export models/ranking --format onnx --to exported/onnx\n"
      "  podium export models/ranking --format onnx --graph rank --to exported/rank\n"
      "\n"
      "An earlier export of any format is replaced if it holds what Podium wrote and nothing else; a folder with any\n"
      "other file in it is refused, and nothing in it is touched. A link stays, and what it leads to is written.");
  verb->callback([flags, verb] {
    refuse_useless(*verb, flags->format);
    run(*flags);
  });
}
}  // namespace podium::cli
