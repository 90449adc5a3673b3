/**
 * @file callback.hpp
 * Callables that the library calls with tensors.
 *
 * A function of tensors takes const Tensors & and gives a Tensor or Tensors, at most 64. What it is
 * given may be kept beyond the call; what it gives may be views, and the same tensors.
 */
#ifndef TALWEG_CALLBACK_HPP
#define TALWEG_CALLBACK_HPP

#include "tensor.hpp"

#include <functional>

namespace talweg {

namespace detail {

/** The most outputs that the C functions have room for; those that are not there are NULL. */
constexpr int64_t most_outputs = 64;

/** Names of a callback's tensors that outlive its scope. */
inline Tensors taken(const tw_tensor *const *handles, int64_t count) {
    Tensors result;
    for (int64_t i = 0; i < count; ++i)
        result.push_back(handles[i] ? Tensor(tw_keep(const_cast<tw_tensor *>(handles[i]))) : Tensor());
    return result;
}

/** The scope's own name of a tensor, for what must outlive the callback's C++ objects. */
inline tw_tensor *given(tw_scope *scope, const Tensor &tensor) {
    tw_tensor *handle = tw_cast(scope, tensor.get(), tensor.dtype()); // to its own dtype: no copy, no record
    if (handle == nullptr) throw Error(tw_scope_status(scope), tw_scope_message(scope));
    return handle;
}
inline void give(tw_scope *scope, const Tensors &tensors, tw_tensor **room, int64_t count) {
    if (static_cast<int64_t>(tensors.size()) > count)
        throw Error(TW_ERROR_INVALID_ARGUMENT, "a callback gave " + std::to_string(tensors.size()) +
                                                   " tensors; there is room for " + std::to_string(count));
    for (size_t i = 0; i < tensors.size(); ++i)
        if (tensors[i]) room[i] = given(scope, tensors[i]);
}

inline Tensors as_tensors(Tensors tensors) { return tensors; }
inline Tensors as_tensors(Tensor tensor) { return Tensors{std::move(tensor)}; }

/** Any callable of const Argument & that gives a Tensor or Tensors. */
template <typename Argument> struct ToTensors {
    std::function<Tensors(const Argument &)> call;

    ToTensors(std::nullptr_t) {}
    template <typename F, typename = std::invoke_result_t<F &, const Argument &>>
    ToTensors(F function)
        : call([function = std::move(function)](const Argument &argument) mutable {
              return as_tensors(function(argument));
          }) {}
};

/** A tw_tensor_function whose context is a TensorFunction. */
inline int run_tensor_function(void *context, tw_scope *scope, const tw_tensor *const *inputs, int64_t input_count,
                               tw_tensor **outputs, int64_t output_count) {
    return guarded([&] {
        auto &function = *static_cast<ToTensors<Tensors> *>(context);
        give(scope, function.call(taken(inputs, input_count)), outputs, output_count);
    });
}

/** The outputs that a call of the form (.., handles, count) writes, up to the first NULL. */
template <typename Call> Tensors outputs_of(Call call) {
    tw_tensor *room[most_outputs] = {};
    check(call(room, most_outputs));
    Tensors result;
    for (int64_t i = 0; i < most_outputs && room[i]; ++i) result.emplace_back(room[i]);
    return result;
}

}  // namespace detail

/** A function of tensors. */
using TensorFunction = detail::ToTensors<Tensors>;

}  // namespace talweg

#endif
