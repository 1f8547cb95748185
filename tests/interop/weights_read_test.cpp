// Weights alone and a layout of them: what they make, and what is said of those that do not fit.
#include <gtest/gtest.h>
#include <zip.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "podium/core/error.h"
#include "podium/core/random.h"
#include "podium/interop/weights/npz.h"
#include "podium/interop/weights/read.h"
#include "podium/interop/weights/write.h"
#include "tests/interop/kinds.h"
#include "tests/support/message_of.h"
#include "tests/support/temporary_directory.h"

namespace podium::interop::tests {
namespace {
using podium::tests::loaded;
using podium::tests::message_of;
using podium::tests::read_text;
using podium::tests::TemporaryDirectory;
using podium::tests::write_text;

/// Named tensors as the bytes of a file.
class Tensors {
 public:
  Tensors& add(std::string name, std::vector<std::size_t> shape, std::vector<float> values) {
    values_.push_back(std::move(values));
    views_.push_back(view_of(std::move(name), std::move(shape), values_.back()));
    return *this;
  }
  std::string bytes() const { return safetensors_bytes(views_); }

 private:
  std::deque<std::vector<float>> values_;
  std::vector<TensorView> views_;
};

Imported import(const std::string& bytes, const Layout& layout) {
  const TensorFile file(std::as_bytes(std::span(bytes)), "w.safetensors");
  return import_weights(file, layout);
}

/// Two columns of two values each, side by side, through one unit. The tables' first rows are the unknown values'.
Tensors small_tensors() {
  Tensors tensors;
  tensors.add("user.weight", {3, 1}, {1, 10, 20}).add("film.weight", {2, 2}, {2, 3, 4, 5});
  tensors.add("hidden.weight", {2, 3}, {1, 2, 3, -1, 0, 1}).add("hidden.bias", {2}, {100, 0});
  tensors.add("score.weight", {1, 2}, {1, 1000});
  return tensors;
}
Layout small_layout() {
  return {.columns = {{"user", std::vector<std::string>{"a", "b"}, 0, "l.toml:1: columns.user"},
                      {"film", std::vector<std::int64_t>{7, 8}, std::nullopt, "l.toml:2: columns.film"}},
          .layers = {{"u", Layout::Embedding{"user", "user"}, "l.toml:3: layers.u"},
                     {"f", Layout::Embedding{"film", "film.weight"}, "l.toml:4: layers.f"},
                     {"both", Layout::Concat{{"u", "f"}}, "l.toml:5: layers.both"},
                     {"hidden", Layout::Linear{.tensors = "hidden", .activation = graph::Activation::relu},
                      "l.toml:6: layers.hidden"},
                     {"score", Layout::Linear{.tensors = "score"}, "l.toml:7: layers.score"}}};
}
template <class Kind>
Kind& kind_of(Layout& layout, std::size_t layer) {
  return std::get<Kind>(layout.layers.at(layer).kind);
}
Table small_rows() {
  Strings users;
  for (const char* user : {"a", "b", "nobody"}) users.push_back(user);
  return Table({{"user", users, {}}, {"film", std::vector<std::int64_t>{7, 8, 99}, {}}});
}
std::string error_of(const Layout& layout, const Tensors& tensors = small_tensors()) {
  return message_of([&] { import(tensors.bytes(), layout); });
}

TEST(ImportWeights, MakesTheModelOfTheLayout) {
  // a, 7: [10, 2, 3]: hidden 100 + 10 + 4 + 9 = 123, relu(-10 + 3) = 0: 123
  // b, 8: [20, 4, 5]: 100 + 20 + 8 + 15 = 143, relu(-15) = 0: 143
  // nobody: row 0; film 99 has no row: [1, 0, 0]: 101
  const Imported imported = import(small_tensors().bytes(), small_layout());
  const Table rows = small_rows();
  EXPECT_EQ(imported.model.predict(rows), (std::vector<float>{123, 143, 101}));
  EXPECT_NE(imported.notes.front().find("column \"film\""), std::string::npos) << "unknown films have no row";
}

TEST(ImportWeights, TurnsWhatIsOutInAndLeavesWhatIsInOut) {
  Tensors tensors;
  tensors.add("t.weight", {1, 2}, {1, 10})
      .add("square.weight", {2, 2}, {1, 2, 3, 4})
      .add("last.weight", {1, 2}, {1, 0});
  Layout layout{.columns = {{"x", Layout::Rows{}}},
                .layers = {{"x", Layout::Embedding{"x", "t"}},
                           {"square", Layout::Linear{.tensors = "square"}},
                           {"y", Layout::Linear{.tensors = "last"}}}};
  const Table rows({{"x", std::vector<std::int64_t>{0}, {}}});
  EXPECT_EQ(import(tensors.bytes(), layout).model.predict(rows), std::vector<float>{21});  // 1 * 1 + 10 * 2
  kind_of<Layout::Linear>(layout, 1).order = Layout::Order::in_out;
  EXPECT_EQ(import(tensors.bytes(), layout).model.predict(rows), std::vector<float>{31});  // 1 * 1 + 10 * 3
}

TEST(ImportWeights, FactorizesWithBiasesOfEachIdAndOne) {
  Tensors tensors;
  tensors.add("u.weight", {2, 2}, {1, 2, 3, 4}).add("f.weight", {2, 2}, {5, 6, 7, 8});
  tensors.add("ub", {2}, {0.25, 0.5}).add("fb.weight", {2, 1}, {10, 20}).add("mean", {}, {100});
  const Layout layout{.columns = {{"user", Layout::Rows{}}, {"film", Layout::Rows{}, 1}, {"price", Layout::Number{}}},
                      .layers = {{"u", Layout::Embedding{"user", "u"}},
                                 {"f", Layout::Embedding{"film", "f"}},
                                 {"ub", Layout::Embedding{"user", "ub"}},
                                 {"fb", Layout::Embedding{"film", "fb"}},
                                 {"dot", Layout::Dot{{"u", "f"}}},
                                 {"sum", Layout::Add{{"dot", "ub", "fb", "price"}}},
                                 {"biased", Layout::Bias{"", "mean"}},
                                 {"score", Layout::Activation{"", graph::Activation::relu}}}};
  const Table rows({{"user", std::vector<std::int64_t>{0, 1, 5}, {}},
                    {"film", std::vector<std::int64_t>{0, 1, 0}, {}},
                    {"price", std::vector<double>{0.5, -500, 1}, {}}});
  // 5 + 12 + .25 + 10 + .5 + 100; relu(21 + 32 + ... - 500); no user: 10 + 1 + 100
  EXPECT_EQ(import(tensors.bytes(), layout).model.predict(rows), (std::vector<float>{127.75, 0, 111}));
}

TEST(ImportWeights, ReadsItsOwnExportsAsNpzToo) {
  const TemporaryDirectory folder;
  const Model model = podium::tests::model_of_kind("concat_of_one");
  write_weights_npz(loaded(model), folder / "npz");
  write_weights_safetensors(loaded(model), folder / "st");
  const auto& values = std::get<StringVocabulary>(model.features().encoders[0]).values();
  std::vector<std::string> words;
  for (std::size_t i = 0; i < values.size(); ++i) words.emplace_back(values[i]);
  const Layout layout{.columns = {{"user", words, 0}},
                      .layers = {{"user", Layout::Embedding{"user", "embedding/user"}},
                                 {"score", Layout::Linear{.tensors = "dense_0", .order = Layout::Order::in_out}}}};
  const Table rows = podium::tests::rows_of_kinds();
  EXPECT_EQ(import_weights(folder / "npz/weights.npz", layout).model.predict(rows), model.predict(rows));
  const Imported imported = import_weights(folder / "st/weights.safetensors", layout);
  EXPECT_EQ(imported.model.predict(rows), model.predict(rows));
  EXPECT_NE(imported.notes.front().find("left out: vocabulary/user/bytes, vocabulary/user/offsets"), std::string::npos);
}

// ---- what does not fit is named ----
TEST(ImportWeights, AMissingTensorIsNamedWithTheNearest) {
  Layout layout = small_layout();
  kind_of<Layout::Linear>(layout, 3).tensors = "hiden";
  EXPECT_EQ(error_of(layout),
            "l.toml:6: layers.hidden: w.safetensors has no tensor \"hiden.weight\"; did you mean \"hidden.weight\"?");
  kind_of<Layout::Linear>(layout, 3) = {.tensors = "hidden", .bias = "hidden.bais"};
  EXPECT_NE(error_of(layout).find("did you mean \"hidden.bias\""), std::string::npos);
}

TEST(ImportWeights, ShapesThatDisagreeAreSaidBoth) {
  Tensors turned;
  turned.add("user.weight", {3, 1}, {1, 10, 20}).add("film.weight", {2, 2}, {2, 3, 4, 5});
  turned.add("hidden.weight", {3, 2}, {1, 2, 3, 4, 5, 6}).add("score.weight", {1, 2}, {1, 1});
  EXPECT_EQ(error_of(small_layout(), turned),
            "l.toml:6: layers.hidden: \"hidden.weight\" has the shape [3, 2], read as [out, in], and its input has 3 "
            "columns; is its order \"in_out\"?");
  Tensors bias = small_tensors();
  bias.add("other.bias", {3}, {1, 2, 3});
  Layout layout = small_layout();
  kind_of<Layout::Linear>(layout, 3).bias = "other.bias";
  EXPECT_EQ(error_of(layout, bias),
            "l.toml:6: layers.hidden: \"other.bias\" has the shape [3], and \"hidden.weight\" has the shape [2, 3]");
  layout = small_layout();
  layout.layers[2].kind = Layout::Dot{{"u", "f"}};
  EXPECT_EQ(error_of(layout),
            "l.toml:5: layers.both: \"u\" has 1 column and \"f\" 2; they have to be as long as each other");
  layout.layers[2].kind = Layout::Add{{"f", "u"}};
  EXPECT_NE(error_of(layout).find("\"f\" has 2 columns and \"u\" 1"), std::string::npos);
  layout = small_layout();
  layout.layers.back().kind = Layout::Bias{"", "user"};
  EXPECT_NE(error_of(layout).find("no tensor \"user.bias\""), std::string::npos);
  layout.layers.back().kind = Layout::Bias{"", "user.weight"};
  EXPECT_NE(error_of(layout).find("[3, 1] to 2 columns"), std::string::npos) << error_of(layout);
}

TEST(ImportWeights, AVocabularyHasAValueForEachRow) {
  Layout layout = small_layout();
  layout.columns[0].unknown.reset();
  EXPECT_EQ(error_of(layout),
            "l.toml:1: columns.user: the vocabulary has 2 values, and \"user.weight\" has 3 rows; if one of them is "
            "every unknown value's, say which: unknown = 0");
  layout.columns[0].values = std::vector<std::string>{"a", "b", "c"};
  EXPECT_NE(message_of([&] { import(small_tensors().bytes(), layout); }).find("no error"), std::string::npos);
  layout.columns[0].unknown = 2;
  EXPECT_NE(error_of(layout).find("3 values and the unknown one, and \"user.weight\" has 3 rows; if unknown"),
            std::string::npos);
  layout.columns[0].unknown = 3;
  EXPECT_NE(error_of(layout).find("unknown is row 3, and \"user.weight\" has 3 rows"), std::string::npos);
  layout = small_layout();
  layout.columns[0].values = std::vector<std::string>{"a", "a"};
  EXPECT_NE(error_of(layout).find("\"a\""), std::string::npos) << error_of(layout);
  layout.columns[0].values = Layout::File{"nowhere.txt"};
  EXPECT_NE(error_of(layout).find("columns.user.vocabulary: nowhere.txt"), std::string::npos) << error_of(layout);
}

TEST(ImportWeights, TablesOfOneColumnHaveItsRows) {
  Layout layout = small_layout();
  layout.columns[0] = {"user", Layout::Rows{}, std::nullopt, "l.toml:1: columns.user"};
  kind_of<Layout::Embedding>(layout, 1).column = "user";
  EXPECT_EQ(error_of(layout),
            "l.toml:4: layers.f: \"film.weight\" has 2 rows and \"user.weight\" 3, both of the column \"user\"");
}

TEST(ImportWeights, WhatNothingReadsIsAMistake) {
  Layout layout = small_layout();
  kind_of<Layout::Concat>(layout, 2).inputs = {"f"};
  EXPECT_NE(error_of(layout).find("layers.hidden"), std::string::npos) << "f alone is too narrow for hidden";
  layout = small_layout();
  layout.layers.push_back({"more", Layout::Linear{.input = "both", .tensors = "hidden"}, "more"});
  EXPECT_EQ(error_of(layout).find("l.toml:7: layers.score: nothing reads this layer"), 0U) << error_of(layout);
  layout = small_layout();
  layout.columns.push_back({"year", Layout::Number{}, std::nullopt, "l.toml:9: columns.year"});
  EXPECT_EQ(error_of(layout), "l.toml:9: columns.year: no layer reads this column");
}

TEST(ImportWeights, NamesAreOfWhatIsThere) {
  Layout layout = small_layout();
  kind_of<Layout::Concat>(layout, 2).inputs = {"u", "g"};
  EXPECT_NE(error_of(layout).find("input \"g\" is no layer above it"), std::string::npos);
  layout = small_layout();
  kind_of<Layout::Embedding>(layout, 1).column = "films";
  EXPECT_NE(error_of(layout).find("no column \"films\"; did you mean \"film\"?"), std::string::npos);
  layout = small_layout();
  layout.layers[1].name = "u";
  EXPECT_NE(error_of(layout).find("two layers"), std::string::npos);
  layout = small_layout();
  layout.columns.push_back({"hidden", Layout::Number{}, std::nullopt, "l.toml:9"});
  EXPECT_NE(error_of(layout).find("a column of numbers has this name"), std::string::npos);
  layout = small_layout();
  layout.columns[0].values = Layout::Number{};
  EXPECT_NE(error_of(layout).find("is a number, which has no rows"), std::string::npos);
  layout = small_layout();
  layout.layers[2].kind = Layout::Dot{{"u", "u", "u"}};
  EXPECT_NE(error_of(layout).find("has 3 inputs; a dot has two"), std::string::npos);
  EXPECT_NE(error_of({}).find("no layers"), std::string::npos);
}

TEST(ImportWeights, ASlopeThatPodiumLacksIsRefused) {
  Layout layout = small_layout();
  auto& linear = kind_of<Layout::Linear>(layout, 3);
  linear.activation = graph::Activation::leaky_relu;
  EXPECT_NE(error_of(layout).find("negative_slope = 0.2"), std::string::npos);
  linear.negative_slope = 0.2F;
  EXPECT_EQ(error_of(layout), "no error");
}

TEST(ImportWeights, AKernelIsNotTakenForAWeight) {
  Tensors tensors;
  tensors.add("t.weight", {2, 1}, {1, 2}).add("dense_0/kernel", {1, 1}, {3});
  const Layout layout{.columns = {{"x", Layout::Rows{}}},
                      .layers = {{"x", Layout::Embedding{"x", "t"}}, {"y", Layout::Linear{.tensors = "dense_0"}, "y"}}};
  EXPECT_NE(error_of(layout, tensors).find("order = \"in_out\""), std::string::npos);
}

// ---- files ----
TEST(TensorFile, ConvertsWhatOtherWidthsHold) {
  const std::vector<std::uint16_t> half = {0x3c00, 0xc000, 0x0001, 0x7bff, 0x7c00, 0x8000};  // 1, -2, 2^-24, 65504 ...
  const std::vector<std::uint16_t> brain = {0x3f80, 0xc040};                                 // 1, -3
  const std::vector<double> wide = {0.1, -2.5};
  const std::vector<std::int64_t> whole = {1};
  const std::vector<TensorView> views = {
      {"f64", Dtype::f64, {2}, std::as_bytes(std::span(wide))},
      view_of("i64", whole),
      {"f16", Dtype::f16, {6}, std::as_bytes(std::span(half))},
      {"bf16", Dtype::bf16, {2}, std::as_bytes(std::span(brain))},
  };
  const std::string bytes = safetensors_bytes(views);
  const TensorFile file(std::as_bytes(std::span(bytes)), "w");
  EXPECT_EQ(file.floats("f16").array.values,
            (std::vector<float>{1, -2, std::ldexp(1.0F, -24), 65504, INFINITY, -0.0F}));
  EXPECT_EQ(file.floats("bf16").array.values, (std::vector<float>{1, -3}));
  EXPECT_EQ(file.floats("f64").array.values, (std::vector<float>{0.1F, -2.5F}));
  EXPECT_EQ(file.floats("f64").dtype, Dtype::f64);
  EXPECT_NE(message_of([&] { (void)file.floats("i64"); }).find("holds I64; weights are"), std::string::npos);
}

TEST(TensorFile, SaysWhatItsContentIs) {
  const TemporaryDirectory folder;
  write_text(folder / "w.npz", small_tensors().bytes());  // safetensors, whatever its name is
  EXPECT_EQ(TensorFile(folder / "w.npz").names().size(), 5U);
  write_text(folder / "w.safetensors", "user,item\n1,2\n");
  EXPECT_NE(message_of([&] { TensorFile(folder / "w.safetensors"); }).find(".npz"), std::string::npos);
  EXPECT_NE(message_of([&] { import_weights(folder / "none", {}); }).find("is not there"), std::string::npos);
  EXPECT_NE(message_of([&] { import_weights(folder / ".", {}); }).find("is a directory"), std::string::npos);
}

/// A safetensors file with one tensor more, of zeros, behind the others.
std::string with_extra(const std::string& file, const std::string& dtype, std::size_t elements, std::size_t size) {
  std::uint64_t length = 0;
  std::memcpy(&length, file.data(), 8);
  std::string header = file.substr(8, length);
  const std::size_t data = file.size() - 8 - length;
  header.resize(header.rfind('}'));
  header += R"(,"extra":{"dtype":")" + dtype + R"(","shape":[)" + std::to_string(elements) + R"(],"data_offsets":[)" +
            std::to_string(data) + "," + std::to_string(data + size) + "]}}";
  length = header.size();
  return std::string(reinterpret_cast<const char*>(&length), 8) + header + file.substr(file.size() - data) +
         std::string(size, '\0');
}

TEST(ImportWeights, LeavesOutWhatNoLayerUsesWhateverItHolds) {
  const std::string plain = small_tensors().bytes();
  const auto rows = small_rows();
  for (const auto& [dtype, size] : std::vector<std::pair<std::string, std::size_t>>{
           {"F8_E4M3", 4}, {"F8_E5M2", 4}, {"F8_E8M0", 4}, {"F4", 2}, {"C64", 32}, {"BOOL", 4}, {"none \\u001b", 7}}) {
    const Imported imported = import(with_extra(plain, dtype, 4, size), small_layout());
    EXPECT_EQ(imported.model.predict(rows), (std::vector<float>{123, 143, 101})) << dtype;
    EXPECT_EQ(std::ranges::count(imported.notes, "no layer names these tensors, which were left out: extra"), 1)
        << dtype;
  }
}

TEST(ImportWeights, ALayerOfAnotherDtypeIsAnErrorThatNamesIt) {
  Layout layout = small_layout();
  kind_of<Layout::Linear>(layout, 3).bias = "extra";
  const auto error = [&](const std::string& dtype, std::size_t size) {
    return message_of([&] { import(with_extra(small_tensors().bytes(), dtype, 2, size), layout); });
  };
  EXPECT_EQ(error("F8_E4M3", 2),
            "w.safetensors: tensor \"extra\" holds \"F8_E4M3\"; weights are F32, F16, BF16 or F64");
  EXPECT_NE(error("odd", 3).find("\"extra\" holds \"odd\""), std::string::npos);
  EXPECT_NE(error("F8_E4M3", 3).find("is damaged"), std::string::npos) << "of 3 bytes for 2 elements";
}

/// An archive of these parts, written by libzip.
std::string zipped(const std::map<std::string, std::string>& parts, zip_int32_t method = ZIP_CM_STORE) {
  const TemporaryDirectory folder;
  zip_t* archive = zip_open((folder / "a.zip").c_str(), ZIP_CREATE, nullptr);
  for (const auto& [name, content] : parts) {
    zip_source_t* source = zip_source_buffer(archive, content.data(), content.size(), 0);
    const zip_int64_t at = zip_file_add(archive, name.c_str(), source, 0);
    zip_set_file_compression(archive, static_cast<zip_uint64_t>(at), method, 0);
  }
  EXPECT_EQ(zip_close(archive), 0);
  return read_text(folder / "a.zip");
}
std::string zipped(const std::string& name, const std::string& content, zip_int32_t method) {
  return zipped({{name, content}}, method);
}
std::string npy(const std::string& head, const std::string& data) {
  std::string bytes("\x93NUMPY\x01\x00", 8);
  bytes.push_back(static_cast<char>(head.size()));
  bytes.push_back('\0');
  return bytes + head + data;
}
std::string floats_text(const std::vector<float>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}
Array array_of(const std::string& archive) {
  return TensorFile(std::as_bytes(std::span(archive)), "w.npz").floats("a").array;
}

TEST(NpzFileReader, ReadsStoredAndDeflatedArraysInEitherOrder) {
  const std::string data = floats_text({1, 2, 3, 4, 5, 6});
  for (const zip_int32_t method : {ZIP_CM_STORE, ZIP_CM_DEFLATE}) {
    const Array plain =
        array_of(zipped("a.npy", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }\n", data), method));
    EXPECT_EQ(plain.shape, (std::vector<std::size_t>{2, 3}));
    EXPECT_EQ(plain.values, (std::vector<float>{1, 2, 3, 4, 5, 6}));
    const Array fortran =
        array_of(zipped("a.npy", npy("{'shape': (2, 3), 'fortran_order': True, 'descr': '<f4'}", data), method));
    EXPECT_EQ(fortran.values, (std::vector<float>{1, 3, 5, 2, 4, 6}));
  }
  const Array one =
      array_of(zipped("a.npy", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (6,), }", data), ZIP_CM_STORE));
  EXPECT_EQ(one.shape, std::vector<std::size_t>{6});
  const Array scalar = array_of(
      zipped("a.npy", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (), }", floats_text({7})), ZIP_CM_STORE));
  EXPECT_TRUE(scalar.shape.empty());
}

TEST(NpzFileReader, LeavesOutArraysOfOtherTypesAndUnpicklesNone) {
  const auto head = [](const std::string& type, const std::string& shape) {
    return "{'descr': '" + type + "', 'fortran_order': False, 'shape': (" + shape + "), }\n";
  };
  // The object array holds no pickle at all: whoever tried to read one would fail.
  const std::string archive = zipped({{"a.npy", npy(head("<f4", "2,"), floats_text({1, 2}))},
                                      {"complex.npy", npy(head("<c8", "1,"), floats_text({1, 2}))},
                                      {"objects.npy", npy(head("|O", "1,"), "cos\nsystem\n")},
                                      {"words.npy", npy(head("<U3", "1,"), std::string(12, 'x'))}});
  Layout layout{.columns = {{"x", Layout::Rows{}}}, .layers = {{"y", Layout::Embedding{"x", "a"}}}};
  const Imported imported = import(archive, layout);
  const Table rows({{"x", std::vector<std::int64_t>{1}, {}}});
  EXPECT_EQ(imported.model.predict(rows), std::vector<float>{2});
  EXPECT_EQ(
      std::ranges::count(imported.notes, "no layer names these tensors, which were left out: complex, objects, words"),
      1);
  for (const auto& [name, type] : std::map<std::string, std::string>{{"complex", "<c8"}, {"objects", "|O"}}) {
    kind_of<Layout::Embedding>(layout, 0).tensors = name;
    EXPECT_EQ(message_of([&] { import(archive, layout); }),
              "w.safetensors: tensor \"" + name + "\": holds \"" + type +
                  "\"; Podium reads numbers, little-endian, as in \"<f4\"");
  }
}

TEST(NpzFileReader, RefusesWhatIsNotSound) {
  const auto error = [](const std::string& head, const std::string& data = floats_text({1, 2})) {
    return message_of([&] { array_of(zipped("a.npy", npy(head, data), ZIP_CM_STORE)); });
  };
  EXPECT_NE(error("{'descr': '>f4', 'fortran_order': False, 'shape': (2,), }").find("little-endian"),
            std::string::npos);
  EXPECT_NE(error("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }").find("records"),
            std::string::npos);
  EXPECT_NE(error("{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }").find("[3]"), std::string::npos);
  EXPECT_NE(error("{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387905,), }").find("too large"),
            std::string::npos);
  for (const char* head : {"", "{", "{}", "{'descr': '<f4'}", "{'descr': '<f4', 'fortran_order': 0, 'shape': (2,), }",
                           "{'descr': '<f4', 'fortran_order': False, 'shape': (2 2), }",
                           "{'descr': '<f4', 'fortran_order': False, 'shape': (-2,), }",
                           "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'more': 1}",
                           "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), } more"}) {
    EXPECT_NE(error(head).find("as NumPy writes it"), std::string::npos) << head << ": " << error(head);
  }
  const std::string bytes = zipped("a.npy", "NUMPY", ZIP_CM_STORE);
  EXPECT_NE(message_of([&] { array_of(bytes); }).find("no array of NumPy's"), std::string::npos);
  const std::string pickle = zipped("archive/data.pkl", "x", ZIP_CM_STORE);
  EXPECT_NE(message_of([&] { array_of(pickle); }).find("safetensors.torch.save_file"), std::string::npos);
  const std::string other = zipped("word/document.xml", "x", ZIP_CM_STORE);
  EXPECT_NE(message_of([&] { array_of(other); }).find("document.xml"), std::string::npos);
}

TEST(ImportWeights, ADamagedFileIsAnErrorOrAModel) {
  const TemporaryDirectory folder;
  const Model model = podium::tests::model_of_kind("integer");
  write_weights_npz(loaded(model), folder / "npz");
  const Layout layout{.columns = {{"year", Layout::Rows{}, 0}},
                      .layers = {{"year", Layout::Embedding{"year", "embedding/year"}}}};
  const auto try_to_import = [&](const std::string& bytes) {
    return message_of([&] { import(bytes, layout); }) == "no error";
  };
  Tensors tensors;
  tensors.add("embedding/year/weight", {3, 1}, {1, 2, 3});
  const Random random(7);
  for (const std::string& bytes :
       {read_text(folder / "npz/weights.npz"), tensors.bytes(), with_extra(tensors.bytes(), "F8_E4M3", 4, 4)}) {
    ASSERT_TRUE(try_to_import(bytes));
    for (std::size_t length = 0; length < bytes.size(); ++length) {
      EXPECT_FALSE(try_to_import(bytes.substr(0, length))) << length;
    }
    for (std::size_t sample = 0; sample < 500; ++sample) {
      std::string changed = bytes;
      const std::size_t position = random.below(bytes.size(), 0, 2 * sample);
      changed[position] = static_cast<char>(changed[position] ^ (1 << random.below(8, 0, 2 * sample + 1)));
      (void)try_to_import(changed);
    }
  }
}
}  // namespace
}  // namespace podium::interop::tests
