#include "podium/core/thread_pool.h"

#include <sched.h>

#include <string>
#include <system_error>

#include "podium/core/error.h"

namespace podium {
namespace {
// The parts of a training step follow each other in microseconds, and a sleeping thread wakes in tens of them: so a
// waiting one looks around for as long before it sleeps.
template <class Condition>
bool spin_until(const Condition& condition) {
  for (int look = 0; look < 2000; ++look) {
    if (condition()) return true;
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
  }
  return false;
}
}  // namespace

std::size_t available_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof(set), &set) == 0 && CPU_COUNT(&set) > 0) {
    return static_cast<std::size_t>(CPU_COUNT(&set));
  }
  const unsigned cores = std::thread::hardware_concurrency();
  return cores > 0 ? cores : 1;
}

ThreadPool::ThreadPool(std::size_t threads) {
  if (threads == 0) threads = available_cores();
  try {
    for (std::size_t worker = 1; worker < threads; ++worker) {
      workers_.emplace_back([this, worker] { serve(worker); });
    }
  } catch (const std::system_error&) {
    stop();
    throw Error("can't start " + std::to_string(threads) + " threads; ask for fewer");
  }
}

ThreadPool::~ThreadPool() { stop(); }

void ThreadPool::stop() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  for (auto& worker : workers_) worker.join();
}

void ThreadPool::run(std::size_t tasks, const std::function<void(std::size_t, std::size_t)>& work) {
  if (tasks == 0) return;
  if (workers_.empty() || tasks == 1) {
    for (std::size_t task = 0; task < tasks; ++task) work(task, 0);
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    work_ = &work;
    tasks_ = tasks;
    next_ = 0;
    running_ = workers_.size();
    failed_ = false;
    error_ = nullptr;
    ++generation_;
  }
  wake_.notify_all();
  work_on(0);
  if (!spin_until([this] { return running_ == 0; })) {
    std::unique_lock lock(mutex_);
    finished_.wait(lock, [this] { return running_ == 0; });
  }
  work_ = nullptr;
  if (error_) std::rethrow_exception(error_);
}

void ThreadPool::work_on(std::size_t worker) {
  while (!failed_) {
    const std::size_t task = next_++;
    if (task >= tasks_) return;
    try {
      (*work_)(task, worker);
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!error_) error_ = std::current_exception();
      failed_ = true;
    }
  }
}

void ThreadPool::serve(std::size_t worker) {
  std::size_t seen = 0;
  for (;;) {
    const auto called = [&] { return stop_ || generation_ != seen; };
    if (!spin_until(called)) {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, called);
    }
    if (stop_) return;
    seen = generation_;
    work_on(worker);
    if (--running_ == 0) {
      // The lock, so that the caller is either before its check or asleep already.
      const std::lock_guard lock(mutex_);
      finished_.notify_one();
    }
  }
}
}  // namespace podium
