#pragma once
#include <cstddef>
#include <span>
#include <vector>

namespace podium {
/// Rows whose predictions lie beside each other.
struct CalibrationBin {
  std::size_t rows = 0;
  double lowest = 0.0, highest = 0.0;  // prediction
  double mean_prediction = 0.0, mean_label = 0.0;
};

/// Predicted against actual: the rows in the order of their predictions, in at most `bins` bins of about one size
/// (each ends where the next quantile lies). Equal predictions stay in one bin, so that there may be fewer.
/// Predictions are not NaN; bins > 0.
std::vector<CalibrationBin> calibration(std::span<const float> predictions, std::span<const float> labels,
                                        std::size_t bins = 20);

/// Rows whose labels are equal or lie beside each other. A residual is prediction - label.
struct ResidualBin {
  std::size_t rows = 0;
  double lowest = 0.0, highest = 0.0;  // label
  double mean_residual = 0.0, rmse = 0.0;
  double low = 0.0, median = 0.0, high = 0.0;  // 10 %, 50 % and 90 % of the residuals (linear between neighbours)
};

/// Residuals by label: a bin for each label if there are at most `bins` distinct ones, else bins as above.
std::vector<ResidualBin> residuals_by_label(std::span<const float> predictions, std::span<const float> labels,
                                            std::size_t bins = 10);
}  // namespace podium
