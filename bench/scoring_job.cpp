// How long does it take from strings to scores, by Podium's Scorer and by ONNX Runtime, on the same model?
//   scoring MODEL EXPORTED/model.onnx LIBONNXRUNTIME [--calls N]
// One thread, one process; the sides take turns, in blocks. A request is a user and some candidates ("user"), or as
// many pairs of users and items ("pairs"). First both answer all requests, and must agree to 1e-5. Prints one JSON
// object.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "bench/scoring_ort.h"
#include "podium/core/random.h"
#include "podium/model/load.h"
#include "podium/model/scorer.h"

namespace podium::bench {
namespace {
using Clock = std::chrono::steady_clock;
constexpr std::size_t kRequests = 64, kBlock = 16;

std::vector<std::string> vocabulary(const Model& model, const std::string& column) {
  std::vector<std::string> values;
  for (std::size_t f = 0; f < model.graph().features.size(); ++f) {
    if (graph::column_of(model.graph().features[f]) != column) continue;
    const auto* texts = std::get_if<StringVocabulary>(&model.features().encoders[f]);
    if (texts == nullptr) throw Error("the column " + column + " is not of text");
    for (std::size_t i = 0; i < texts->size(); ++i) values.emplace_back(texts->values()[i]);
  }
  values.emplace_back("nobody knows this one");
  return values;
}

/// Texts of one request: [rows] of each.
struct Request {
  std::vector<const char*> users, items;
};

std::vector<Request> draw(const std::vector<std::string>& users, const std::vector<std::string>& items,
                          std::size_t rows, bool one_user) {
  const Random random(5);
  std::vector<Request> requests(kRequests);
  for (std::size_t q = 0; q < kRequests; ++q) {
    for (std::size_t r = 0; r < rows; ++r) {
      requests[q].users.push_back(users[random.below(users.size(), 2 * q, one_user ? 0 : r)].c_str());
      requests[q].items.push_back(items[random.below(items.size(), 2 * q + 1, r)].c_str());
    }
  }
  return requests;
}

/// Podium's side: what a service does that embeds it.
class Podium {
 public:
  Podium(const Model& model, std::size_t rows, bool one_user)
      : scorer_(model), one_user_(one_user), users_(rows), items_(rows), scores_(rows) {}
  const std::vector<float>& score(const Request& request) {
    for (std::size_t r = 0; r < items_.size(); ++r) items_[r] = scorer_.item(request.items[r]);
    if (one_user_) {
      scorer_.score(scorer_.user(request.users.front()), items_, scores_);
    } else {
      for (std::size_t r = 0; r < users_.size(); ++r) users_[r] = scorer_.user(request.users[r]);
      scorer_.score(users_, items_, scores_);
    }
    return scores_;
  }

 private:
  Scorer scorer_;
  bool one_user_;
  std::vector<std::uint32_t> users_, items_;
  std::vector<float> scores_;
};

struct Times {
  std::vector<double> seconds;
  double quantile(double q) {
    std::ranges::sort(seconds);
    return seconds[static_cast<std::size_t>(q * static_cast<double>(seconds.size() - 1))];
  }
};

template <class Score>
void time_block(const std::vector<Request>& requests, std::size_t first, const Score& score, Times& times) {
  for (std::size_t i = 0; i < kBlock; ++i) {
    const Request& request = requests[(first + i) % kRequests];
    const auto began = Clock::now();
    score(request);
    times.seconds.push_back(std::chrono::duration<double>(Clock::now() - began).count());
  }
}

void measure(const Model& model, const OrtLibrary& library, const std::string& onnx, std::size_t rows, bool one_user,
             std::size_t calls, bool is_first) {
  const auto& options = model.options();
  const auto users = vocabulary(model, options.user), items = vocabulary(model, options.item);
  const auto requests = draw(users, items, rows, one_user);
  Podium podium(model, rows, one_user);
  OrtModel ort(library, onnx, {options.user, options.item}, rows);
  double difference = 0.0;
  for (const Request& request : requests) {
    const auto& right = ort.score(request.users.data(), request.items.data());
    const auto& found = podium.score(request);
    for (std::size_t r = 0; r < rows; ++r) {
      difference = std::max(difference, std::abs(static_cast<double>(found[r]) - static_cast<double>(right[r])));
    }
  }
  if (!(difference <= 1e-5)) throw Error("scores differ by " + std::to_string(difference) + ", so no times");

  Times ours, theirs;
  const auto score = [&](const Request& request) { podium.score(request); };
  const auto score_ort = [&](const Request& request) { ort.score(request.users.data(), request.items.data()); };
  for (std::size_t call = 0; call < calls; call += kBlock) {
    time_block(requests, call, score, ours);
    time_block(requests, call, score_ort, theirs);
  }
  std::printf(
      "%s{\"rows\": %zu, \"request\": \"%s\", \"difference\": %.3g, \"podium\": {\"p50\": %.9f, \"p99\": %.9f}, "
      "\"onnxruntime\": {\"p50\": %.9f, \"p99\": %.9f}}",
      is_first ? "" : ", ", rows, one_user ? "user" : "pairs", difference, ours.quantile(0.5), ours.quantile(0.99),
      theirs.quantile(0.5), theirs.quantile(0.99));
}

void run(const std::string& directory, const std::string& onnx, const std::string& path, std::size_t calls) {
  const Model model = load(directory);
  const OrtLibrary library(path);
  std::printf("{\"versions\": {\"onnxruntime\": \"%s\"}, \"kernel\": \"%s\", \"jobs\": [", library.version().c_str(),
              model.options().kernel.c_str());
  bool is_first = true;
  for (const std::size_t rows : {1, 100, 1000}) {
    for (const bool one_user : {true, false}) {
      if (rows == 1 && !one_user) continue;  // the same thing
      measure(model, library, onnx, rows, one_user, rows == 1 ? 20 * calls : calls, is_first);
      is_first = false;
    }
  }
  std::printf("]}\n");
}
}  // namespace
}  // namespace podium::bench

int main(int count, char** arguments) try {
  std::vector<std::string> words;
  std::size_t calls = 1000;
  for (int i = 1; i < count; ++i) {
    const std::string word = arguments[i];
    if (word == "--calls" && i + 1 < count) {
      calls = std::stoul(arguments[++i]);
    } else {
      words.push_back(word);
    }
  }
  if (words.size() != 3) throw podium::Error("give MODEL EXPORTED/model.onnx LIBONNXRUNTIME");
  podium::bench::run(words[0], words[1], words[2], calls);
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "scoring: %s\n", error.what());
  return 1;
}
