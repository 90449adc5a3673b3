/**
 * @file separable.hpp
 * Models that are linear in some of their parameters, by variable projection.
 */
#ifndef TALWEG_SEPARABLE_HPP
#define TALWEG_SEPARABLE_HPP

#include "nonlinear.hpp"

namespace talweg {

/** Fits y by `function_count` functions, linear in their coefficients, whose values [y's count, function_count] a
    function of alpha writes, as another may their derivatives [p, count, function_count]; of all parameters, alpha and
    behind it the coefficients. What the functions throw, this throws. */
inline LeastSquaresResult variable_projection(int64_t function_count, const VectorFunction &functions, const Tensor &y,
                                              const Tensor &start,
                                              const tw_least_squares_options &options = TW_LEAST_SQUARES_OPTIONS_INIT,
                                              const VectorFunction &derivatives = nullptr, const Tensor &sigma = {},
                                              bool kaufman = false) {
    struct Context {
        const VectorFunction &functions, &derivatives;
    } context{functions, derivatives};
    tw_separable model = TW_SEPARABLE_INIT;
    model.count = y.count();
    model.function_count = function_count;
    model.kaufman = kaufman;
    model.context = &context;
    model.function = [](void *c, const double *alpha, double *out) {
        return detail::guarded([&] { static_cast<Context *>(c)->functions(alpha, out); });
    };
    if (derivatives)
        model.derivatives = [](void *c, const double *alpha, double *out) {
            return detail::guarded([&] { static_cast<Context *>(c)->derivatives(alpha, out); });
        };
    return detail::made<LeastSquaresResult, tw_least_squares_result>(tw_variable_projection, &model, y, sigma, start,
                                                                     &options);
}

}  // namespace talweg

#endif
