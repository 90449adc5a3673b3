/* The ops that are bound alike, as tables of X(name, doc). A row makes a
   function of the module, and a method of tensors but for two operands. */
#ifndef TALWEG_OPS_TABLE_H
#define TALWEG_OPS_TABLE_H

#define UNARY_OPS(X) \
    X(negative, "-x") \
    X(absolute, "|x|") \
    X(sign, "-1, 0 or 1; NaN for NaN. Its gradient is 0.") \
    X(square, "x * x") \
    X(sqrt, "Square root; NaN below 0.") \
    X(rsqrt, "1 / sqrt(x)") \
    X(reciprocal, "1 / x") \
    X(exp, "e to the power x") \
    X(expm1, "exp(x) - 1, exact near 0") \
    X(log, "Natural logarithm.") \
    X(log1p, "log(1 + x), exact near 0") \
    X(log2, "Logarithm to base 2.") \
    X(log10, "Logarithm to base 10.") \
    X(sin, "Sine of x in radians.") \
    X(cos, "Cosine of x in radians.") \
    X(tan, "Tangent of x in radians.") \
    X(asin, "Inverse sine in radians.") \
    X(acos, "Inverse cosine in radians.") \
    X(atan, "Inverse tangent in radians.") \
    X(sinh, "Hyperbolic sine.") \
    X(cosh, "Hyperbolic cosine.") \
    X(tanh, "Hyperbolic tangent.") \
    X(asinh, "Inverse hyperbolic sine.") \
    X(acosh, "Inverse hyperbolic cosine; NaN below 1.") \
    X(atanh, "Inverse hyperbolic tangent; NaN beyond -1 and 1.") \
    X(sigmoid, "1 / (1 + exp(-x))") \
    X(softplus, "log(1 + exp(x))") \
    X(erf, "Error function.") \
    X(relu, "max(x, 0); the gradient at 0 is 0.") \
    X(gelu, "x * (1 + erf(x / sqrt(2))) / 2 (Hendrycks and Gimpel, 2016)") \
    X(floor, "The largest whole number that is not above x.") \
    X(ceil, "The smallest whole number that is not below x.") \
    X(round, "The nearest whole number, halves to the even one.") \
    X(trunc, "The whole part of x.") \
    X(isnan, "Whether x is NaN, as bool.") \
    X(isinf, "Whether x is infinite, as bool.") \
    X(isfinite, "Whether x is neither NaN nor infinite, as bool.") \
    X(signbit, "Whether the sign is negative, of zeros and NaN too, as bool.") \
    X(logical_not, "Whether x is 0, as bool.") \
    X(bitwise_invert, "Every bit of integers the other way; of bool: not.")

/* X(name, the version with a number as second operand or NULL, doc) */
#define BINARY_OPS(X) \
    X(add, tw_add_scalar, "a + b") \
    X(subtract, tw_subtract_scalar, "a - b") \
    X(multiply, tw_multiply_scalar, "a * b; for bool: and.") \
    X(divide, tw_divide_scalar, "a / b; integers give float32 (int64: float64).") \
    X(floor_divide, NULL, "floor(a / b); integers by 0 give 0. No gradient.") \
    X(remainder, NULL, "a - floor(a / b) * b: the sign is b's. Integers by 0 give 0.") \
    X(power, tw_power_scalar, "a to the power b") \
    X(maximum, NULL, "The larger; NaN if either is. Ties share the gradient.") \
    X(minimum, NULL, "The smaller; NaN if either is. Ties share the gradient.") \
    X(atan2, NULL, "The angle of the point (b, a), in radians, in (-pi, pi].") \
    X(hypot, NULL, "The root of a * a + b * b, without overflow.") \
    X(logaddexp, NULL, "log(exp(a) + exp(b)), without overflow.") \
    X(copysign, NULL, "The size of a with the sign of b.") \
    X(nextafter, NULL, "The number of the dtype next to a towards b; b where they are equal.") \
    X(bitwise_and, NULL, "The bits that both have, of integers and bool.") \
    X(bitwise_or, NULL, "The bits that either has, of integers and bool.") \
    X(bitwise_xor, NULL, "The bits that just one has, of integers and bool.") \
    X(bitwise_left_shift, NULL, "The bits of integers moved up by b. A negative b, or one of the type's bits or more,\n" \
                                "leaves 0.") \
    X(bitwise_right_shift, NULL, "floor(a / 2**b) of integers. A negative b, or one of the type's bits or more, leaves\n" \
                                 "0, of negative numbers -1.") \
    X(equal, NULL, "a == b, as bool; NaN equals nothing.") \
    X(not_equal, NULL, "a != b, as bool") \
    X(less, NULL, "a < b, as bool") \
    X(less_equal, NULL, "a <= b, as bool") \
    X(greater, NULL, "a > b, as bool") \
    X(greater_equal, NULL, "a >= b, as bool") \
    X(logical_and, NULL, "Whether both are true (not 0).") \
    X(logical_or, NULL, "Whether either is true (not 0).") \
    X(logical_xor, NULL, "Whether just one is true (not 0).") \
    X(matmul, NULL, "Matrix products [.., m, k] x [.., k, n] -> [.., m, n]; leading axes broadcast.\n" \
                    "A 1-d operand counts as a row (first) or a column (second) and loses that axis again.")

#define TOTALS(X) \
    X(sum, "Sums; bool and integers sum to int64. The sum of nothing is 0.") \
    X(prod, "Products; bool and integers multiply to int64.")

#define REDUCTIONS(X) \
    X(mean, "Means; integers give float64. The mean of nothing is NaN.") \
    X(max, "Largest; NaN if there is one. Of nothing: ValueError.") \
    X(min, "Smallest; NaN if there is one. Of nothing: ValueError.") \
    X(logsumexp, "log(sum(exp(x))) without overflow.") \
    X(norm, "Euclidean norms.") \
    X(any, "Whether any element is true (not 0).") \
    X(all, "Whether all elements are true (not 0).")

/* Methods, not functions: they take sizes or axes one by one or as one tuple. */
#define SHAPE_METHODS(X) \
    X(reshape, "The same elements in row-major order under another shape; one size may be -1.") \
    X(transpose, "Without axes reversed; with two axes those swapped; with all of them permuted. Never copies.") \
    X(permute, "Axis i of the result is axis axes[i]. Never copies.") \
    X(broadcast_to, "Repeats size-1 axes to fit the shape. Never copies.") \
    X(expand_dims, "Adds an axis of size 1 before position axis.") \
    X(squeeze, "Drops an axis of size 1, or all of them.")

#endif
