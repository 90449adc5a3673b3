/**
 * @file custom.hpp
 * Functions of the caller's inside the tape: custom operations, checkpointing, hooks on
 * gradients; a gradient checker; and anomaly mode.
 *
 * Functions are callables as callback.hpp has them. What one throws, the call that ran it throws.
 */
#ifndef TALWEG_CUSTOM_HPP
#define TALWEG_CUSTOM_HPP

#include "autodiff.hpp"
#include "callback.hpp"

namespace talweg {

/* ---- Custom operations ------------------------------------------------------- */

/** What a custom operation's backward pass is given; see tw_custom_pass. */
struct CustomPass {
    Tensors inputs, outputs;
    /** Of the outputs, empty for one that nothing depends on; of a tangent: of the inputs. */
    Tensors gradients;
    std::vector<bool> wanted;
};

/**
 * An operation with a derivative of its own.
 *
 *     CustomOperation cube("cube", [](const Tensors &x) { return x[0] * x[0] * x[0]; },
 *                          [](const CustomPass &p) { return p.gradients[0] * square(p.inputs[0]) * 3.0; });
 *     Tensor y = cube({x})[0];
 *
 * backward gives the gradients of the inputs, an empty Tensor for zeros; tangent, which may be
 * left out, the tangents of the outputs. The tape keeps the functions for as long as it needs them.
 */
class CustomOperation {
  public:
    CustomOperation(std::string name, TensorFunction forward, detail::ToTensors<CustomPass> backward,
                    detail::ToTensors<CustomPass> tangent = nullptr)
        : functions_(std::make_shared<Functions>(
              Functions{std::move(name), std::move(forward), std::move(backward), std::move(tangent)})) {}

    Tensors operator()(const Tensors &inputs) const {
        using Shared = std::shared_ptr<Functions>;
        auto context = std::make_unique<Shared>(functions_);
        tw_custom_operation operation = TW_CUSTOM_OPERATION_INIT;
        operation.name = functions_->name.c_str();
        operation.forward = [](void *c, tw_scope *scope, const tw_tensor *const *in, int64_t in_count,
                               tw_tensor **out, int64_t out_count) {
            return detail::run_tensor_function(&(*static_cast<Shared *>(c))->forward, scope, in, in_count, out,
                                               out_count);
        };
        operation.backward = [](void *c, tw_scope *scope, const tw_custom_pass *pass, tw_tensor **out, int64_t n) {
            return run((*static_cast<Shared *>(c))->backward, scope, *pass, pass->output_count, out, n);
        };
        if (functions_->tangent.call)
            operation.tangent = [](void *c, tw_scope *scope, const tw_custom_pass *pass, tw_tensor **out, int64_t n) {
                return run((*static_cast<Shared *>(c))->tangent, scope, *pass, pass->input_count, out, n);
            };
        operation.context = context.get();
        operation.destroy = [](void *c) { delete static_cast<Shared *>(c); };
        const auto handles = detail::handles(inputs);
        Tensors outputs = detail::outputs_of([&](tw_tensor **out, int64_t count) {
            return tw_custom_apply(nullptr, &operation, detail::data(handles), detail::size(handles), out,
                                   count);
        });
        context.release();
        return outputs;
    }

  private:
    struct Functions {
        std::string name;
        TensorFunction forward;
        detail::ToTensors<CustomPass> backward, tangent;
    };

    static int run(detail::ToTensors<CustomPass> &function, tw_scope *scope, const tw_custom_pass &pass,
                   int64_t gradient_count, tw_tensor **results, int64_t result_count) {
        return detail::guarded([&] {
            CustomPass mine{detail::taken(pass.inputs, pass.input_count),
                            detail::taken(pass.outputs, pass.output_count),
                            detail::taken(pass.gradients, gradient_count),
                            std::vector<bool>(pass.wanted, pass.wanted + pass.input_count)};
            detail::give(scope, function.call(mine), results, result_count);
        });
    }

    std::shared_ptr<Functions> functions_;
};

/* ---- Checkpointing ------------------------------------------------------------ */

/** The outputs of a function that is run again in the backward pass, in place of what its
    operations would save. A Tensor of a function that gives one, else Tensors. */
template <typename F> std::invoke_result_t<F &, const Tensors &> checkpoint(F function, const Tensors &inputs) {
    auto context = std::make_unique<TensorFunction>(std::move(function));
    const auto handles = detail::handles(inputs);
    Tensors outputs = detail::outputs_of([&](tw_tensor **out, int64_t count) {
        return tw_checkpoint(
            nullptr, detail::run_tensor_function, context.get(),
            [](void *c) { delete static_cast<TensorFunction *>(c); }, detail::data(handles),
            detail::size(handles), out, count);
    });
    context.release();
    if constexpr (std::is_same<std::invoke_result_t<F &, const Tensors &>, Tensors>::value)
        return outputs;
    else
        return outputs.at(0);
}

/* ---- Hooks ---------------------------------------------------------------------- */

/**
 * Has a callable called with the tensor's gradient whenever a backward pass has all of it. It
 * gives nothing, or a Tensor of the gradient's shape and dtype in its place, empty to leave it.
 * @return its number, for remove_hook
 */
template <typename F> uint64_t add_hook(const Tensor &tensor, F hook) {
    auto context = std::make_unique<F>(std::move(hook));
    auto call = [](void *c, tw_scope *scope, const tw_tensor *gradient, tw_tensor **replacement) -> int {
        return detail::guarded([&] {
            const Tensor mine = detail::taken(&gradient, 1)[0];
            F &function = *static_cast<F *>(c);
            if constexpr (std::is_void<std::invoke_result_t<F &, const Tensor &>>::value) {
                (void)scope, (void)replacement;
                function(mine);
            } else if (const Tensor other = function(mine)) {
                *replacement = detail::given(scope, other);
            }
        });
    };
    uint64_t number = 0;
    check(tw_tensor_add_hook(tensor.get(), call, context.get(), [](void *c) { delete static_cast<F *>(c); }, &number));
    context.release();
    return number;
}
inline void remove_hook(const Tensor &tensor, uint64_t number) { check(tw_tensor_remove_hook(tensor.get(), number)); }

/* ---- Finding mistakes -------------------------------------------------------------- */

/** While it lives, this thread's operations that make a NaN throw TW_ERROR_NUMERIC with their name. */
class AnomalyMode : detail::Switch<tw_set_anomaly_mode> {
  public:
    AnomalyMode() : Switch(true) {}
};
inline bool anomaly_mode() { return tw_anomaly_mode(); }

/** Compares a function's gradients at float64 inputs with central differences; see its `passed`. */
inline tw_gradient_check check_gradients(TensorFunction function, const Tensors &inputs,
                                         const tw_gradient_check_options &options = TW_GRADIENT_CHECK_OPTIONS_INIT) {
    tw_gradient_check result = TW_GRADIENT_CHECK_INIT;
    const auto handles = detail::handles(inputs);
    check(tw_check_gradients(detail::run_tensor_function, &function, detail::data(handles),
                             detail::size(handles), detail::most_outputs, &options, &result));
    return result;
}

}  // namespace talweg

#endif
