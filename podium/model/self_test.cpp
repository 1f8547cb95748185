#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>

#include "podium/core/error.h"
#include "podium/core/random.h"
#include "podium/model/directory.h"

namespace podium::model {
namespace {
constexpr std::size_t kRows = 32;
constexpr std::uint64_t kSeed = 32;  // any; part of the format's determinism, not of its meaning

std::string feature_name(std::size_t feature, const char* part) {
  return "feature_" + std::to_string(feature) + "/" + part;
}
}  // namespace

SelfTest make_self_test(const Model& model) {
  SelfTest test;
  test.rows.rows = kRows;
  const Random random(kSeed);
  const auto& [features, encoders] = model.features();
  for (std::size_t feature = 0; feature < encoders.size(); ++feature) {
    const std::size_t ids = id_count(features[feature], encoders[feature]);
    if (ids == 0) {
      Numbers numbers(kRows);
      for (std::size_t row = 0; row < kRows; ++row) numbers[row] = static_cast<float>(random.normal(feature, row));
      test.rows.features.emplace_back(std::move(numbers));
      continue;
    }
    Ids drawn;
    for (std::size_t row = 0; row < kRows; ++row) {
      // The first row is all unknown.
      drawn.ids.push_back(row == 0 ? 0 : static_cast<std::uint32_t>(random.below(ids, feature, row)));
    }
    test.rows.features.emplace_back(std::move(drawn));
  }
  test.scores = model.predict(test.rows);
  return test;
}

std::vector<TensorView> views_of(const SelfTest& test) {
  std::vector<TensorView> views;
  for (std::size_t feature = 0; feature < test.rows.features.size(); ++feature) {
    const auto& column = test.rows.features[feature];
    if (const auto* ids = std::get_if<Ids>(&column)) {
      views.push_back(view_of(feature_name(feature, "ids"), ids->ids));
    } else {
      views.push_back(view_of(feature_name(feature, "numbers"), std::get<Numbers>(column)));
    }
  }
  views.push_back(view_of("scores", test.scores));
  return views;
}

SelfTest read_self_test(const Safetensors& file, const Model& model, const std::string& what) {
  SelfTest test;
  const auto scores = file.floats("scores");
  test.scores.assign(scores.begin(), scores.end());
  test.rows.rows = scores.size();
  const auto& [features, encoders] = model.features();
  for (std::size_t feature = 0; feature < encoders.size(); ++feature) {
    const std::size_t ids = id_count(features[feature], encoders[feature]);
    std::size_t rows = 0;
    if (ids == 0) {
      const auto numbers = file.floats(feature_name(feature, "numbers"));
      rows = numbers.size();
      test.rows.features.emplace_back(Numbers(numbers.begin(), numbers.end()));
    } else {
      const auto found = file.u32s(feature_name(feature, "ids"));
      rows = found.size();
      if (std::ranges::any_of(found, [&](std::uint32_t id) { return id >= ids; })) {
        throw Error(what + ": has an id that feature " + std::to_string(feature) + " lacks; the file is damaged");
      }
      test.rows.features.emplace_back(Ids{{found.begin(), found.end()}, {}});
    }
    if (rows != scores.size()) throw Error(what + ": its columns have different lengths; the file is damaged");
  }
  return test;
}
}  // namespace podium::model
