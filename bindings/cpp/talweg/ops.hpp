/**
 * @file ops.hpp
 * Arithmetic, reductions, joining, products, and operators.
 */
#ifndef TALWEG_OPS_HPP
#define TALWEG_OPS_HPP

#include "tensor.hpp"

namespace talweg {

/* Functions cannot be named by templates: these three macros are for this file alone. */
#define TALWEG_UNARY(name) \
    inline Tensor name(const Tensor &x) { return detail::make(tw_##name, x); }
#define TALWEG_BINARY(name) \
    inline Tensor name(const Tensor &a, const Tensor &b) { return detail::make(tw_##name, a, b); }
/* Over all axes, or over some. */
#define TALWEG_REDUCTION(name)                                                               \
    inline Tensor name(const Tensor &x) {                                                    \
        return detail::make(tw_##name, x, nullptr, 0, false);                                \
    }                                                                                        \
    inline Tensor name(const Tensor &x, const Shape &axes, bool keepdims = false) {          \
        return detail::make(tw_##name, x, detail::data(axes), detail::size(axes), keepdims); \
    }

TALWEG_BINARY(add) TALWEG_BINARY(subtract) TALWEG_BINARY(multiply) TALWEG_BINARY(divide) TALWEG_BINARY(floor_divide)
TALWEG_BINARY(remainder) TALWEG_BINARY(power) TALWEG_BINARY(maximum) TALWEG_BINARY(minimum) TALWEG_BINARY(atan2)
TALWEG_BINARY(hypot) TALWEG_BINARY(logaddexp) TALWEG_BINARY(copysign) TALWEG_BINARY(nextafter)
TALWEG_BINARY(equal) TALWEG_BINARY(not_equal) TALWEG_BINARY(less) TALWEG_BINARY(less_equal) TALWEG_BINARY(greater)
TALWEG_BINARY(greater_equal) TALWEG_BINARY(logical_and) TALWEG_BINARY(logical_or) TALWEG_BINARY(logical_xor)
TALWEG_BINARY(bitwise_and) TALWEG_BINARY(bitwise_or) TALWEG_BINARY(bitwise_xor)
TALWEG_BINARY(bitwise_left_shift) TALWEG_BINARY(bitwise_right_shift)
TALWEG_BINARY(embedding) TALWEG_BINARY(matmul)

TALWEG_UNARY(logical_not) TALWEG_UNARY(bitwise_invert)
TALWEG_UNARY(negative) TALWEG_UNARY(absolute) TALWEG_UNARY(sign) TALWEG_UNARY(square)
TALWEG_UNARY(sqrt) TALWEG_UNARY(rsqrt) TALWEG_UNARY(reciprocal) TALWEG_UNARY(exp) TALWEG_UNARY(expm1) TALWEG_UNARY(log)
TALWEG_UNARY(log1p) TALWEG_UNARY(log2) TALWEG_UNARY(log10) TALWEG_UNARY(sin) TALWEG_UNARY(cos) TALWEG_UNARY(tan)
TALWEG_UNARY(asin) TALWEG_UNARY(acos) TALWEG_UNARY(atan) TALWEG_UNARY(sinh) TALWEG_UNARY(cosh) TALWEG_UNARY(tanh)
TALWEG_UNARY(asinh) TALWEG_UNARY(acosh) TALWEG_UNARY(atanh) TALWEG_UNARY(sigmoid) TALWEG_UNARY(softplus)
TALWEG_UNARY(erf) TALWEG_UNARY(relu) TALWEG_UNARY(gelu) TALWEG_UNARY(gelu_tanh) TALWEG_UNARY(silu)
TALWEG_UNARY(floor) TALWEG_UNARY(ceil) TALWEG_UNARY(round) TALWEG_UNARY(trunc)
TALWEG_UNARY(isnan) TALWEG_UNARY(isinf) TALWEG_UNARY(isfinite) TALWEG_UNARY(signbit)

TALWEG_REDUCTION(sum) TALWEG_REDUCTION(mean) TALWEG_REDUCTION(prod) TALWEG_REDUCTION(max) TALWEG_REDUCTION(min)
TALWEG_REDUCTION(logsumexp) TALWEG_REDUCTION(norm) TALWEG_REDUCTION(any) TALWEG_REDUCTION(all)

#undef TALWEG_UNARY
#undef TALWEG_BINARY
#undef TALWEG_REDUCTION

inline Tensor leaky_relu(const Tensor &x, double slope = 0.01) { return detail::make(tw_leaky_relu, x, slope); }
inline Tensor elu(const Tensor &x, double alpha = 1) { return detail::make(tw_elu, x, alpha); }
inline Tensor power(const Tensor &a, double b) { return detail::make(tw_power_scalar, a, b); }
inline Tensor where(const Tensor &condition, const Tensor &a, const Tensor &b) {
    return detail::make(tw_where, condition, a, b);
}
/** An empty bound is none. */
inline Tensor clip(const Tensor &x, const Tensor &min, const Tensor &max) { return detail::make(tw_clip, x, min, max); }
inline Tensor clip(const Tensor &x, double min, double max) { return detail::make(tw_clip_scalar, x, min, max); }

/* ---- Reductions with more to say ------------------------------------------ */

inline Tensor var(const Tensor &x, double correction = 0) {
    return detail::make(tw_var, x, nullptr, 0, false, correction);
}
inline Tensor var(const Tensor &x, const Shape &axes, bool keepdims = false, double correction = 0) {
    return detail::make(tw_var, x, detail::data(axes), detail::size(axes), keepdims, correction);
}
/** tw_std, whose name is the standard library's. */
inline Tensor standard_deviation(const Tensor &x, double correction = 0) {
    return detail::make(tw_std, x, nullptr, 0, false, correction);
}
inline Tensor standard_deviation(const Tensor &x, const Shape &axes, bool keepdims = false, double correction = 0) {
    return detail::make(tw_std, x, detail::data(axes), detail::size(axes), keepdims, correction);
}
inline Tensor argmax(const Tensor &x, int64_t axis, bool keepdims = false) {
    return detail::make(tw_argmax, x, axis, keepdims);
}
inline Tensor argmin(const Tensor &x, int64_t axis, bool keepdims = false) {
    return detail::make(tw_argmin, x, axis, keepdims);
}

/* ---- Joining, products, rows ------------------------------------------------ */

inline Tensor concatenate(const Tensors &tensors, int64_t axis = 0) {
    const auto handles = detail::handles(tensors);
    return detail::make(tw_concatenate, detail::data(handles), detail::size(handles), axis);
}
inline Tensor stack(const Tensors &tensors, int64_t axis = 0) {
    const auto handles = detail::handles(tensors);
    return detail::make(tw_stack, detail::data(handles), detail::size(handles), axis);
}
inline Tensor linear(const Tensor &x, const Tensor &weight, const Tensor &bias = {}) {
    return detail::make(tw_linear, x, weight, bias);
}
inline Tensor linear(const Tensor &x, const Tensor &weight, const Tensor &bias, tw_activation activation) {
    return detail::make(tw_linear_activation, x, weight, bias, activation);
}
inline Tensor softmax(const Tensor &x, int64_t axis) { return detail::make(tw_softmax, x, axis); }
inline Tensor log_softmax(const Tensor &x, int64_t axis) { return detail::make(tw_log_softmax, x, axis); }
inline Tensor dropout(const Tensor &x, double p, const Generator *generator = nullptr) {
    return detail::make(tw_dropout, generator, x, p);
}

/* ---- Operators --------------------------------------------------------------
   Comparisons have their names alone, less(a, b): a Tensor is true in an `if` when it
   has a handle, so that `if (a < b)` would always be. */

inline Tensor operator+(const Tensor &a, const Tensor &b) { return add(a, b); }
inline Tensor operator-(const Tensor &a, const Tensor &b) { return subtract(a, b); }
inline Tensor operator*(const Tensor &a, const Tensor &b) { return multiply(a, b); }
inline Tensor operator/(const Tensor &a, const Tensor &b) { return divide(a, b); }
inline Tensor operator%(const Tensor &a, const Tensor &b) { return remainder(a, b); }
inline Tensor operator&(const Tensor &a, const Tensor &b) { return bitwise_and(a, b); }
inline Tensor operator|(const Tensor &a, const Tensor &b) { return bitwise_or(a, b); }
inline Tensor operator^(const Tensor &a, const Tensor &b) { return bitwise_xor(a, b); }
inline Tensor operator-(const Tensor &a) { return negative(a); }
inline Tensor operator~(const Tensor &a) { return bitwise_invert(a); }

/* With a number the tensor keeps its dtype. */

inline Tensor operator+(const Tensor &a, double b) { return detail::make(tw_add_scalar, a, b); }
inline Tensor operator-(const Tensor &a, double b) { return detail::make(tw_subtract_scalar, a, b); }
inline Tensor operator*(const Tensor &a, double b) { return detail::make(tw_multiply_scalar, a, b); }
inline Tensor operator/(const Tensor &a, double b) { return detail::make(tw_divide_scalar, a, b); }
inline Tensor operator+(double a, const Tensor &b) { return b + a; }
inline Tensor operator*(double a, const Tensor &b) { return b * a; }
inline Tensor operator-(double a, const Tensor &b) { return negative(b) + a; }
inline Tensor operator/(double a, const Tensor &b) {
    const tw_dtype dtype = b.dtype();
    const bool floating = dtype == TW_FLOAT32 || dtype == TW_FLOAT16 || dtype == TW_BFLOAT16;
    return scalar(a, floating ? dtype : TW_FLOAT64) / b;
}

/* x += y is x = x + y: the name goes on to a new tensor, and other names stay with the old one. */

template <typename B> Tensor &operator+=(Tensor &a, const B &b) { return a = a + b; }
template <typename B> Tensor &operator-=(Tensor &a, const B &b) { return a = a - b; }
template <typename B> Tensor &operator*=(Tensor &a, const B &b) { return a = a * b; }
template <typename B> Tensor &operator/=(Tensor &a, const B &b) { return a = a / b; }

}  // namespace talweg

#endif
