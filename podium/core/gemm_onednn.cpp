#include "podium/core/gemm_families.h"

#ifndef PODIUM_HAVE_ONEDNN
namespace podium::core {
const GemmKernel* onednn_gemm() { return nullptr; }
const GemmKernel* onednn_bf16_gemm() { return nullptr; }
}  // namespace podium::core
#else
#include <dlfcn.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <map>
#include <mutex>
#include <oneapi/dnnl/dnnl.hpp>
#include <string>
#include <tuple>

#include "podium/core/error.h"

namespace podium::core {
namespace {
using dnnl::memory;

// oneDNN chooses its code by the shape, and other code may add up in another order. So every product runs on this many
// rows, the last ones padded: a row's bits then don't depend on its tile.
constexpr std::size_t kRows = 128;
// Layers of up to this many outputs stay with us, in float32: a call of oneDNN costs more than their arithmetic.
constexpr std::size_t kHead = 8;
// Rows that one weight gradient adds up; fewer are padded with zeros.
constexpr std::size_t kGradientRows = 128;

/// Our callers are the threads; oneDNN's own would only fight over the cores. The setting is the calling thread's
/// alone. The functions are those of the OpenMP runtime that oneDNN brought along, whichever it is, if it uses one.
class OneThread {
 public:
  OneThread() {
    if (!kGet || !kSet) return;
    before_ = kGet();
    kSet(1);
  }
  ~OneThread() {
    if (kGet && kSet) kSet(before_);
  }
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;

 private:
  static inline const auto kGet = reinterpret_cast<int (*)()>(dlsym(RTLD_DEFAULT, "omp_get_max_threads"));
  static inline const auto kSet = reinterpret_cast<void (*)(int)>(dlsym(RTLD_DEFAULT, "omp_set_num_threads"));
  int before_ = 1;
};

/// To nearest even; a NaN stays one.
std::uint16_t bf16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  if (value != value) return static_cast<std::uint16_t>((bits >> 16) | 0x40U);
  return static_cast<std::uint16_t>((bits + 0x7FFFU + ((bits >> 16) & 1U)) >> 16);
}

std::size_t cache_lines(std::size_t bytes) { return (bytes + 63) / 64 * 64; }
memory::dim dim(std::size_t size) { return static_cast<memory::dim>(size); }

/// Lane l adds up the indices l, l + 16, ...; the lanes are added pairwise. The compiler makes vectors of it.
float dot(const float* a, const float* b, std::size_t size) {
  constexpr std::size_t kLanes = 16;
  float lanes[kLanes] = {};
  std::size_t k = 0;
  for (; k + kLanes <= size; k += kLanes)
    for (std::size_t lane = 0; lane < kLanes; ++lane) lanes[lane] += a[k + lane] * b[k + lane];
  for (std::size_t lane = 0; k + lane < size; ++lane) lanes[lane] += a[k + lane] * b[k + lane];
  for (std::size_t half = kLanes / 2; half > 0; half /= 2)
    for (std::size_t lane = 0; lane < half; ++lane) lanes[lane] += lanes[lane + half];
  return lanes[0];
}

/// to += factor * from.
void add_multiple(float factor, const float* from, std::size_t size, float* to) {
  for (std::size_t i = 0; i < size; ++i) to[i] += factor * from[i];
}

class OneDnnGemm final : public GemmKernel {
 public:
  explicit OneDnnGemm(memory::data_type type)
      : type_(type), bytes_(type == memory::data_type::bf16 ? sizeof(std::uint16_t) : sizeof(float)) {}

  std::string_view name() const override { return is_bf16() ? "onednn_bf16" : "onednn"; }

  /// Whether oneDNN has code for this type on this CPU.
  bool runs_here() const {
    try {
      const OneThread guard;
      describe(Kind::forward, 16, 16);
      return true;
    } catch (const dnnl::error&) {
      return false;
    }
  }

  void pack(const float* weights, std::size_t in, std::size_t out, PackedWeights& packed) const override {
    const OneThread guard;
    packed.in = in;
    packed.out = out;
    if (out <= kHead) {  // W^T, [out, in]
      packed.forward.resize(in * out * sizeof(float));
      auto* to = reinterpret_cast<float*>(packed.forward.data());
      for (std::size_t j = 0; j < out; ++j)
        for (std::size_t i = 0; i < in; ++i) *to++ = weights[i * out + j];
      return;
    }
    AlignedBytes plain(in * out * bytes_);
    copy_rows({weights, in, out}, 0, in, in, plain.data());
    reorder(plain, product(Kind::forward, in, out), {dim(out), 1}, packed.forward);
    reorder(plain, product(Kind::backward_input, out, in), {1, dim(out)}, packed.backward);
  }

  void forward(ConstMatrixView x, const PackedWeights& weights, const float* bias, bool relu, MatrixView y,
               GemmScratch& scratch, const GemmForms&) const override {
    assert(x.cols == weights.in && y.cols == weights.out && x.rows == y.rows);
    const auto write = [=](std::size_t row, const float* sums) {
      float* to = y.data + row * y.stride;
      for (std::size_t j = 0; j < y.cols; ++j) {
        const float sum = bias ? sums[j] + bias[j] : sums[j];
        to[j] = relu && sum < 0.0F ? 0.0F : sum;  // a NaN stays one
      }
    };
    if (y.cols > kHead) return multiply(Kind::forward, x, weights.forward, y, scratch, write);
    float sums[kHead];
    for (std::size_t row = 0; row < x.rows; ++row) {
      for (std::size_t j = 0; j < y.cols; ++j) sums[j] = dot(x.data + row * x.stride, head(weights, j), x.cols);
      write(row, sums);
    }
  }

  bool may_be_cut(std::size_t) const override { return false; }  // its order of sums is its own

  void backward_input(ConstMatrixView dz, const PackedWeights& weights, ConstMatrixView relu_output, MatrixView dx,
                      GemmScratch& scratch, const GemmForms&) const override {
    assert(dz.cols == weights.out && dx.cols == weights.in && dz.rows == dx.rows);
    const auto write = [=](std::size_t row, const float* sums) {
      float* to = dx.data + row * dx.stride;
      if (!relu_output.data) {
        std::copy_n(sums, dx.cols, to);
        return;
      }
      const float* output = relu_output.data + row * relu_output.stride;
      for (std::size_t i = 0; i < dx.cols; ++i) to[i] = output[i] > 0.0F ? sums[i] : 0.0F;
    };
    if (dz.cols > kHead) return multiply(Kind::backward_input, dz, weights.backward, dx, scratch, write);
    auto* sums = reinterpret_cast<float*>(grown(scratch, dx.cols * sizeof(float)));
    for (std::size_t row = 0; row < dz.rows; ++row) {
      std::fill_n(sums, dx.cols, 0.0F);
      for (std::size_t j = 0; j < dz.cols; ++j)
        add_multiple(dz.data[row * dz.stride + j], head(weights, j), dx.cols, sums);
      write(row, sums);
    }
  }

  void backward_weights(ConstMatrixView x, ConstMatrixView dz, float* dweights, float* dbias, GemmScratch& scratch,
                        const GemmForms&) const override {
    assert(x.rows == dz.rows);
    for (std::size_t row = 0; dbias && row < dz.rows; ++row)
      add_multiple(1.0F, dz.data + row * dz.stride, dz.cols, dbias);
    if (dz.cols <= kHead) return head_gradient(x, dz, dweights, scratch);
    const OneThread guard;
    const Product& gradient = product(Kind::backward_weights, x.cols, dz.cols);
    const std::size_t left_bytes = cache_lines(kGradientRows * x.cols * bytes_);
    const std::size_t right_bytes = cache_lines(kGradientRows * dz.cols * bytes_);
    std::byte* left = grown(scratch, left_bytes + right_bytes + gradient.scratchpad.get_size());
    std::byte* right = left + left_bytes;
    for (std::size_t row = 0; row < x.rows; row += kGradientRows) {
      const std::size_t some = std::min(kGradientRows, x.rows - row);
      const void* from_x = rows_as_they_are(x, row, some, kGradientRows);
      const void* from_dz = rows_as_they_are(dz, row, some, kGradientRows);
      if (!from_x) from_x = copy_rows(x, row, some, kGradientRows, left);
      if (!from_dz) from_dz = copy_rows(dz, row, some, kGradientRows, right);
      execute(gradient, from_x, from_dz, dweights, right + right_bytes);
    }
  }

 private:
  /// Output j's weights of a head's W^T.
  static const float* head(const PackedWeights& weights, std::size_t j) {
    return reinterpret_cast<const float*>(weights.forward.data()) + j * weights.in;
  }

  static void head_gradient(ConstMatrixView x, ConstMatrixView dz, float* dweights, GemmScratch& scratch) {
    const std::size_t in = x.cols, out = dz.cols;
    auto* transposed = reinterpret_cast<float*>(grown(scratch, in * out * sizeof(float)));
    std::fill_n(transposed, in * out, 0.0F);
    for (std::size_t row = 0; row < x.rows; ++row)
      for (std::size_t j = 0; j < out; ++j)
        add_multiple(dz.data[row * dz.stride + j], x.data + row * x.stride, in, transposed + j * in);
    for (std::size_t i = 0; i < in; ++i)
      for (std::size_t j = 0; j < out; ++j) dweights[i * out + j] += transposed[j * in + i];
  }

  enum class Kind { forward, backward_input, backward_weights };
  struct Product {
    dnnl::matmul code;
    memory::desc left, right, result, scratchpad;
  };

  bool is_bf16() const { return type_ == memory::data_type::bf16; }
  static const dnnl::engine& engine() {
    static const dnnl::engine cpu(dnnl::engine::kind::cpu, 0);
    return cpu;
  }

  /// The product of a forward or backward_input with `inner` and `cols`, or the gradient of weights [inner, cols].
  dnnl::matmul::primitive_desc describe(Kind kind, std::size_t inner, std::size_t cols) const {
    const bool gradient = kind == Kind::backward_weights;
    const memory::dims left =
        gradient ? memory::dims{dim(inner), dim(kGradientRows)} : memory::dims{dim(kRows), dim(inner)};
    const memory::dims left_strides = gradient ? memory::dims{1, dim(inner)} : memory::dims{dim(inner), 1};
    const memory::dims right{gradient ? dim(kGradientRows) : dim(inner), dim(cols)};
    const memory::desc right_desc =
        gradient ? memory::desc(right, type_, {dim(cols), 1}) : memory::desc(right, type_, memory::format_tag::any);
    const memory::desc result({left[0], dim(cols)}, memory::data_type::f32, memory::dims{dim(cols), 1});
    dnnl::primitive_attr attributes;
    attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);  // the library's own belongs to the creating thread
    if (gradient) {
      dnnl::post_ops add;
      add.append_sum(1.0F);
      attributes.set_post_ops(add);
    }
    const dnnl::matmul::desc desc(memory::desc(left, type_, left_strides), right_desc, result);
    return {desc, attributes, engine()};
  }

  const Product& product(Kind kind, std::size_t inner, std::size_t cols) const {
    const std::lock_guard lock(mutex_);
    const auto key = std::tuple(kind, inner, cols);
    auto found = products_.find(key);
    if (found == products_.end()) {
      try {
        const auto pd = describe(kind, inner, cols);
        found = products_
                    .emplace(key, Product{dnnl::matmul(pd), pd.src_desc(), pd.weights_desc(), pd.dst_desc(),
                                          pd.scratchpad_desc()})
                    .first;
      } catch (const dnnl::error& error) {
        throw Error("kernel " + std::string(name()) + ": oneDNN refuses a product of " + std::to_string(inner) +
                    " by " + std::to_string(cols) + " (" + error.what() + "); choose another kernel");
      }
    }
    return found->second;
  }

  void reorder(AlignedBytes& plain, const Product& product, const memory::dims& strides, AlignedBytes& packed) const {
    packed.resize(product.right.get_size());
    memory from(memory::desc(product.right.dims(), type_, strides), engine(), plain.data());
    memory to(product.right, engine(), packed.data());
    dnnl::stream stream(engine());
    dnnl::reorder(from, to).execute(stream, from, to);
    stream.wait();
  }

  static void execute(const Product& product, const void* left, const void* right, void* result, void* scratchpad) {
    thread_local dnnl::stream stream(engine());  // making one costs as much as a small product
    product.code.execute(stream, {{DNNL_ARG_SRC, memory(product.left, engine(), const_cast<void*>(left))},
                                  {DNNL_ARG_WEIGHTS, memory(product.right, engine(), const_cast<void*>(right))},
                                  {DNNL_ARG_DST, memory(product.result, engine(), result)},
                                  {DNNL_ARG_SCRATCHPAD, memory(product.scratchpad, engine(), scratchpad)}});
    stream.wait();
  }

  /// The rows where they lie, if they are float32, whole and one after another; else null.
  const void* rows_as_they_are(ConstMatrixView from, std::size_t row, std::size_t some, std::size_t wanted) const {
    return !is_bf16() && some == wanted && from.stride == from.cols ? from.data + row * from.stride : nullptr;
  }

  /// Rows [row, row + some) in this kernel's type, one after another, then zeros up to `wanted` rows. Returns `to`.
  const void* copy_rows(ConstMatrixView from, std::size_t row, std::size_t some, std::size_t wanted,
                        std::byte* to) const {
    for (std::size_t r = 0; r < some; ++r) {
      const float* source = from.data + (row + r) * from.stride;
      std::byte* target = to + r * from.cols * bytes_;
      if (is_bf16()) {
        auto* values = reinterpret_cast<std::uint16_t*>(target);
        for (std::size_t j = 0; j < from.cols; ++j) values[j] = bf16(source[j]);
      } else {
        std::memcpy(target, source, from.cols * bytes_);
      }
    }
    std::memset(to + some * from.cols * bytes_, 0, (wanted - some) * from.cols * bytes_);
    return to;
  }

  template <class Write>
  void multiply(Kind kind, ConstMatrixView a, const AlignedBytes& weights, ConstMatrixView shape, GemmScratch& scratch,
                Write write) const {
    const OneThread guard;
    const Product& code = product(kind, a.cols, shape.cols);
    const std::size_t left_bytes = cache_lines(kRows * a.cols * bytes_);
    const std::size_t sums_bytes = cache_lines(kRows * shape.cols * sizeof(float));
    std::byte* left = grown(scratch, left_bytes + sums_bytes + code.scratchpad.get_size());
    auto* sums = reinterpret_cast<float*>(left + left_bytes);
    for (std::size_t row = 0; row < a.rows; row += kRows) {
      const std::size_t some = std::min(kRows, a.rows - row);
      const void* from = rows_as_they_are(a, row, some, kRows);
      if (!from) from = copy_rows(a, row, some, kRows, left);
      execute(code, from, weights.data(), sums, left + left_bytes + sums_bytes);
      for (std::size_t r = 0; r < some; ++r) write(row + r, sums + r * shape.cols);
    }
  }

  static std::byte* grown(GemmScratch& scratch, std::size_t bytes) {
    if (scratch.bytes.size() < bytes) scratch.bytes.resize(bytes);
    return scratch.bytes.data();
  }

  memory::data_type type_;
  std::size_t bytes_;
  mutable std::mutex mutex_;  // guards products_, whose elements stay where they are
  mutable std::map<std::tuple<Kind, std::size_t, std::size_t>, Product> products_;
};

const GemmKernel* kernel_of(memory::data_type type) {
  // Never destroyed: oneDNN's own statics may go first.
  const auto* kernel = new OneDnnGemm(type);
  if (kernel->runs_here()) return kernel;
  delete kernel;
  return nullptr;
}
}  // namespace

const GemmKernel* onednn_gemm() {
  static const GemmKernel* const kernel = kernel_of(memory::data_type::f32);
  return kernel;
}

const GemmKernel* onednn_bf16_gemm() {
  static const GemmKernel* const kernel = kernel_of(memory::data_type::bf16);
  return kernel;
}
}  // namespace podium::core
#endif
