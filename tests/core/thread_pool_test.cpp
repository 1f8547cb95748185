#include "podium/core/thread_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <stdexcept>

namespace podium {
namespace {
TEST(ThreadPool, RunsEachTaskOnce) {
  for (const std::size_t threads : {1U, 2U, 3U, 8U}) {
    ThreadPool pool(threads);
    EXPECT_EQ(pool.threads(), threads);
    for (const std::size_t tasks : {0U, 1U, 2U, 7U, 1000U}) {
      std::vector<std::atomic<int>> runs(tasks);
      pool.run(tasks, [&](std::size_t task, std::size_t worker) {
        EXPECT_LT(worker, threads);
        ++runs[task];
      });
      for (std::size_t task = 0; task < tasks; ++task) EXPECT_EQ(runs[task], 1) << task << " of " << tasks;
    }
  }
}

TEST(ThreadPool, IsReusableManyTimesInARow) {  // a worker that missed a run, or joined a finished one, would show
  ThreadPool pool(4);
  std::atomic<std::size_t> sum = 0;
  for (std::size_t round = 0; round < 2000; ++round) {
    pool.run(5, [&](std::size_t task, std::size_t) { sum += task; });
    ASSERT_EQ(sum, 10 * (round + 1));
  }
}

TEST(ThreadPool, GivesEachWorkerScratchOfItsOwn) {  // the sanitizer for threads sees two workers in one place
  ThreadPool pool(3);
  std::vector<std::size_t> scratch(pool.threads());
  pool.run(1000, [&](std::size_t task, std::size_t worker) { scratch[worker] += task; });
  EXPECT_EQ(scratch[0] + scratch[1] + scratch[2], 499'500U);
}

TEST(ThreadPool, RethrowsAnErrorAndGoesOn) {
  for (const std::size_t threads : {1U, 4U}) {
    ThreadPool pool(threads);
    for (int round = 0; round < 50; ++round) {
      try {
        pool.run(100, [](std::size_t task, std::size_t) {
          if (task == 37) throw std::runtime_error("task 37");
        });
        FAIL() << "no error";
      } catch (const std::runtime_error& error) {
        EXPECT_STREQ(error.what(), "task 37");
      }
      std::atomic<int> runs = 0;
      pool.run(10, [&](std::size_t, std::size_t) { ++runs; });
      EXPECT_EQ(runs, 10);
    }
  }
}

TEST(ThreadPool, TakesTheProcessCoresByDefault) {
  EXPECT_GE(available_cores(), 1U);
  EXPECT_EQ(ThreadPool().threads(), available_cores());
}
}  // namespace
}  // namespace podium
