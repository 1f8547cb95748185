#pragma once
// ONNX Runtime by its C interface, from the library that its Python package carries (which comes without headers).
// The interface is a table of functions to which later versions only append, so a function's place in it is part of
// the binary interface. Source of places and signatures: microsoft/onnxruntime:include/onnxruntime/core/session/
// onnxruntime_c_api.h.
#include <dlfcn.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "podium/core/error.h"

namespace podium::bench {
/// The library, loaded once.
class OrtLibrary {
 public:
  explicit OrtLibrary(const std::string& path) {
    void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) throw Error(path + ": " + ::dlerror());
    struct Base {
      const void* (*get_api)(std::uint32_t version);
      const char* (*version)();
    };
    auto* get_base = reinterpret_cast<const Base* (*)()>(::dlsym(library, "OrtGetApiBase"));
    if (get_base == nullptr) throw Error(path + ": is not ONNX Runtime");
    const Base* base = get_base();
    constexpr std::uint32_t kApiVersion = 17;
    functions_ = static_cast<const FunctionPointer*>(base->get_api(kApiVersion));
    if (functions_ == nullptr) throw Error(path + ": is older than ONNX Runtime 1.17");
    version_ = base->version();
  }
  const std::string& version() const { return version_; }

  /// Calls the function at a place of the table. Throws Error with ONNX Runtime's words if it fails.
  template <class... Parameters>
  void call(std::size_t place, std::type_identity_t<Parameters>... arguments) const {
    const auto function = reinterpret_cast<void* (*)(Parameters...)>(functions_[place]);
    if (void* status = function(arguments...)) {
      constexpr std::size_t kGetErrorMessage = 2;
      const auto message = reinterpret_cast<const char* (*)(void*)>(functions_[kGetErrorMessage]);
      throw Error(std::string("ONNX Runtime: ") + message(status));
    }
  }

 private:
  using FunctionPointer = void (*)();
  const FunctionPointer* functions_ = nullptr;
  std::string version_;
};

/// A model of two string inputs and `output_1`, run on one thread on batches of one size. Its tensors are made once and
/// filled again for each batch: the least that a service can do.
class OrtModel {
 public:
  OrtModel(const OrtLibrary& library, const std::string& path, std::vector<std::string> inputs, std::size_t rows)
      : library_(library), inputs_(std::move(inputs)), scores_(rows) {
    void *environment = nullptr, *options = nullptr, *allocator = nullptr, *memory = nullptr;
    constexpr int kWarning = 2, kAllOptimizations = 99, kOneThread = 1, kArena = 1, kDefaultMemory = 0;
    library_.call<int, const char*, void**>(kCreateEnv, kWarning, "bench", &environment);
    library_.call<void**>(kCreateSessionOptions, &options);
    library_.call<void*, int>(kSetSessionGraphOptimizationLevel, options, kAllOptimizations);
    library_.call<void*, int>(kSetIntraOpNumThreads, options, kOneThread);
    library_.call<void*, const char*, void*, void**>(kCreateSession, environment, path.c_str(), options, &session_);
    library_.call<void**>(kGetAllocatorWithDefaultOptions, &allocator);
    library_.call<int, int, void**>(kCreateCpuMemoryInfo, kArena, kDefaultMemory, &memory);
    const std::int64_t shape[] = {static_cast<std::int64_t>(rows), 1};
    constexpr int kFloat = 1, kString = 8;
    for (void*& tensor : tensors_) {
      library_.call<void*, const std::int64_t*, std::size_t, int, void**>(kCreateTensorAsOrtValue, allocator, shape,
                                                                          std::size_t{1}, kString, &tensor);
    }
    library_.call<void*, void*, std::size_t, const std::int64_t*, std::size_t, int, void**>(
        kCreateTensorWithDataAsOrtValue, memory, scores_.data(), rows * sizeof(float), shape, std::size_t{2}, kFloat,
        &output_);
  }

  /// [rows] texts of each input to [rows] scores, valid until the next call.
  const std::vector<float>& score(const char* const* first, const char* const* second) {
    library_.call<void*, const char* const*, std::size_t>(kFillStringTensor, tensors_[0], first, scores_.size());
    library_.call<void*, const char* const*, std::size_t>(kFillStringTensor, tensors_[1], second, scores_.size());
    const char* names[] = {inputs_[0].c_str(), inputs_[1].c_str()};
    const char* output_names[] = {"output_1"};
    library_.call<void*, void*, const char* const*, void* const*, std::size_t, const char* const*, std::size_t, void**>(
        kRun, session_, nullptr, names, tensors_, std::size_t{2}, output_names, std::size_t{1}, &output_);
    return scores_;
  }

 private:
  static constexpr std::size_t kCreateEnv = 3, kCreateSession = 7, kRun = 9, kCreateSessionOptions = 10,
                               kSetSessionGraphOptimizationLevel = 23, kSetIntraOpNumThreads = 24,
                               kCreateTensorAsOrtValue = 48, kCreateTensorWithDataAsOrtValue = 49,
                               kFillStringTensor = 52, kCreateCpuMemoryInfo = 69, kGetAllocatorWithDefaultOptions = 78;

  const OrtLibrary& library_;
  std::vector<std::string> inputs_;
  std::vector<float> scores_;
  void* session_ = nullptr;  // nothing is released: the program ends with it
  void* tensors_[2] = {nullptr, nullptr};
  void* output_ = nullptr;
};
}  // namespace podium::bench
