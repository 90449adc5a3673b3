/**
 * @file ops.h
 * Arithmetic, reductions, views, products.
 *
 * Shapes broadcast as in NumPy: axes are matched from the last, and a size of 1
 * (or a missing axis) repeats. All are recorded on the tape (autodiff.h) where a
 * derivative exists. Axes may be negative: -1 is the last.
 *
 * Two dtypes promote as in the Python array API standard (2024.12), to one that
 * holds both, and where that leaves it open as said here:
 *
 *            int8   int16  int32  int64      uint8  uint16 uint32 uint64
 *     int8   int8   int16  int32  int64      int16  int32  int64  float64
 *     int16  int16  int16  int32  int64      int16  int32  int64  float64
 *     int32  int32  int32  int32  int64      int32  int32  int64  float64
 *     int64  int64  int64  int64  int64      int64  int64  int64  float64
 *     uint8  int16  int16  int32  int64      uint8  uint16 uint32 uint64
 *     uint16 int32  int32  int32  int64      uint16 uint16 uint32 uint64
 *     uint32 int64  int64  int64  int64      uint32 uint32 uint32 uint64
 *     uint64 float64 float64 float64 float64 uint64 uint64 uint64 uint64
 *
 * float16 and bfloat16 together give float32, any other two floating dtypes the
 * wider. bool beside any becomes that; an integer beside a floating dtype too.
 */
#ifndef TALWEG_OPS_H
#define TALWEG_OPS_H

#include "tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Element by element, two inputs ------------------------------------ */

tw_tensor *tw_add(tw_scope *scope, const tw_tensor *a, const tw_tensor *b);
tw_tensor *tw_subtract(tw_scope *scope, const tw_tensor *a, const tw_tensor *b);
/** Products; for bool: and. */
tw_tensor *tw_multiply(tw_scope *scope, const tw_tensor *a, const tw_tensor *b);
/** a / b; integers give float32 (int64 and uint64: float64). */
tw_tensor *tw_divide(tw_scope *scope, const tw_tensor *a, const tw_tensor *b);
/** floor(a / b). Integers: division by 0 gives 0. No gradient. */
tw_tensor *tw_floor_divide(tw_scope *scope, const tw_tensor *a, const tw_tensor *b);
/** a - floor(a / b) * b: the sign is b's. Integers: by 0 gives 0. */
tw_tensor *tw_remainder(tw_scope *scope, const tw_tensor *a, const tw_tensor *b);
/** a to the power b. Integers with a negative exponent truncate towards 0. */
tw_tensor *tw_power(tw_scope *scope, const tw_tensor *a, const tw_tensor *b);
/** The larger; NaN if either is. Ties share the gradient in halves. */
tw_tensor *tw_maximum(tw_scope *scope, const tw_tensor *a, const tw_tensor *b);
/** The smaller; NaN if either is. Ties share the gradient in halves. */
tw_tensor *tw_minimum(tw_scope *scope, const tw_tensor *a, const tw_tensor *b);
/** The angle of the point (b, a), in (-pi, pi]. */
tw_tensor *tw_atan2(tw_scope *scope, const tw_tensor *a, const tw_tensor *b);
/** The root of a * a + b * b, without overflow; the gradient at the origin is 0. */
tw_tensor *tw_hypot(tw_scope *scope, const tw_tensor *a, const tw_tensor *b);
/** log(exp(a) + exp(b)), without overflow. */
tw_tensor *tw_logaddexp(tw_scope *scope, const tw_tensor *a, const tw_tensor *b);
/** The size of a with the sign of b, of zeros and NaN too; the gradient to b is 0. */
tw_tensor *tw_copysign(tw_scope *scope, const tw_tensor *a, const tw_tensor *b);
/** The number of the dtype next to a towards b, b where they are equal. The gradient passes to a. */
tw_tensor *tw_nextafter(tw_scope *scope, const tw_tensor *a, const tw_tensor *b);

/* With a number in place of the second tensor. A floating dtype stays; an integer
   one stays if it can hold the number, else both become float64. Quotients are
   floating, as tw_divide has them. */

tw_tensor *tw_add_scalar(tw_scope *scope, const tw_tensor *a, double b);
tw_tensor *tw_subtract_scalar(tw_scope *scope, const tw_tensor *a, double b);
tw_tensor *tw_multiply_scalar(tw_scope *scope, const tw_tensor *a, double b);
tw_tensor *tw_divide_scalar(tw_scope *scope, const tw_tensor *a, double b);
/** Of floating a, 0.5 gives tw_sqrt and -0.5 tw_rsqrt, which differ for -0 and -infinity. */
tw_tensor *tw_power_scalar(tw_scope *scope, const tw_tensor *a, double b);

/* Comparisons give bool and no gradient; a NaN is equal to nothing. */

tw_tensor *tw_equal(tw_scope *scope, const tw_tensor *a, const tw_tensor *b);
tw_tensor *tw_not_equal(tw_scope *scope, const tw_tensor *a, const tw_tensor *b);
tw_tensor *tw_less(tw_scope *scope, const tw_tensor *a, const tw_tensor *b);
tw_tensor *tw_less_equal(tw_scope *scope, const tw_tensor *a, const tw_tensor *b);
tw_tensor *tw_greater(tw_scope *scope, const tw_tensor *a, const tw_tensor *b);
tw_tensor *tw_greater_equal(tw_scope *scope, const tw_tensor *a, const tw_tensor *b);

/* Logic on truth values (an element that is not bool is true if it is not 0). */

tw_tensor *tw_logical_and(tw_scope *scope, const tw_tensor *a, const tw_tensor *b);
tw_tensor *tw_logical_or(tw_scope *scope, const tw_tensor *a, const tw_tensor *b);
tw_tensor *tw_logical_xor(tw_scope *scope, const tw_tensor *a, const tw_tensor *b);
tw_tensor *tw_logical_not(tw_scope *scope, const tw_tensor *a);

/* Bits of integers and bool, without a gradient; TW_ERROR_DTYPE for others. */

tw_tensor *tw_bitwise_and(tw_scope *scope, const tw_tensor *a, const tw_tensor *b);
tw_tensor *tw_bitwise_or(tw_scope *scope, const tw_tensor *a, const tw_tensor *b);
tw_tensor *tw_bitwise_xor(tw_scope *scope, const tw_tensor *a, const tw_tensor *b);
/** Every bit the other way; of bool: not. */
tw_tensor *tw_bitwise_invert(tw_scope *scope, const tw_tensor *x);
/** Integers: the bits of a moved up by b. A b that is negative, or is the type's
    bits or more, leaves 0. */
tw_tensor *tw_bitwise_left_shift(tw_scope *scope, const tw_tensor *a, const tw_tensor *b);
/** Integers: floor(a / 2^b). A b that is negative, or is the type's bits or more,
    leaves 0, of negative numbers -1. */
tw_tensor *tw_bitwise_right_shift(tw_scope *scope, const tw_tensor *a, const tw_tensor *b);

/* ---- Element by element, one input ------------------------------------- */
/* Functions whose values are not whole take integers as float32 (int64 and uint64: float64).
   Results, also those of two inputs, are at most 2 units in the last place from the exact
   ones but for tw_silu and tw_gelu_tanh (3), tw_gelu (5) and, near its zeros, tw_logaddexp
   (2 of the largest of the inputs' and log 2's); those of float16 and bfloat16 are rounded from
   such ones in float32. */

tw_tensor *tw_negative(tw_scope *scope, const tw_tensor *x);
tw_tensor *tw_absolute(tw_scope *scope, const tw_tensor *x);
/** -1, 0 or 1; NaN for NaN. Its gradient is 0. */
tw_tensor *tw_sign(tw_scope *scope, const tw_tensor *x);
tw_tensor *tw_square(tw_scope *scope, const tw_tensor *x);
tw_tensor *tw_sqrt(tw_scope *scope, const tw_tensor *x);
/** 1 / sqrt(x) */
tw_tensor *tw_rsqrt(tw_scope *scope, const tw_tensor *x);
tw_tensor *tw_reciprocal(tw_scope *scope, const tw_tensor *x);
tw_tensor *tw_exp(tw_scope *scope, const tw_tensor *x);
/** exp(x) - 1, exact near 0 */
tw_tensor *tw_expm1(tw_scope *scope, const tw_tensor *x);
tw_tensor *tw_log(tw_scope *scope, const tw_tensor *x);
/** log(1 + x), exact near 0 */
tw_tensor *tw_log1p(tw_scope *scope, const tw_tensor *x);
tw_tensor *tw_log2(tw_scope *scope, const tw_tensor *x);
tw_tensor *tw_log10(tw_scope *scope, const tw_tensor *x);
/** Radians, as everywhere. */
tw_tensor *tw_sin(tw_scope *scope, const tw_tensor *x);
tw_tensor *tw_cos(tw_scope *scope, const tw_tensor *x);
tw_tensor *tw_tan(tw_scope *scope, const tw_tensor *x);
tw_tensor *tw_asin(tw_scope *scope, const tw_tensor *x);
tw_tensor *tw_acos(tw_scope *scope, const tw_tensor *x);
tw_tensor *tw_atan(tw_scope *scope, const tw_tensor *x);
tw_tensor *tw_sinh(tw_scope *scope, const tw_tensor *x);
tw_tensor *tw_cosh(tw_scope *scope, const tw_tensor *x);
tw_tensor *tw_tanh(tw_scope *scope, const tw_tensor *x);
tw_tensor *tw_asinh(tw_scope *scope, const tw_tensor *x);
/** The inverse of cosh on [0, inf); NaN below 1. */
tw_tensor *tw_acosh(tw_scope *scope, const tw_tensor *x);
/** The inverse of tanh; infinite at -1 and 1, NaN beyond. */
tw_tensor *tw_atanh(tw_scope *scope, const tw_tensor *x);
/** 1 / (1 + exp(-x)) */
tw_tensor *tw_sigmoid(tw_scope *scope, const tw_tensor *x);
/** log(1 + exp(x)) */
tw_tensor *tw_softplus(tw_scope *scope, const tw_tensor *x);
tw_tensor *tw_erf(tw_scope *scope, const tw_tensor *x);
/** max(x, 0); the gradient at 0 is 0. */
tw_tensor *tw_relu(tw_scope *scope, const tw_tensor *x);
/** x * (1 + erf(x / sqrt(2))) / 2 (Hendrycks and Gimpel, 2016) */
tw_tensor *tw_gelu(tw_scope *scope, const tw_tensor *x);
/** x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3))) / 2, close to tw_gelu (Hendrycks and Gimpel, 2016). On
    processors without fused multiply-add off by more: up to 145 units in the last place in float32
    and 1,479 in float64 were measured. */
tw_tensor *tw_gelu_tanh(tw_scope *scope, const tw_tensor *x);
/** x / (1 + exp(-x)) (Elfwing, Uchibe and Doya, 2018) */
tw_tensor *tw_silu(tw_scope *scope, const tw_tensor *x);
/** x where it is positive, else slope * x */
tw_tensor *tw_leaky_relu(tw_scope *scope, const tw_tensor *x, double slope);
/** x where it is positive, else alpha * (exp(x) - 1) (Clevert, Unterthiner and Hochreiter, 2016) */
tw_tensor *tw_elu(tw_scope *scope, const tw_tensor *x, double alpha);
tw_tensor *tw_floor(tw_scope *scope, const tw_tensor *x);
tw_tensor *tw_ceil(tw_scope *scope, const tw_tensor *x);
/** To the nearest whole number, halves to the even one. */
tw_tensor *tw_round(tw_scope *scope, const tw_tensor *x);
tw_tensor *tw_trunc(tw_scope *scope, const tw_tensor *x);
/* These four give bool. */
tw_tensor *tw_isnan(tw_scope *scope, const tw_tensor *x);
tw_tensor *tw_isinf(tw_scope *scope, const tw_tensor *x);
tw_tensor *tw_isfinite(tw_scope *scope, const tw_tensor *x);
/** Whether the sign is negative, of zeros and NaN too. */
tw_tensor *tw_signbit(tw_scope *scope, const tw_tensor *x);

/** condition ? a : b, element by element, all three broadcast. */
tw_tensor *tw_where(tw_scope *scope, const tw_tensor *condition, const tw_tensor *a, const tw_tensor *b);

/**
 * x, moved to min where it is below and then to max where it is above; NaN if one
 * of them is. All three broadcast, and their dtypes promote. The gradient goes to
 * the one that the result is; at a bound to x, and to nothing where it is NaN.
 * @param min, max  NULL: no bound
 */
tw_tensor *tw_clip(tw_scope *scope, const tw_tensor *x, const tw_tensor *min, const tw_tensor *max);
/** The same with numbers, in the dtype of x; -INFINITY and INFINITY are no bounds.
    Of integers a bound is that of the integers inside. */
tw_tensor *tw_clip_scalar(tw_scope *scope, const tw_tensor *x, double min, double max);

/* ---- Reductions --------------------------------------------------------
   Over `axis_count` axes at `axes`, or over all if `axes` is NULL. With
   `keepdims` the reduced axes stay with size 1. An axis named twice is
   TW_ERROR_INVALID_ARGUMENT. */

/** Sums; bool and integers sum to int64, unsigned ones to uint64. The sum of nothing is 0. */
tw_tensor *tw_sum(tw_scope *scope, const tw_tensor *x, const int64_t *axes, int64_t axis_count, bool keepdims);
/** Means; integers give float64. The mean of nothing is NaN. */
tw_tensor *tw_mean(tw_scope *scope, const tw_tensor *x, const int64_t *axes, int64_t axis_count, bool keepdims);
/** Products; bool and integers multiply to int64, unsigned ones to uint64. */
tw_tensor *tw_prod(tw_scope *scope, const tw_tensor *x, const int64_t *axes, int64_t axis_count, bool keepdims);
/** Largest; NaN if there is one; of nothing is TW_ERROR_SHAPE. Ties share the gradient evenly. */
tw_tensor *tw_max(tw_scope *scope, const tw_tensor *x, const int64_t *axes, int64_t axis_count, bool keepdims);
/** Smallest; as tw_max. */
tw_tensor *tw_min(tw_scope *scope, const tw_tensor *x, const int64_t *axes, int64_t axis_count, bool keepdims);
/** Variances: sum of squared deviations over (count - correction). */
tw_tensor *tw_var(tw_scope *scope, const tw_tensor *x, const int64_t *axes, int64_t axis_count, bool keepdims,
                  double correction);
/** Standard deviations: the roots of tw_var. */
tw_tensor *tw_std(tw_scope *scope, const tw_tensor *x, const int64_t *axes, int64_t axis_count, bool keepdims,
                  double correction);
/** log(sum(exp(x))) without overflow. */
tw_tensor *tw_logsumexp(tw_scope *scope, const tw_tensor *x, const int64_t *axes, int64_t axis_count,
                        bool keepdims);
/** Euclidean norms. The gradient where the norm is 0 is 0. */
tw_tensor *tw_norm(tw_scope *scope, const tw_tensor *x, const int64_t *axes, int64_t axis_count, bool keepdims);
/** Whether any element is true (not 0). */
tw_tensor *tw_any(tw_scope *scope, const tw_tensor *x, const int64_t *axes, int64_t axis_count, bool keepdims);
/** Whether all elements are true (not 0). */
tw_tensor *tw_all(tw_scope *scope, const tw_tensor *x, const int64_t *axes, int64_t axis_count, bool keepdims);
/** The position of the largest along `axis`, as int64: the first of equals, a NaN before all. */
tw_tensor *tw_argmax(tw_scope *scope, const tw_tensor *x, int64_t axis, bool keepdims);
/** The position of the smallest along `axis`; as tw_argmax. */
tw_tensor *tw_argmin(tw_scope *scope, const tw_tensor *x, int64_t axis, bool keepdims);

/* ---- Views: the same elements, another shape --------------------------- */

/** The same elements in row-major order under another shape; one size may be
    -1 and is found. Without a copy where the strides allow it. */
tw_tensor *tw_reshape(tw_scope *scope, const tw_tensor *x, const int64_t *shape, int64_t rank);
/** Swaps two axes. Never copies. */
tw_tensor *tw_transpose(tw_scope *scope, const tw_tensor *x, int64_t axis0, int64_t axis1);
/** Axis i of the result is axis axes[i] of x; `rank` is x's. Never copies. */
tw_tensor *tw_permute(tw_scope *scope, const tw_tensor *x, const int64_t *axes, int64_t rank);
/** Repeats size-1 axes to fit `shape`. Never copies. */
tw_tensor *tw_broadcast_to(tw_scope *scope, const tw_tensor *x, const int64_t *shape, int64_t rank);
/**
 * start, start + step, ... up to but without stop along one axis, as Python's
 * slices: negative positions count from the end, positions beyond the ends are
 * moved there, step may be negative but not 0. Never copies. INT64_MAX as stop
 * (with a negative step: INT64_MIN) means to the end.
 */
tw_tensor *tw_slice(tw_scope *scope, const tw_tensor *x, int64_t axis, int64_t start, int64_t stop, int64_t step);
/** Position `index` of an axis, which is dropped. Never copies. */
tw_tensor *tw_select(tw_scope *scope, const tw_tensor *x, int64_t axis, int64_t index);
/** Adds an axis of size 1 before position `axis`, -(rank+1) ... rank. */
tw_tensor *tw_expand_dims(tw_scope *scope, const tw_tensor *x, int64_t axis);
/** Drops an axis of size 1. */
tw_tensor *tw_squeeze(tw_scope *scope, const tw_tensor *x, int64_t axis);

/* ---- Joining and picking ------------------------------------------------ */

/** Joins `count` tensors (at least one) along an axis; other sizes must agree. */
tw_tensor *tw_concatenate(tw_scope *scope, const tw_tensor *const *tensors, int64_t count, int64_t axis);
/** Joins `count` tensors of one shape along a new axis. */
tw_tensor *tw_stack(tw_scope *scope, const tw_tensor *const *tensors, int64_t count, int64_t axis);
/** Positions `indices` (integers of any shape, which takes the place of the axis)
    along an axis. Negative ones count from the end; out of range is
    TW_ERROR_INDEX. */
tw_tensor *tw_index_select(tw_scope *scope, const tw_tensor *x, int64_t axis, const tw_tensor *indices);
/** y[.., i, ..] = x[.., indices[.., i, ..], ..]: one position an element along
    an axis; `indices` has x's rank and its sizes but along the axis. */
tw_tensor *tw_gather(tw_scope *scope, const tw_tensor *x, int64_t axis, const tw_tensor *indices);
/**
 * Rows of a table [rows, width], one for each id: [.., width].
 * @param ids  [..], integers in 0 ... rows - 1; others are TW_ERROR_INDEX
 */
tw_tensor *tw_embedding(tw_scope *scope, const tw_tensor *table, const tw_tensor *ids);

/* ---- Products and rows ---------------------------------------------------- */

/**
 * Matrix products [.., m, k] x [.., k, n] -> [.., m, n]; leading axes broadcast.
 * A 1-d input counts as a row (first) or a column (second), and that axis is
 * dropped from the result. Integers wrap around; bool is TW_ERROR_DTYPE.
 */
tw_tensor *tw_matmul(tw_scope *scope, const tw_tensor *a, const tw_tensor *b);
/** x [.., in] times weight [out, in] transposed, plus bias [out] (may be NULL): [.., out]. */
tw_tensor *tw_linear(tw_scope *scope, const tw_tensor *x, const tw_tensor *weight, const tw_tensor *bias);
/** A function that networks apply between products: of each element, or, from TW_ACTIVATION_SOFTMAX on, along an
    axis. Their parameters are in tw_activation_options (layers.h). */
typedef enum tw_activation {
    TW_ACTIVATION_IDENTITY = 0,
    /** max(x, 0) */
    TW_ACTIVATION_RELU = 1,
    /** x Phi(x), Phi the normal distribution function (Hendrycks and Gimpel, arXiv:1606.08415) */
    TW_ACTIVATION_GELU = 2,
    TW_ACTIVATION_TANH = 3,
    /** 1 / (1 + exp(-x)) */
    TW_ACTIVATION_SIGMOID = 4,
    /** x / (1 + exp(-x)) (Elfwing, Uchibe and Doya, 2018) */
    TW_ACTIVATION_SILU = 5,
    /** The approximation of TW_ACTIVATION_GELU by tanh */
    TW_ACTIVATION_GELU_TANH = 6,
    /** x where it is positive, else slope x (Maas, Hannun and Ng, 2013) */
    TW_ACTIVATION_LEAKY_RELU = 7,
    /** x where it is positive, else alpha (exp(x) - 1) (Clevert, Unterthiner and Hochreiter, 2016) */
    TW_ACTIVATION_ELU = 8,
    /** 1.0507 times the ELU of alpha 1.6733 (Klambauer et al., 2017) */
    TW_ACTIVATION_SELU = 9,
    /** x where it is positive, else alpha (exp(x / alpha) - 1) (Barron, 2017) */
    TW_ACTIVATION_CELU = 10,
    /** x tanh(log(1 + exp(x))) (Misra, 2020) */
    TW_ACTIVATION_MISH = 11,
    /** log(1 + exp(beta x)) / beta */
    TW_ACTIVATION_SOFTPLUS = 12,
    /** x / (1 + |x|) */
    TW_ACTIVATION_SOFTSIGN = 13,
    /** min(max(x, low), high); the gradient at both is 0. */
    TW_ACTIVATION_HARDTANH = 14,
    /** min(max(x, 0), 6) */
    TW_ACTIVATION_RELU6 = 15,
    /** min(max(x + 3, 0), 6) / 6 (Howard et al., "Searching for MobileNetV3", 2019) */
    TW_ACTIVATION_HARDSIGMOID = 16,
    /** x times that */
    TW_ACTIVATION_HARDSWISH = 17,
    /** log(sigmoid(x)) */
    TW_ACTIVATION_LOG_SIGMOID = 18,
    /** x - tanh(x) */
    TW_ACTIVATION_TANHSHRINK = 19,
    /** x moved towards 0 by lambda; 0 where it is not further away */
    TW_ACTIVATION_SOFTSHRINK = 20,
    /** 0 where |x| <= lambda, else x */
    TW_ACTIVATION_HARDSHRINK = 21,
    /** x above a threshold, else a value */
    TW_ACTIVATION_THRESHOLD = 22,
    TW_ACTIVATION_SOFTMAX = 23,
    TW_ACTIVATION_LOG_SOFTMAX = 24,
    /** softmax(-x) */
    TW_ACTIVATION_SOFTMIN = 25,
    /** a sigmoid(b) of the halves a, b of an axis (Dauphin et al., 2017) */
    TW_ACTIVATION_GLU = 26,
    /** silu(a) b of the halves (Shazeer, "GLU variants improve transformer", 2020), as are the next two */
    TW_ACTIVATION_SWIGLU = 27,
    /** gelu(a) b */
    TW_ACTIVATION_GEGLU = 28,
    /** max(a, 0) b */
    TW_ACTIVATION_REGLU = 29
} tw_activation;
/**
 * tw_linear with an activation, whose parameters are the defaults. The first five
 * are one operation forwards, which keeps what goes into the activation for GELU
 * alone, and one pass backwards over what is neither a product.
 * TW_ERROR_INVALID_ARGUMENT for what is no tw_activation.
 */
tw_tensor *tw_linear_activation(tw_scope *scope, const tw_tensor *x, const tw_tensor *weight, const tw_tensor *bias,
                                tw_activation activation);
/** exp(x) / sum(exp(x)) along an axis, without overflow. */
tw_tensor *tw_softmax(tw_scope *scope, const tw_tensor *x, int64_t axis);
/** x - logsumexp(x) along an axis. */
tw_tensor *tw_log_softmax(tw_scope *scope, const tw_tensor *x, int64_t axis);
/** Each element 0 with probability p, else divided by 1 - p. NULL generator: the process's. */
tw_tensor *tw_dropout(tw_scope *scope, tw_generator *generator, const tw_tensor *x, double p);

#ifdef __cplusplus
}
#endif

#endif
