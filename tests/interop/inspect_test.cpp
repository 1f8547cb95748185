#include "podium/interop/inspect.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "podium/interop/onnx/write.h"
#include "podium/interop/proto/onnx.pb.h"
#include "podium/interop/savedmodel/write.h"
#include "podium/interop/weights/write.h"
#include "tests/interop/golden_models.h"
#include "tests/interop/kinds.h"
#include "tests/support/temporary_directory.h"

namespace podium::interop::tests {
namespace {
using podium::tests::golden_path;
using podium::tests::loaded;
using podium::tests::TemporaryDirectory;
using Json = nlohmann::json;

/// The object that to_json makes; throws if it is no JSON.
Json json_of(const std::string& path) { return Json::parse(to_json(*inspect_export(path))); }

TEST(InspectExport, SaysWhatEachExportIsAndThatItIsSound) {
  const TemporaryDirectory folder;
  const LoadedModel model = loaded(podium::tests::small_model());
  write_saved_model(model, folder / "savedmodel", {});
  write_onnx(model, folder / "onnx", {});
  write_weights_safetensors(model, folder / "safetensors");
  write_weights_npz(model, folder / "npz");
  const std::pair<const char*, const char*> formats[] = {{"savedmodel", "a SavedModel"},
                                                         {"onnx", "an ONNX model"},
                                                         {"safetensors", "weights as safetensors"},
                                                         {"npz", "weights as npz"}};
  for (const auto& [name, format] : formats) {
    const auto report = inspect_export(folder / name);
    ASSERT_TRUE(report) << name;
    EXPECT_EQ(report->format, name);
    EXPECT_TRUE(to_text(*report).starts_with(report->path + ": " + format + "\n"));
    EXPECT_EQ(problem_of(*report), "") << name;
    const Json json = Json::parse(to_json(*report));
    EXPECT_EQ(json["kind"], "export");
    EXPECT_EQ(json["path"], folder / name);
    EXPECT_EQ(json["format"], name);
    EXPECT_EQ(json["sound"], true);
    EXPECT_EQ(json["problems"], Json::array());
    EXPECT_EQ(json["manifest"], true);
    EXPECT_EQ(json["files"].size(), report->files.size());
    EXPECT_EQ(json["files"][0]["bytes"], report->files[0].bytes);
    EXPECT_FALSE(json["files"][0].contains("problem"));
    EXPECT_EQ(json.contains("operators"), report->format == "onnx") << json;
    EXPECT_EQ(json.contains("signatures"), report->format == "savedmodel") << json;
    EXPECT_NE(to_text(*report).find("sound: every checksum agrees"), std::string::npos);
  }
}

TEST(InspectExport, NamesTheFileThatChangedOrIsGone) {
  const TemporaryDirectory folder;
  write_saved_model(loaded(podium::tests::small_model()), folder / "export", {});
  std::ofstream(folder / "export/variables/variables.index", std::ios::app) << "x";
  EXPECT_TRUE(problem_of(*inspect_export(folder / "export")).starts_with("variables/variables.index: "));
  std::filesystem::remove(folder / "export/saved_model.pb");
  const auto report = inspect_export(folder / "export");
  ASSERT_TRUE(report);
  EXPECT_TRUE(problem_of(*report).starts_with("saved_model.pb: ")) << problem_of(*report);
  EXPECT_NE(to_text(*report).find("not sound"), std::string::npos);
}

TEST(InspectExport, PassesOverFilesThatOthersAdded) {
  const TemporaryDirectory folder;
  write_saved_model(loaded(podium::tests::small_model()), folder / "export", {});
  std::filesystem::create_directory(folder / "export/assets.extra");
  podium::tests::write_text(folder / "export/assets.extra/tf_serving_warmup_requests", "requests");
  podium::tests::write_text(folder / "export/model.onnx", "no format of this export");
  const auto report = inspect_export(folder / "export/");
  ASSERT_TRUE(report);
  EXPECT_EQ(report->format, "savedmodel");
  EXPECT_EQ(problem_of(*report), "");
  EXPECT_EQ(report->files.size(), 3U);
  const std::string text = to_text(*report);
  EXPECT_NE(text.find("  extra         assets.extra/tf_serving_warmup_requests  8 bytes, not of this export\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("sound: every checksum agrees"), std::string::npos) << text;
  const Json json = json_of(folder / "export");
  EXPECT_EQ(json["sound"], true);
  EXPECT_EQ(json["extra_files"], Json::array({{{"path", "assets.extra/tf_serving_warmup_requests"}, {"bytes", 8}},
                                              {{"path", "model.onnx"}, {"bytes", 24}}}));
}

TEST(InspectExport, SaysInJsonWhatIsWrong) {
  const TemporaryDirectory folder;
  write_onnx(loaded(podium::tests::small_model()), folder / "export", {});
  std::ofstream(folder / "export/model.onnx") << "x";
  const Json json = json_of(folder / "export");
  EXPECT_EQ(json["sound"], false);
  ASSERT_EQ(json["problems"].size(), 2U);  // another checksum, and no ONNX model
  EXPECT_TRUE(json["problems"][0].get<std::string>().starts_with("model.onnx: is not what was written")) << json;
  const auto& files = json["files"];
  const auto file = std::ranges::find_if(files, [](const Json& entry) { return entry["path"] == "model.onnx"; });
  ASSERT_NE(file, files.end());
  EXPECT_TRUE(file->contains("problem"));
  EXPECT_FALSE(json.contains("inputs"));
}

TEST(InspectExport, KnowsAnotherProgramsExportAndWhatIsNone) {
  const TemporaryDirectory folder;
  EXPECT_FALSE(inspect_export(folder / "nothing"));
  EXPECT_FALSE(inspect_export(folder / "nothing.onnx"));
  EXPECT_FALSE(inspect_export(folder.path()));
  const auto report = inspect_export(golden_path("tf_keras_file"));
  ASSERT_TRUE(report);
  EXPECT_EQ(problem_of(*report), "");
  EXPECT_NE(to_text(*report).find("no MANIFEST says how it was written"), std::string::npos);
  EXPECT_EQ(Json::parse(to_json(*report))["manifest"], false);
  std::ofstream(folder / "saved_model.pb") << "x";
  const auto damaged = inspect_export(folder.path());
  ASSERT_TRUE(damaged);
  EXPECT_NE(problem_of(*damaged).find("is no SavedModel"), std::string::npos) << problem_of(*damaged);
}

TEST(InspectExport, SaysWhatAnOnnxModelHolds) {
  const TemporaryDirectory folder;
  write_onnx(loaded(podium::tests::small_model(), podium::tests::small_record()), folder / "onnx", {.inline_bytes = 0});
  const std::string text = to_text(*inspect_export(folder / "onnx"));
  for (const char* line : {"  made by       podium ", "  IR            8\n", "  opset         ai.onnx.ml 2\n",
                           "  input         user  string [batch]\n", "  output        output_1  float [batch, 1]\n",
                           "3 ai.onnx.ml.LabelEncoder", "  outside       model.onnx.data  8 tensors, ",
                           "  metadata      podium.metrics  {\"rmse\":0.95}\n", "  file          model.onnx.data  "}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << "\n" << text;
  }
}

TEST(InspectExport, SaysInJsonWhatAnOnnxModelHolds) {
  const TemporaryDirectory folder;
  write_onnx(loaded(podium::tests::small_model(), podium::tests::small_record()), folder / "onnx", {.inline_bytes = 0});
  const Json json = json_of(folder / "onnx");
  EXPECT_EQ(json["producer"], "podium");
  EXPECT_EQ(json["ir_version"], 8);
  EXPECT_EQ(json["opsets"], (Json{{"ai.onnx", 17}, {"ai.onnx.ml", 2}}));
  EXPECT_EQ(json["inputs"][0], (Json{{"name", "user"}, {"type", "string [batch]"}}));
  EXPECT_EQ(json["outputs"], Json::array({{{"name", "output_1"}, {"type", "float [batch, 1]"}}}));
  EXPECT_EQ(json["operators"]["ai.onnx.ml.LabelEncoder"], 3);
  EXPECT_GE(json["initializers"], 8);
  EXPECT_GT(json["initializer_bytes"], 0);
  ASSERT_EQ(json["data_files"].size(), 1U);
  EXPECT_EQ(json["data_files"][0]["location"], "model.onnx.data");
  EXPECT_EQ(json["data_files"][0]["tensors"], 8);
  EXPECT_EQ(json["metadata"]["podium.metrics"], R"({"rmse":0.95})");
}

TEST(InspectExport, AnyBytesOfAnotherProgramGiveValidJson) {
  const TemporaryDirectory folder;
  const std::string control = "line\n\x1b[2J\xc2\x9b tab\t\x7f", broken = "\xff\xfe", half = "\xe2\x82";
  onnx::ModelProto model;
  model.set_ir_version(8);
  model.add_opset_import()->set_version(17);
  model.set_producer_name(control);
  model.mutable_graph()->add_output()->set_name(broken);
  for (const std::string& name : {broken, half, std::string(300, 'x')}) {
    model.mutable_graph()->add_node()->set_op_type(name);
    auto* entry = model.add_metadata_props();
    entry->set_key(name);
    entry->set_value(name + "é");
  }
  std::ofstream(folder / "m.onnx", std::ios::binary) << model.SerializeAsString();
  const std::string text = to_json(*inspect_export(folder / "m.onnx"));
  const auto is_plain = [](char c) { return c == '\n' || (c >= ' ' && c <= '~'); };
  EXPECT_TRUE(std::ranges::all_of(text, is_plain)) << text;
  const Json json = Json::parse(text);
  EXPECT_EQ(json["producer"], control);  // what is UTF-8 comes back as it was
  EXPECT_EQ(json["outputs"][0]["name"], "\uFFFD\uFFFD");
  EXPECT_EQ(json["operators"], (Json{{"\\xff\\xfe", 1}, {"\\xe2\\x82", 1}, {std::string(300, 'x'), 1}}));
  EXPECT_EQ(json["metadata"][std::string(300, 'x')], std::string(300, 'x') + "é");
  EXPECT_EQ(json["metadata"].size(), 3U);
}

TEST(InspectExport, LooksAtAnOnnxFileAlone) {
  const TemporaryDirectory folder;
  write_onnx(loaded(podium::tests::small_model()), folder / "onnx", {.inline_bytes = 0});
  const auto report = inspect_export(folder / "onnx/model.onnx");
  ASSERT_TRUE(report);
  EXPECT_EQ(problem_of(*report), "");
  EXPECT_EQ(report->onnx->producer, "podium");
  std::filesystem::resize_file(folder / "onnx/model.onnx.data", 100);
  EXPECT_NE(problem_of(*inspect_export(folder / "onnx/model.onnx")).find("the file is cut"), std::string::npos);
  std::ofstream(folder / "onnx/model.onnx") << "x";
  EXPECT_NE(problem_of(*inspect_export(folder / "onnx/model.onnx")).find("is no ONNX model"), std::string::npos);
}

TEST(InspectExport, SaysWhatASavedModelHolds) {
  const TemporaryDirectory folder;
  const LoadedModel model = loaded(podium::tests::small_model());
  write_saved_model(model, folder / "export", {});
  const auto report = inspect_export(folder / "export");
  const auto& contents = *report->saved_model;
  EXPECT_EQ(contents.tags, std::vector<std::string>{"serve"});
  EXPECT_EQ(contents.variables, model.model.weights().tensors.size());
  const auto serving = std::ranges::find(contents.signatures, "serving_default", &SavedModelContents::Signature::name);
  ASSERT_NE(serving, contents.signatures.end());
  ASSERT_EQ(serving->inputs.size(), 4U);
  EXPECT_EQ(serving->inputs[3].name + " " + serving->inputs[3].type, "year int64 [?]");
  EXPECT_EQ(serving->outputs[0].name + " " + serving->outputs[0].type, "output_1 float [?, 1]");
  EXPECT_NE(to_text(*report).find("    output      output_1  float [?, 1]\n"), std::string::npos) << to_text(*report);
  const Json json = Json::parse(to_json(*report));
  EXPECT_EQ(json["tags"], Json::array({"serve"}));
  EXPECT_EQ(json["variables"], contents.variables);
  EXPECT_EQ(json["assets"], Json(contents.assets));
  const Json& signature = json["signatures"][serving - contents.signatures.begin()];
  EXPECT_EQ(signature["name"], "serving_default");
  EXPECT_EQ(signature["inputs"][3], (Json{{"name", "year"}, {"type", "int64 [?]"}}));
  EXPECT_EQ(signature["outputs"], Json::array({{{"name", "output_1"}, {"type", "float [?, 1]"}}}));
}

TEST(InspectExport, NamesWhatAnotherProgramsSavedModelLacks) {
  const TemporaryDirectory folder;
  const auto copy_of = [&](const std::string& name) {
    std::filesystem::copy(golden_path(name), folder / name, std::filesystem::copy_options::recursive);
    return folder / name;
  };
  const auto problem = [](const std::string& path) { return problem_of(*inspect_export(path)); };
  const std::string files = copy_of("tf_keras_file"), bundle = copy_of("tfrs");
  std::filesystem::remove(files + "/assets/users.txt");
  EXPECT_EQ(problem(files), "the asset \"users.txt\" is not there; copy all of the model");
  podium::tests::write_text(bundle + "/variables/variables.index", "x");
  EXPECT_NE(problem(bundle).find("variables.index"), std::string::npos);
  std::filesystem::remove_all(bundle + "/variables");
  EXPECT_EQ(problem(bundle), "variables/variables.index is not there; copy all of the model");
}
}  // namespace
}  // namespace podium::interop::tests
