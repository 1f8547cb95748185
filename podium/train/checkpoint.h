#pragma once
#include <string>

#include "podium/core/files.h"
#include "podium/nn/weights.h"
#include "podium/train/train_state.h"

namespace podium {
/// A training between two of its steps.
struct Checkpoint {
  std::string belongs_to;  // whatever the trainer's owner binds it to: recipe and data, as text
  nn::Weights weights;
  TrainState state;
};

/// Writes it as the directory `path`, in one step: whoever opens it, also after a kill, finds the old or the new. Its
/// folder must exist. Throws Error if it can't be written, or if something else is there.
void write_checkpoint(Files& files, const std::string& path, const Checkpoint& checkpoint);

/// Why `path` may not be replaced by a checkpoint, as foreign_in says it; "" if nothing is there, or a checkpoint.
std::string foreign_checkpoint(const std::string& path);

/// Removes a checkpoint in one step; what is none is left.
void remove_checkpoint(Files& files, const std::string& path);

/// Reads what write_checkpoint wrote: every number bit for bit. Throws Error if a file is missing or damaged.
Checkpoint read_checkpoint(const std::string& path);
}  // namespace podium
