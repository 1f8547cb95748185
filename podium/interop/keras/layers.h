#pragma once
// Included by sources only.
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "podium/core/json.h"
#include "podium/interop/keras/hdf5.h"
#include "podium/interop/keras/options.h"
#include "podium/interop/term.h"

namespace podium::interop {
/// A model of Keras' configuration as Podium's nodes: from an output back to the inputs.
class KerasModel {
 public:
  /// Gives a part of the archive, or nothing if it is not there.
  using Asset = std::function<std::optional<std::string>(const std::string& name)>;
  KerasModel(const Json& model, Asset asset, const Hdf5& weights, std::string_view keras_version,
             GraphImporter& importer);

  /// tf-keras' models are Keras 2's.
  bool is_keras3() const { return is_keras3_; }
  /// The outputs' names and values in the order of the model's list, or by the keys of its dictionary; `chosen` alone
  /// if it is not empty. Throws Error naming the layer that Podium has nothing for.
  std::vector<graph::Output> outputs(const std::string& chosen);
  /// The weights' paths in the order of Keras' trainable variables.
  std::vector<std::string> trainable() const { return weights_of(/*trained=*/true); }
  /// And of the others.
  std::vector<std::string> frozen() const { return weights_of(/*trained=*/false); }

 private:
  struct Model;
  /// What a layer is called with: a call of another layer, or numbers that stand in the call.
  struct Argument {
    std::string layer;
    std::size_t call = 0;
    std::optional<Array> constant = {};
  };
  using Operand = std::variant<Term, Array>;
  /// How the archive names its layers: folder/dense, folder/dense_1.
  struct Names {
    std::string folder;
    bool counts_twice = false;  // layers with variables: dense, dense_2
  };
  static Names names_of(const Hdf5& weights, std::string_view keras_version);
  /// A layer where it stands: its configuration, the path of its weights, the calls that were made of it.
  struct Layer {
    const Json* json = nullptr;
    std::string kind, name, path;
    std::vector<std::vector<Argument>> calls;  // [calls][arguments]
    std::size_t first_call = 0;                // the number of the first of them
    std::shared_ptr<Model> inside = {};        // of a model within the model
    const Json& config() const { return json->at("config"); }
  };
  struct Model {
    std::vector<Layer> layers;
    std::map<std::string, std::size_t> index;
    std::vector<std::string> inputs;                        // layers
    std::vector<std::pair<std::string, Argument>> outputs;  // names, layers and their calls
    std::vector<Term> given;                                // what a model within the model is called with
    bool has_variables = false;
    std::map<std::pair<std::string, std::size_t>, Term> known = {};
  };
  using Rule = Term (KerasModel::*)(Model&, const Layer&, const std::vector<Term>&);
  static const std::map<std::string, Rule, std::less<>>& rules();
  /// Layers that join any number of values, and take constants too.
  using Join = Term (KerasModel::*)(const Layer&, const std::vector<Operand>&);
  static const std::map<std::string, Join, std::less<>>& joins();

  static std::vector<std::vector<Argument>> calls_of(const Json& layer, const std::string& name);
  static void gather(const Json& json, const std::string& name, std::vector<Argument>& found);
  static void gather_keywords(const Json& keywords, const std::string& name,
                              const std::vector<std::string_view>& operands, std::vector<Argument>& found);
  static std::vector<std::pair<std::string, Argument>> outputs_of(const Json& json, bool is_keras3);
  std::size_t first_call(const Layer& layer) const;
  static bool has_variables(const Layer& layer);
  std::shared_ptr<Model> model_of(const Json& json, const std::string& prefix, std::size_t depth) const;
  Term value(Model& model, const std::string& layer, std::size_t call);
  Term computed(Model& model, const Layer& layer, std::size_t call);
  static void expect_same_type(const Layer& input, const Term& given);
  Term column(Model& model, const Layer& layer);
  Term called(const Layer& layer, std::vector<Term> inputs);
  std::vector<std::string> weights_of(bool trained) const;
  void collect(const Model& model, bool is_frozen, bool trained, std::vector<std::string>& paths) const;

  Term lookup(Model& model, const Layer& layer, const std::vector<Term>& inputs);
  Term embedding(Model& model, const Layer& layer, const std::vector<Term>& inputs);
  Term flatten(Model& model, const Layer& layer, const std::vector<Term>& inputs);
  Term reshape(Model& model, const Layer& layer, const std::vector<Term>& inputs);
  Term concatenate(Model& model, const Layer& layer, const std::vector<Term>& inputs);
  Term dot(Model& model, const Layer& layer, const std::vector<Term>& inputs);
  Term rescaling(Model& model, const Layer& layer, const std::vector<Term>& inputs);
  Term normalization(Model& model, const Layer& layer, const std::vector<Term>& inputs);
  Term batch_normalization(Model& model, const Layer& layer, const std::vector<Term>& inputs);
  Term add(const Layer& layer, const std::vector<Operand>& operands);
  Term subtract(const Layer& layer, const std::vector<Operand>& operands);
  Term multiply(const Layer& layer, const std::vector<Operand>& operands);
  Term divide(const Layer& layer, const std::vector<Operand>& operands);
  Term average(const Layer& layer, const std::vector<Operand>& operands);
  Term dense(Model& model, const Layer& layer, const std::vector<Term>& inputs);
  Term dropout(Model& model, const Layer& layer, const std::vector<Term>& inputs);
  Term same(Model& model, const Layer& layer, const std::vector<Term>& inputs);
  Term activated(Model& model, const Layer& layer, std::size_t call, graph::Activation activation);
  Term dense_with(const Layer& layer, const Term& input, graph::Activation activation);
  graph::ValueId numbers(const Layer& layer, const Term& term);
  Term as_numbers(const Layer& layer, const Term& term) { return {numbers(layer, term), term.axes}; }
  void note_training(const Layer& layer);
  std::vector<std::string> vocabulary_file(const Layer& layer) const;

  Asset asset_;
  const Hdf5& weights_;
  GraphImporter& importer_;
  Names names_;  // before model_, which needs these two
  bool is_keras3_;
  const Json& root_;  // the model's own configuration
  std::shared_ptr<Model> model_;
  std::size_t depth_ = 0, calls_ = 0;
};
}  // namespace podium::interop
