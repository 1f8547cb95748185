#include "podium/core/gemm.h"

#include <algorithm>
#include <memory>

#include "podium/core/error.h"
#include "podium/core/gemm_families.h"

namespace podium {
namespace {
/// Turns views into pointers and grows the memory that a family of kernels of our own asks for.
class NativeGemm final : public GemmKernel {
 public:
  explicit NativeGemm(const core::NativeFunctions& functions) : functions_(functions) {}
  std::string_view name() const override { return functions_.name; }

  std::size_t least_formed() const override { return functions_.least_formed; }

  void pack(const float* weights, std::size_t in, std::size_t out, PackedWeights& packed) const override {
    packed.in = in;
    packed.out = out;
    packed.forward.resize(functions_.forward_bytes(in, out));
    packed.backward.resize(functions_.backward_bytes(in, out));
    functions_.pack(weights, in, out, packed.forward.data(), packed.backward.data());
  }

  void forward(ConstMatrixView x, const PackedWeights& weights, const float* bias, bool relu, MatrixView y,
               GemmScratch& scratch, const GemmForms& forms) const override {
    assert(x.cols == weights.in && y.cols == weights.out && x.rows == y.rows);
    functions_.forward({.x = x.data,
                        .x_stride = x.stride,
                        .rows = x.rows,
                        .in = x.cols,
                        .out = y.cols,
                        .weights = weights.forward.data(),
                        .bias = bias,
                        .relu = relu,
                        .y = y.data,
                        .y_stride = y.stride,
                        .x_form = read(forms.x),
                        .y_form = grown(forms.result, x.rows, y.cols),
                        .scratch = grown(scratch, x.rows, x.cols, y.cols)});
  }

  bool may_be_cut(std::size_t out) const override { return functions_.may_be_cut(out); }

  void backward_input(ConstMatrixView dz, const PackedWeights& weights, ConstMatrixView relu_output, MatrixView dx,
                      GemmScratch& scratch, const GemmForms& forms) const override {
    assert(dz.cols == weights.out && dx.cols == weights.in && dz.rows == dx.rows);
    assert(!relu_output.data || (relu_output.rows == dx.rows && relu_output.cols == dx.cols));
    functions_.backward_input({.dz = dz.data,
                               .dz_stride = dz.stride,
                               .rows = dz.rows,
                               .in = dx.cols,
                               .out = dz.cols,
                               .weights = weights.backward.data(),
                               .relu_output = relu_output.data,
                               .relu_stride = relu_output.stride,
                               .dx = dx.data,
                               .dx_stride = dx.stride,
                               .x_form = read(forms.x),
                               .dz_form = read(forms.dz),
                               .dx_form = grown(forms.result, dz.rows, dx.cols),
                               .scratch = grown(scratch, dz.rows, dx.cols, dz.cols)});
  }

  void backward_weights(ConstMatrixView x, ConstMatrixView dz, float* dweights, float* dbias, GemmScratch& scratch,
                        const GemmForms& forms) const override {
    assert(x.rows == dz.rows);
    functions_.backward_weights({.x = x.data,
                                 .x_stride = x.stride,
                                 .dz = dz.data,
                                 .dz_stride = dz.stride,
                                 .rows = x.rows,
                                 .in = x.cols,
                                 .out = dz.cols,
                                 .dweights = dweights,
                                 .dbias = dbias,
                                 .x_form = read(forms.x),
                                 .dz_form = read(forms.dz),
                                 .scratch = grown(scratch, x.rows, x.cols, dz.cols)});
  }

 private:
  std::byte* grown(GemmScratch& scratch, std::size_t rows, std::size_t in, std::size_t out) const {
    const std::size_t bytes = functions_.scratch_bytes(rows, in, out);
    if (scratch.bytes.size() < bytes) scratch.bytes.resize(bytes);
    return scratch.bytes.data();
  }

  static const std::byte* read(const GemmForm* form) { return form ? form->bytes.data() : nullptr; }
  std::byte* grown(GemmForm* form, std::size_t rows, std::size_t cols) const {
    if (!form) return nullptr;
    assert(functions_.form_bytes && cols >= functions_.least_formed);
    const std::size_t bytes = functions_.form_bytes(rows, cols);
    if (form->bytes.size() < bytes) form->bytes.resize(bytes);
    return form->bytes.data();
  }

  const core::NativeFunctions& functions_;
};

/// What this CPU runs, best fp32 first, then best bf16, then the scalar truth. Asked once.
const std::vector<const GemmKernel*>& kernels_here() {
  static const std::vector<const GemmKernel*> kernels = [] {
    std::vector<const GemmKernel*> found;
    const auto add = [&found](const GemmKernel* kernel) {
      if (kernel) found.push_back(kernel);
    };
#if defined(__x86_64__)
    static const NativeGemm avx512(core::kAvx512), amx_bf16(core::kAmxBf16), avx512_bf16(core::kAvx512Bf16);
    if (core::kAvx512.runs_here()) add(&avx512);
#endif
    add(core::onednn_gemm());
#if defined(__x86_64__)
    if (core::kAmxBf16.runs_here()) add(&amx_bf16);
    if (core::kAvx512Bf16.runs_here()) add(&avx512_bf16);
#endif
    add(core::onednn_bf16_gemm());
    add(&core::scalar_gemm());
    return found;
  }();
  return kernels;
}
}  // namespace

const GemmKernel& gemm_kernel(std::string_view name) {
  const auto& kernels = kernels_here();
  const auto fits = [name](const GemmKernel* kernel) {
    if (name.empty() || name == "auto") return !is_bf16(kernel->name());
    return name == "bf16" ? is_bf16(kernel->name()) : kernel->name() == name;
  };
  const auto found = std::ranges::find_if(kernels, fits);
  if (found != kernels.end()) return **found;
  std::string here;
  for (const auto& kernel : gemm_kernels()) here += (here.empty() ? "" : ", ") + kernel;
  throw Error("kernel \"" + std::string(name) +
              "\" is not one that this CPU and build can run; choose auto or one of " + here);
}

bool is_bf16(std::string_view kernel) { return kernel.ends_with("bf16"); }

std::vector<std::string> gemm_kernels() {
  std::vector<std::string> names;
  for (const auto* kernel : kernels_here()) names.emplace_back(kernel->name());
  return names;
}
}  // namespace podium
