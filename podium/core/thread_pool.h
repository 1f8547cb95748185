#pragma once
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace podium {
/// A fixed number of workers that run the same function over numbered tasks. The caller works too, so a
/// pool of one starts no thread. Which worker runs which task is not promised; what a task computes must
/// not depend on it.
class ThreadPool {
 public:
  /// threads: 0 means one per core that this process may use. Throws Error if the system gives no more threads.
  explicit ThreadPool(std::size_t threads = 0);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  std::size_t threads() const { return workers_.size() + 1; }

  /// Calls work(task, worker) once for every task in [0, tasks); worker in [0, threads()) names who runs
  /// it, for scratch memory. Returns when all are done; rethrows the first error. Not reentrant.
  void run(std::size_t tasks, const std::function<void(std::size_t task, std::size_t worker)>& work);

 private:
  void stop();
  void work_on(std::size_t worker);
  void serve(std::size_t worker);

  std::vector<std::thread> workers_;
  std::mutex mutex_;
  std::condition_variable wake_, finished_;
  const std::function<void(std::size_t, std::size_t)>* work_ = nullptr;
  std::size_t tasks_ = 0;
  std::atomic<std::size_t> next_ = 0;        // task to take
  std::atomic<std::size_t> running_ = 0;     // workers that are not done with this run
  std::atomic<std::size_t> generation_ = 0;  // counts the runs
  std::atomic<bool> stop_ = false, failed_ = false;
  std::exception_ptr error_;
};

/// Cores that this process may use (its affinity mask), at least 1.
std::size_t available_cores();
}  // namespace podium
