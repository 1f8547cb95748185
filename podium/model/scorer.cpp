#include "podium/model/scorer.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <numeric>
#include <optional>
#include <vector>

#include "podium/core/error.h"
#include "podium/core/gemm.h"
#include "podium/nn/executor.h"
#include "podium/nn/shared_prefix.h"
#include "podium/nn/table_products.h"

namespace podium {
namespace {
constexpr std::size_t kTileRows = nn::kTileRows;
constexpr std::size_t kMostProductBytes = std::size_t{64} << 20;

// Everything that one call works on.
struct Desk {
  Desk(const nn::Plan& plan, std::size_t features, const std::optional<nn::TableProducts>& products,
       const std::optional<nn::SharedPrefix>& prefix)
      : workspace(plan), batch{kTileRows, {}} {
    if (products) shared = products->memory();
    if (prefix) sums = prefix->memory();
    for (std::size_t f = 0; f < features; ++f)
      batch.features.emplace_back(Ids{std::vector<std::uint32_t>(kTileRows), {}});
  }
  std::span<std::uint32_t> ids(std::size_t feature) { return std::get<Ids>(batch.features[feature]).ids; }
  nn::Workspace workspace;
  nn::TableProducts::Shared shared;
  nn::SharedPrefix::Sums sums;
  Batch batch;
};

std::uint32_t id_in(const Features& features, std::size_t feature, std::string_view value) {
  return id_of(features.features[feature], features.encoders[feature], value);
}
}  // namespace

struct Scorer::Parts {
  Parts(const Model& scored, Prepare prepare)
      : model(scored),
        executor(scored.graph(), gemm_kernel(scored.options().kernel), {scored.graph().outputs.front().value}) {
    const auto& features = model.graph().features;
    for (std::size_t f = 0; f < features.size(); ++f) {
      const std::string& column = graph::column_of(features[f]);
      const bool has_ids = !std::holds_alternative<NumericEncoder>(model.features().encoders[f]);
      const bool is_user = has_ids && column == model.options().user,
                 is_item = has_ids && column == model.options().item;
      if (!is_user && !is_item) {
        throw Error("scorer: the model needs the feature \"" + column + "\" besides user and item; use Model::predict");
      }
      (is_user ? users : items).push_back(f);
    }
    if (users.size() > 1 || items.size() > 1) {
      throw Error("scorer: several features read the user or the item column; use Model::predict");
    }
    if (users.empty() || items.empty()) {
      throw Error("scorer: the model does not say which of its features are the user and the item");
    }
    std::iota(rows.begin(), rows.end(), 0U);
    executor.prepare(model.weights());
    const GemmKernel& kernel = gemm_kernel(model.options().kernel);
    if (prepare == Prepare::products) {
      products = nn::TableProducts::find(model.graph(), executor, kernel, model.weights(), kMostProductBytes);
    }
    if (products) return;
    prefix = nn::SharedPrefix::find(model.graph(), executor, kernel, model.weights(), user_feature());
  }

  std::unique_ptr<Desk> take() {
    {
      const std::lock_guard lock(mutex);
      if (!desks.empty()) {
        auto desk = std::move(desks.back());
        desks.pop_back();
        return desk;
      }
    }
    return std::make_unique<Desk>(executor.plan(), model.graph().features.size(), products, prefix);
  }
  void give_back(std::unique_ptr<Desk> desk) {
    const std::lock_guard lock(mutex);
    desks.push_back(std::move(desk));
  }

  void check(std::span<const std::uint32_t> ids, const std::vector<std::size_t>& of) const {
    for (const std::size_t feature : of) {
      const std::size_t count = id_count(model.graph().features[feature], model.features().encoders[feature]);
      for (const std::uint32_t id : ids) {
        if (id >= count) {
          throw Error("scorer: id " + std::to_string(id) + " of a feature of " + std::to_string(count) +
                      " ids; they come from user() and item()");
        }
      }
    }
  }

  // fill(first, count, desk) sets the ids of rows [first, first + count). one_user: the user of all rows, if there is
  // one.
  template <class Fill>
  void score(std::span<float> scores, const std::uint32_t* one_user, const Fill& fill) {
    auto desk = take();
    const bool shares = one_user != nullptr && scores.size() > 1;
    if (shares && products) products->start(user_feature(), *one_user, desk->shared, desk->workspace.gemm);
    if (shares && prefix) prefix->start(*one_user, desk->sums, desk->workspace.gemm);
    const graph::ValueId output = model.graph().outputs.front().value;
    for (std::size_t first = 0; first < scores.size(); first += kTileRows) {
      const std::size_t count = std::min(kTileRows, scores.size() - first);
      fill(first, count, *desk);
      const nn::Tile tile(executor.plan(), desk->batch, std::span(rows).first(count), 0, desk->workspace);
      if (products) {
        products->forward(tile, shares ? &desk->shared : nullptr);
      } else if (shares && prefix) {
        prefix->forward(tile, desk->sums);
      } else {
        executor.forward(model.weights(), tile, nullptr);
      }
      const MatrixView found = tile.value(output);
      for (std::size_t r = 0; r < count; ++r) scores[first + r] = found.row(r)[0];
    }
    give_back(std::move(desk));
  }

  graph::FeatureId user_feature() const { return static_cast<graph::FeatureId>(users.front()); }

  const Model& model;
  nn::Executor executor;
  std::optional<nn::TableProducts> products;
  std::optional<nn::SharedPrefix> prefix;  // where there are no products
  std::vector<std::size_t> users, items;   // features of each role
  std::array<std::uint32_t, kTileRows> rows = {};
  std::mutex mutex;
  std::vector<std::unique_ptr<Desk>> desks;
};

Scorer::Scorer(const Model& model, Prepare prepare) : parts_(std::make_unique<Parts>(model, prepare)) {}
Scorer::~Scorer() = default;

std::uint32_t Scorer::user(std::string_view value) const {
  return id_in(parts_->model.features(), parts_->users.front(), value);
}
std::uint32_t Scorer::item(std::string_view value) const {
  return id_in(parts_->model.features(), parts_->items.front(), value);
}
bool Scorer::knows_user(std::uint32_t id) const {
  return place_of(parts_->model.graph().features[parts_->users.front()], id) != 0;
}
bool Scorer::knows_item(std::uint32_t id) const {
  return place_of(parts_->model.graph().features[parts_->items.front()], id) != 0;
}

void Scorer::score(std::span<const std::uint32_t> users, std::span<const std::uint32_t> items,
                   std::span<float> scores) const {
  if (users.size() != scores.size() || items.size() != scores.size()) {
    throw Error("scorer: " + std::to_string(users.size()) + " users, " + std::to_string(items.size()) +
                " items and room for " + std::to_string(scores.size()) + " scores; give as many of each");
  }
  parts_->check(users, parts_->users);
  parts_->check(items, parts_->items);
  parts_->score(scores, nullptr, [&](std::size_t first, std::size_t count, Desk& desk) {
    for (const std::size_t f : parts_->users) std::ranges::copy(users.subspan(first, count), desk.ids(f).begin());
    for (const std::size_t f : parts_->items) std::ranges::copy(items.subspan(first, count), desk.ids(f).begin());
  });
}

void Scorer::score(std::uint32_t user, std::span<const std::uint32_t> items, std::span<float> scores) const {
  if (items.size() != scores.size()) {
    throw Error("scorer: " + std::to_string(items.size()) + " items and room for " + std::to_string(scores.size()) +
                " scores");
  }
  parts_->check({&user, 1}, parts_->users);
  parts_->check(items, parts_->items);
  parts_->score(scores, &user, [&](std::size_t first, std::size_t count, Desk& desk) {
    for (const std::size_t f : parts_->users) std::ranges::fill(desk.ids(f), user);
    for (const std::size_t f : parts_->items) std::ranges::copy(items.subspan(first, count), desk.ids(f).begin());
  });
}
}  // namespace podium
