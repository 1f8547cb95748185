#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "podium/model/model.h"

namespace podium {
/// The embedder's fast path: strings are resolved to ids once, then scored without allocation. Any number of threads
/// may call one Scorer at once; its memory grows to as many workspaces as calls ever overlapped.
///
/// A Scorer gives a pair the same bits in every call: alone, beside others and among one user's candidates.
class Scorer {
 public:
  enum class Prepare : std::uint8_t {
    /// For a service. Where a float32 model has a dense layer over the user's and the item's vectors side by side, what
    /// each user and each item adds to the layer is computed when the Scorer is made, as far as it fits in 64 MB: at
    /// most the work of scoring as many pairs as the tables have rows. A score is then another order of the sums of
    /// Model::predict, and differs from its score by float32 rounding: some units in the last place of the largest
    /// number in the sums.
    products,
    /// For a few calls: nothing is computed beforehand, and scores have the bits of Model::predict.
    nothing
  };

  /// The model outlives the scorer and stays as it is. Throws Error if the model has no user or item column, or needs
  /// features besides the two.
  explicit Scorer(const Model& model, Prepare prepare = Prepare::products);
  ~Scorer();
  Scorer(const Scorer&) = delete;
  Scorer& operator=(const Scorer&) = delete;

  /// The id of a user or item; one of the unknown's (0, where there is one) if the model does not know it. Whole
  /// numbers are written in decimal.
  std::uint32_t user(std::string_view value) const;
  std::uint32_t item(std::string_view value) const;
  /// Whether an id stands for a user or item that the model knows.
  bool knows_user(std::uint32_t id) const;
  bool knows_item(std::uint32_t id) const;

  /// scores[i] of (users[i], items[i]); all of one size. Throws Error if sizes differ or an id is beyond its
  /// vocabulary.
  void score(std::span<const std::uint32_t> users, std::span<const std::uint32_t> items, std::span<float> scores) const;
  /// scores[i] of (user, items[i]).
  void score(std::uint32_t user, std::span<const std::uint32_t> items, std::span<float> scores) const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};
}  // namespace podium
