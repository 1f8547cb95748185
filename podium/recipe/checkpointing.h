#pragma once
#include <chrono>
#include <string>
#include <vector>

#include "podium/core/files.h"
#include "podium/model/model.h"
#include "podium/model/record.h"
#include "podium/recipe/recipe.h"
#include "podium/recipe/run.h"
#include "podium/train/trainer.h"

namespace podium::recipe {
/// What a checkpoint is bound to: the recipe without what changes no result, the kernel, the sources' checksums.
std::string binding_of(const Recipe& recipe, const std::vector<Source>& sources, const std::string& kernel);

/// The checkpoint of a run, FOLDER/.checkpoint: written every so many steps or minutes and when the run is stopped;
/// gone when the model is published.
class Checkpointing {
 public:
  Checkpointing(Files& files, std::string folder, std::string binding, const Recipe& recipe);

  std::string path() const;
  bool exists() const;
  /// Throws Error if something else has the place of the checkpoint, before a training finds out.
  void check_place() const;
  /// Puts the checkpoint's weights into the model and its state into the trainer. Throws Error if it is damaged, or of
  /// another recipe or other data, naming what differs.
  void restore(Model& model, Trainer& trainer) const;
  /// After a step: saves if it is time to.
  void after_step(const Model& model, const Trainer& trainer);
  void save(const Model& model, const Trainer& trainer);
  /// Leaves what is no checkpoint.
  void remove();

 private:
  using Clock = std::chrono::steady_clock;
  Files& files_;
  std::string folder_, binding_;
  std::size_t every_steps_, steps_ = 0;
  double every_minutes_;
  Clock::time_point last_ = Clock::now();
};
}  // namespace podium::recipe
