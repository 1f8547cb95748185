#pragma once
#include <string>
#include <vector>

#include "podium/train/evaluation.h"
#include "podium/train/trainer.h"

/// The pictures of report.html; each is empty text when there is nothing to show.
namespace podium::train {
/// RMSE (the loss, if an epoch lacks it) of train and validation rows by epoch; by step if there is one epoch only.
std::string training_chart(const FitReport& fit);
/// What training_chart shows, in words.
std::string training_caption(const FitReport& fit);
/// RMSE of the model and the baselines with intervals.
std::string contender_dots(const Evaluation& evaluation);
/// Mean label by mean prediction.
std::string calibration_chart(const Evaluation& evaluation);
/// Mean of prediction - label by label.
std::string residual_bars(const Evaluation& evaluation);
/// The model's RMSE by number of train rows; `slices` are by_user_activity or by_item_activity.
std::string activity_bars(const std::string& title, const Evaluation& evaluation,
                          const std::vector<SliceMetrics>& slices);
}  // namespace podium::train
