#pragma once
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "podium/metrics/accumulator.h"
#include "podium/metrics/binary.h"
#include "podium/metrics/errors.h"

namespace podium {
/// A number that says how good predictions are: its name and what takes in rows for it. Called, it is the plain
/// function: `rmse(predictions, labels)`.
struct Metric {
  std::string name;
  std::function<std::unique_ptr<Accumulator>()> make;

  /// The metric of these rows, [rows] each; NaN of no rows. Throws Error if their numbers differ.
  double operator()(std::span<const float> predictions, std::span<const float> labels) const;
};

/// A metric of your own: a function of all rows, which are kept until the end (8 bytes each).
Metric metric(std::string name,
              std::function<double(std::span<const float> predictions, std::span<const float> labels)> function);

// Formulas and conventions stand in errors.h and binary.h.
inline const Metric rmse{"rmse", metrics::rmse};
inline const Metric mae{"mae", metrics::mae};
inline const Metric mse{"mse", metrics::mse};
inline const Metric mean_prediction{"mean_prediction", metrics::mean_prediction};
inline const Metric mean_label{"mean_label", metrics::mean_label};
inline const Metric auc{"auc", metrics::auc};
inline const Metric log_loss{"log_loss", metrics::log_loss};
inline const Metric log_loss_of_logits{"log_loss_of_logits", metrics::log_loss_of_logits};
inline const Metric accuracy{"accuracy", metrics::accuracy};
inline const Metric accuracy_of_logits{"accuracy_of_logits", metrics::accuracy_of_logits};

/// The known metric of that name. Throws Error naming the nearest and all known ones if there is none.
const Metric& metric_named(std::string_view name);
/// Names that metric_named takes.
std::vector<std::string_view> metric_names();
}  // namespace podium
