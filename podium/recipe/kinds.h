#pragma once
#include <array>
#include <string_view>
#include <utility>

#include "podium/graph/graph.h"
#include "podium/nn/optimizer_options.h"
#include "podium/recipe/fields.h"
#include "podium/train/trainer.h"

/// The names that a recipe has for other rooms' enums and kinds.
namespace podium::recipe {
template <>
struct EnumNames<Schedule::Kind> {
  static constexpr std::array<std::pair<std::string_view, Schedule::Kind>, 3> all = {
      {{"constant", Schedule::Kind::constant}, {"cosine", Schedule::Kind::cosine}, {"step", Schedule::Kind::step}}};
};
template <>
struct EnumNames<Duplicates> {
  static constexpr std::array<std::pair<std::string_view, Duplicates>, 2> all = {
      {{"sum", Duplicates::sum}, {"sum_of_squares", Duplicates::sum_of_squares}}};
};
template <>
struct EnumNames<Shuffle> {
  static constexpr std::array<std::pair<std::string_view, Shuffle>, 3> all = {
      {{"once", Shuffle::once}, {"each_epoch", Shuffle::each_epoch}, {"none", Shuffle::none}}};
};
template <>
struct EnumNames<graph::Activation> {
  using A = graph::Activation;
  static constexpr std::array<std::pair<std::string_view, A>, 10> all = {{{"linear", A::linear},
                                                                          {"relu", A::relu},
                                                                          {"sigmoid", A::sigmoid},
                                                                          {"tanh", A::tanh},
                                                                          {"gelu", A::gelu},
                                                                          {"selu", A::selu},
                                                                          {"elu", A::elu},
                                                                          {"leaky_relu", A::leaky_relu},
                                                                          {"swish", A::swish},
                                                                          {"silu", A::swish}}};  // its other name
};

/// Initializers that have nothing to set.
struct NoFields {
  template <class Self, class Visit>
  static void fields(Self&, Visit&&) {}
};
template <>
struct Kind<graph::Zeros> : NoFields {
  static constexpr std::string_view name = "zeros";
};
template <>
struct Kind<graph::GlorotUniform> : NoFields {
  static constexpr std::string_view name = "glorot_uniform";
};
template <>
struct Kind<graph::GlorotNormal> : NoFields {
  static constexpr std::string_view name = "glorot_normal";
};
template <>
struct Kind<graph::HeUniform> : NoFields {
  static constexpr std::string_view name = "he_uniform";
};
template <>
struct Kind<graph::HeNormal> : NoFields {
  static constexpr std::string_view name = "he_normal";
};
template <>
struct Kind<graph::LecunUniform> : NoFields {
  static constexpr std::string_view name = "lecun_uniform";
};
template <>
struct Kind<graph::LecunNormal> : NoFields {
  static constexpr std::string_view name = "lecun_normal";
};
template <>
struct Kind<graph::Constant> {
  static constexpr std::string_view name = "constant";
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("value", self.value, "what every weight starts at");
  }
};
template <>
struct Kind<graph::RandomUniform> {
  static constexpr std::string_view name = "random_uniform";
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("minval", self.minval, "the least weight");
    visit("maxval", self.maxval, "the greatest weight");
  }
};
struct NormalFields {
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("mean", self.mean, "the weights' mean");
    visit("stddev", self.stddev, "the weights' standard deviation", at_least(0));
  }
};
template <>
struct Kind<graph::RandomNormal> : NormalFields {
  static constexpr std::string_view name = "random_normal";
};
template <>
struct Kind<graph::TruncatedNormal> : NormalFields {
  static constexpr std::string_view name = "truncated_normal";
};
}  // namespace podium::recipe
